"""The lock a process holds while it lives, so that the next start can tell a run that is going from one cut short."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from filelock import FileLock, Timeout


class Owner:
    """This process as the owner of its runs.

    Args:
        locks: Folder of the lock files, one for each living process.
    """

    def __init__(self, locks: Path) -> None:
        self._locks = locks
        self._lock = FileLock(locks / f"engine-{os.getpid()}-{secrets.token_hex(3)}.lock")
        self.name = Path(self._lock.lock_file).name
        self._lock.acquire(timeout=0)

    def release(self) -> None:
        """Let go of the lock; whatever is still going is then cut short."""
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)

    def another_lives(self, name: str) -> bool:
        """Whether the owner of that name is another process, and alive."""
        path = self._locks / name
        if name == self.name or not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return True
        path.unlink(missing_ok=True)
        return False
