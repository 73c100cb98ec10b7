"""Folders in which code nobody vetted can write: how much is in one, and an end to it."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

MOST_FILES = 10_000
"""Files and folders a cell may make; they cost the disk, or the memory that stands for one, as bytes do."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def fill(folder: Path | int, most_bytes: int) -> tuple[int, int]:
    """Bytes on disk and number of files below a folder, counted until there is more than there may be of either.

    Args:
        folder: Its path, or a descriptor of one that has no path here.
        most_bytes: How many there may be.
    """
    size = files = 0
    below = [f"/proc/self/fd/{folder}" if isinstance(folder, int) else os.fspath(folder)]
    while below and size <= most_bytes and files <= MOST_FILES:
        with contextlib.suppress(OSError), os.scandir(below.pop()) as entries:  # it may be gone again
            for entry in entries:
                files += 1
                size += 512 * entry.stat(follow_symlinks=False).st_blocks
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry.path)
    return size, files


def remove(folder: Path) -> None:
    """Remove a folder and all in it, as `empty` does."""
    empty(folder)
    with contextlib.suppress(OSError):
        folder.rmdir()


def empty(folder: Path | int) -> None:
    """Remove all that is in a folder, however deep and whatever its rights; what cannot be removed is left.

    `shutil.rmtree` recurses: it fails at the thousandth folder within a folder, and at one it may not enter. No link
    is followed. Whoever could write there must be gone.
    """
    with contextlib.suppress(OSError):
        top = os.open(".", _FOLDER, dir_fd=folder) if isinstance(folder, int) else os.open(folder, _FOLDER)
        try:
            waiting = _empty_one(top, top)
            while waiting:
                waiting += _remove_one(waiting.pop(), top)
        finally:
            os.close(top)


def _remove_one(name: str, top: int) -> list[str]:
    """Remove a folder at the top; gives the folders it had, which are at the top now."""
    moved: list[str] = []
    with contextlib.suppress(OSError):
        inner = os.open(name, _FOLDER, dir_fd=top)
        try:
            moved = _empty_one(inner, top)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)
    return moved


def _empty_one(folder: int, top: int) -> list[str]:
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
