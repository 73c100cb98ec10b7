"""How full the scratch folder of a REPL is while a cell runs, and an end to the cell that fills it."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from rlm_desktop.repl.launch import Child
from rlm_desktop.repl.scratch import LEAST_ROOM, MOST_FILES, empty, fill, opened, room
from rlm_desktop.repl.through import see_through
from rlm_desktop.repl.unlinked import held

_LOOK = 0.25
"""Seconds between two looks at how much a cell has written to a disk; a quick one writes 500 MB in that time."""
_ROUNDING = 2**20
"""Bytes by which what a disk holds may be more than what was written: a file takes whole blocks."""


class Fullness:
    """What a cell has put into the folder of its REPL.

    Args:
        child: The REPL.
        most_bytes: How many it may have there, and as many again in files that are there no more: contexts go to the host
            in such files, and those of a cell may be as long as all documents.

    Attributes:
        excess: What there is too much of, as a sentence without its end; empty while there is not.
    """

    def __init__(self, child: Child, most_bytes: int) -> None:
        self.excess = ""
        self._child = child
        self._most = most_bytes
        self._too_much = most_bytes + _ROUNDING

    async def watch(self) -> None:
        """Kill a cell that fills the disk, or the kernel's memory with names of files."""
        before = await asyncio.to_thread(room, self._child.scratch)
        while not self.excess:
            await asyncio.sleep(_LOOK)
            if self._child.scratch is None:
                return  # it has ended
            await self._look()
            left = await asyncio.to_thread(room, self._child.scratch)
            if _is_crowded(before, left, self._most):
                self.excess = f"The disk of the cell's folder is full but for {(left or 0) // 2**20} MB"
        self._child.kill_cell()

    async def settle(self) -> bool:
        """Whether a cell that has ended may count: what it leaves open costs the cells after it too.

        A folder in memory is not looked at: what is unlinked takes of its fixed size as well.
        """
        if isinstance(self._child.scratch, Path) and not self.excess:
            await self._look()
        return not self.excess

    async def clear(self) -> bool:
        """Empty the folder if a cell filled it; whether that leaves no more than may be."""
        if not self.excess or self._child.scratch is None:
            return True
        with contextlib.suppress(OSError):
            await asyncio.to_thread(empty, opened(self._child.scratch))
        return await asyncio.to_thread(self._unlinked) <= self._too_much

    async def _look(self) -> None:
        if self._child.scratch is None:
            return
        with contextlib.suppress(OSError):
            size, files, unlinked = await see_through(self._measure, opened(self._child.scratch))
            limit = f"more than {self._most // 2**20} MB"
            if size > self._too_much or files > MOST_FILES:
                self.excess = f"The cell put {limit} or {MOST_FILES:,} files into its folder"
            elif unlinked > self._too_much:
                self.excess = f"The cell has {limit} in files that are unlinked and still open"

    def _measure(self, folder: int) -> tuple[int, int, int]:
        """Bytes and files in the folder, and bytes of what was there."""
        return *fill(folder, self._too_much), self._unlinked()

    def _unlinked(self) -> int:
        """Bytes of what no folder has any more, and the process that has the variables still does."""
        folder = self._child.scratch
        return held(self._child.state, folder, self._most) if isinstance(folder, Path) else 0


def _is_crowded(before: int | None, left: int | None, most: int) -> bool:
    """Whether a disk is nearly full, and more of it went during a cell than the cell may have; others write too."""
    return before is not None and left is not None and left < LEAST_ROOM and before - left > most
