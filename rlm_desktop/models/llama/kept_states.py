"""The folder of KV states as a whole: what all models keep of the passages they have read."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

STATES_LIMIT = 4 * 10**9
"""Bytes of the disk for KV states: passages of 150,000 tokens with the 1.5B model, which takes 28 kB a token."""


def disk_use(folder: Path) -> int:
    """Bytes the states of all models take."""
    return sum(size for _, _, size in kept_files(folder))


def clear(folder: Path) -> int:
    """Delete all states; returns the bytes that were freed."""
    size = disk_use(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return size - disk_use(folder)


def kept_files(folder: Path) -> list[tuple[Path, float, int]]:
    """Every state with the time it was last used and its size, and what a process that died left of one."""
    found = []
    for path in folder.glob("*/*"):
        with suppress(OSError):
            status = path.stat()
            found.append((path, status.st_mtime, status.st_size))
    return found
