"""Remove a folder in which code nobody vetted could write."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove(folder: Path) -> None:
    """Remove a folder and all in it, however deep and whatever its rights; what cannot be removed is left.

    `shutil.rmtree` recurses: it fails at the thousandth folder within a folder, and at one it may not enter. No link
    is followed. Whoever could write there must be gone.
    """
    with contextlib.suppress(OSError):
        top = os.open(folder, _FOLDER)
        try:
            waiting = _empty(top, top)
            while waiting:
                waiting += _remove_one(waiting.pop(), top)
        finally:
            os.close(top)
        folder.rmdir()


def _remove_one(name: str, top: int) -> list[str]:
    """Remove a folder at the top; gives the folders it had, which are at the top now."""
    moved: list[str] = []
    with contextlib.suppress(OSError):
        inner = os.open(name, _FOLDER, dir_fd=top)
        try:
            moved = _empty(inner, top)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)
    return moved


def _empty(folder: int, top: int) -> list[str]:
    """Remove the files of a folder and move the folders in it to the top; gives their new names there."""
    with os.scandir(folder) as listed:
        entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in listed]
    moved: list[str] = []
    for name, is_folder in entries:
        with contextlib.suppress(OSError):
            if is_folder:
                anew = secrets.token_hex(16)
                os.chmod(name, 0o700, dir_fd=folder)
                os.rename(name, anew, src_dir_fd=folder, dst_dir_fd=top)
                moved.append(anew)
            else:
                os.unlink(name, dir_fd=folder)
    return moved
