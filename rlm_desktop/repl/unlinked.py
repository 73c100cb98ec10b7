"""Files that take room on a disk and that no folder has: those a process holds open, or has in memory, and unlinked."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

_GONE = " (deleted)"
"""What the system writes behind the path that such a file had."""


def held(pid: int, folder: Path, largest: int) -> int:
    """Bytes on disk of the files that were below a folder, and that only this process still has.

    Nothing that cannot be seen is counted: processes of other users, and systems without ``/proc``.

    Args:
        pid: Number of the process.
        folder: Where the files were made.
        largest: Bytes that one may have. It is what counts for one that is in memory and not open, whose size nobody
            tells: ``mmap`` of Python keeps it open.
    """
    below = f"{folder.resolve()}/"
    sizes: dict[int, int] = {}
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as descriptors:
        for one in descriptors:
            with contextlib.suppress(OSError):  # it was closed just now
                _add(one.path, below, sizes)
    with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", "rb") as maps:  # noqa: PTH123
        for line in maps:
            if line.endswith(f"{_GONE}\n".encode()):
                *_, inode, path = os.fsdecode(line).split(maxsplit=5)
                if path.startswith(below):
                    sizes.setdefault(int(inode), largest)
    return sum(sizes.values())


def _add(descriptor: str, below: str, sizes: dict[int, int]) -> None:
    """Add the size of an open file, if it is one of those."""
    path = os.readlink(descriptor)  # noqa: PTH115
    if path.startswith(below) and path.endswith(_GONE):
        status = os.stat(descriptor)  # noqa: PTH116
        if stat.S_ISREG(status.st_mode) and not status.st_nlink:
            sizes[status.st_ino] = 512 * status.st_blocks
