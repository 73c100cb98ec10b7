"""Taking turns: only one process on this computer computes with llama.cpp at a time.

Two at once are 10 to 40 times slower on a small machine, not twice. A process that waits holds the
queue lock, so that the one at work sees it and lets it have its turn.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from filelock import FileLock, Timeout

SLICE = 5.0
"""Seconds one process computes before it lets a waiting one have its turn."""


class Turn:
    """This process's turn.

    Args:
        folder: Where the lock files are; the same for all processes of this user.
        slice_seconds: How long a turn is while another process waits.
    """

    def __init__(self, folder: Path, slice_seconds: float = SLICE) -> None:
        self._turn = FileLock(folder / "llama.lock", blocking=False)
        self._queue = FileLock(folder / "llama.queue.lock", blocking=False)
        self._holder = folder / "llama.pid"
        self._slice = slice_seconds
        self._since = 0.0

    @property
    def held(self) -> bool:
        """Whether it is this process's turn."""
        return bool(self._turn.is_locked)

    def take(self) -> bool:
        """Try to have the turn, without waiting; queued from the first try that fails."""
        if self.held:
            return True
        if not _try(self._queue):
            return False
        if not _try(self._turn):
            return False
        self._queue.release()
        self._holder.write_text(str(os.getpid()))
        self._since = time.monotonic()
        return True

    def pass_on(self) -> bool:
        """End the turn if it was long enough and another process waits.

        Returns:
            Whether it was ended.
        """
        if not self.held or time.monotonic() - self._since < self._slice:
            return False
        if _try(self._queue):
            self._queue.release()
            self._since = time.monotonic()
            return False
        self._turn.release()
        return True

    def give_back(self) -> None:
        """End the turn, or stop waiting for it."""
        self._turn.release()
        self._queue.release()

    def holder(self) -> int:
        """Process whose turn it is; 0 when unknown."""
        try:
            return int(self._holder.read_text())
        except (OSError, ValueError):
            return 0


def _try(lock: FileLock) -> bool:
    if lock.is_locked:
        return True
    try:
        lock.acquire()
    except Timeout:
        return False
    return True
