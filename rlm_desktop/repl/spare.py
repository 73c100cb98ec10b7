"""What a cell cannot use up, so that its process can still say how it ended; standard library only."""

from __future__ import annotations

import contextlib
import mmap
import os
import sys

_BYTES = 16 * 2**20
"""Of the address space: a report of a cell, some tables of the allocator, and the next order take less."""
_PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if sys.platform != "win32" else {}


class Spare:
    """Two descriptors and some memory that nobody touches, given back when the code of a cell has ended.

    Where even they cannot be had, an earlier cell has left nothing, and this one goes on without.
    """

    def __init__(self) -> None:
        self._fds: list[int] = []
        self._memory: mmap.mmap | None = None
        with contextlib.suppress(OSError, MemoryError):
            self._memory = mmap.mmap(-1, _BYTES, **_PRIVATE)
        with contextlib.suppress(OSError):
            self._fds += [os.dup(0), os.dup(0)]

    def give_back(self) -> None:
        """Let go of it; may be called again."""
        for fd in self._fds:
            with contextlib.suppress(OSError):  # the cell may have closed it
                os.close(fd)
        self._fds.clear()
        if self._memory is not None:
            self._memory.close()
            self._memory = None
