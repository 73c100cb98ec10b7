"""Folders in which code nobody vetted can write: how much is in one, and an end to it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

MOST_FILES = 10_000
"""Files and folders a cell may make; they cost the disk, or the memory that stands for one, as bytes do."""
MOST_DEPTH = 32
"""Folders within folders: below that they cannot be counted with a few descriptors, and so count as too many."""
LEAST_ROOM = 2**30
"""Bytes that a cell may not leave a disk with less of, however little its folder seems to hold."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def opened(folder: Path | int) -> int:
    """A new descriptor of a folder, for `fill` or `empty`: its own number may be another's before a thread begins.

    Raises:
        OSError: It is gone.
    """
    return os.open(".", _FOLDER, dir_fd=folder) if isinstance(folder, int) else os.open(folder, _FOLDER)


@dataclass
class _Tally:
    """What was counted so far."""

    most_bytes: int
    size: int = 0
    files: int = 0

    def take(self, folder: int, depth: int = 0) -> None:
        """Count what is in an open folder and below it, and close that."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if self.size > self.most_bytes or self.files > MOST_FILES:
                        return
                    self.files += 1
                    with contextlib.suppress(FileNotFoundError):  # it is gone again
                        self._add(folder, entry, depth)
        finally:
            os.close(folder)

    def _add(self, folder: int, entry: os.DirEntry[str], depth: int) -> None:
        self.size += 512 * entry.stat(follow_symlinks=False).st_blocks
        if not entry.is_dir(follow_symlinks=False):
            return
        if depth == MOST_DEPTH:
            self.files += MOST_FILES
            return
        with contextlib.suppress(NotADirectoryError):  # it is no folder any more
            self.take(_enter(entry.name, folder), depth + 1)


def fill(folder: int, most_bytes: int) -> tuple[int, int]:
    """Bytes on disk and number of files below a folder, counted until there is more than there may be of either.

    Args:
        folder: A descriptor from `opened`, which is closed.
        most_bytes: How many there may be.

    Raises:
        OSError: It cannot be read.
    """
    tally = _Tally(most_bytes)
    tally.take(folder)
    return tally.size, tally.files


def room(folder: Path | int | None) -> int | None:
    """Bytes left on the disk of a folder: what is unlinked and still open takes of them too, and no folder has it.

    ``None`` for a folder that is in memory, or of which nobody knows.
    """
    if isinstance(folder, Path):
        with contextlib.suppress(OSError):
            return shutil.disk_usage(folder).free
    return None


def _enter(name: str, within: int) -> int:
    """Open a folder that a cell made; not what a link leads to that has taken its place."""
    try:
        return os.open(name, _FOLDER, dir_fd=within)
    except PermissionError:
        return _take_over(name, within)


def _take_over(name: str, within: int) -> int:
    """The same, with every right to it: `os.chmod` by name would follow the link."""
    place = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)
    try:
        Path(f"/proc/self/fd/{place}").chmod(0o700)
        return os.open(f"/proc/self/fd/{place}", _FOLDER & ~os.O_NOFOLLOW)
    finally:
        os.close(place)


def remove(folder: Path) -> None:
    """Remove a folder and all in it, as `empty` does."""
    with contextlib.suppress(OSError):
        empty(opened(folder))
        folder.rmdir()


def empty(folder: int) -> None:
    """Remove all that is in a folder, however deep and whatever its rights; what cannot be removed is left.

    `shutil.rmtree` recurses: it fails at the thousandth folder within a folder, and at one it may not enter. No link
    is followed, even if whoever writes there is not gone.

    Args:
        folder: A descriptor from `opened`, which is closed.
    """
    with contextlib.suppress(OSError):
        try:
            waiting = _empty_one(folder, folder)
            while waiting:
                waiting += _remove_one(waiting.pop(), folder)
        finally:
            os.close(folder)


def _remove_one(name: str, top: int) -> list[str]:
    """Remove a folder at the top; gives the folders it had, which are at the top now."""
    moved: list[str] = []
    with contextlib.suppress(OSError):
        inner = _take_over(name, top)
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
                os.close(_take_over(name, folder))
                os.rename(name, anew, src_dir_fd=folder, dst_dir_fd=top)
                moved.append(anew)
            else:
                os.unlink(name, dir_fd=folder)
    return moved
