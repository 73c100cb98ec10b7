"""Taking turns: only one process on this computer computes with llama.cpp at a time.

Two at once are 10 to 40 times slower on a small machine, not twice. A process that waits holds the
queue lock, so that the one at work sees it and lets it have its turn.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
from filelock import FileLock, Timeout

from rlm_desktop.errors import UserError

SLICE = 5.0
"""Seconds one process computes before it lets a waiting one have its turn."""


class Holder(msgspec.Struct, frozen=True):
    """Whose turn it is.

    Attributes:
        worker: The process that computes.
        client: The process it computes for.
        program: What a person calls that one.
        since: When its turn began, in seconds since the epoch.
    """

    worker: int
    client: int
    program: str
    since: float

    @property
    def pid(self) -> int:
        """The process to look at: the one that was started by a person, or what it left behind."""
        return self.client if psutil.pid_exists(self.client) else self.worker

    @property
    def clock(self) -> str:
        """When its turn began, as this computer's clock shows it."""
        return time.strftime("%H:%M", time.localtime(self.since))


_holder_decoder: msgspec.json.Decoder[Holder] = msgspec.json.Decoder(Holder)


class Turn:
    """This process's turn.

    Args:
        folder: Where the lock files are; the same for all processes of this user.
        slice_seconds: How long a turn is while another process waits.
        program: What a person calls the program this process computes for.
    """

    def __init__(self, folder: Path, slice_seconds: float = SLICE, program: str = "") -> None:
        self._turn = FileLock(folder / "llama.lock", blocking=False)
        self._queue = FileLock(folder / "llama.queue.lock", blocking=False)
        self._holder = folder / "llama.holder"
        self._slice = slice_seconds
        self._program = program
        self._client = os.getppid()
        self._since = 0.0

    @property
    def held(self) -> bool:
        """Whether it is this process's turn."""
        return bool(self._turn.is_locked)

    def take(self) -> bool:
        """Try to have the turn, without waiting; queued from the first try that fails.

        Raises:
            UserError: The locks cannot be used.
        """
        if self.held:
            return True
        if not _try(self._queue):
            return False
        if not _try(self._turn):
            return False
        self._queue.release()
        self._sign()
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

    def holder(self) -> Holder | None:
        """Whose turn it is, if that is another process that has signed already."""
        try:
            holder = _holder_decoder.decode(self._holder.read_bytes())
        except (OSError, msgspec.DecodeError):
            return None
        return holder if holder.worker != os.getpid() and psutil.pid_exists(holder.worker) else None

    def _sign(self) -> None:
        holder = Holder(os.getpid(), self._client, self._program, time.time())
        with suppress(OSError):  # on a full disk; the turn is held by the lock alone
            self._holder.write_bytes(msgspec.json.encode(holder))


def _try(lock: FileLock) -> bool:
    if lock.is_locked:
        return True
    try:
        lock.acquire()
    except Timeout:
        return False
    except (OSError, NotImplementedError) as error:  # the latter from file systems that cannot lock
        raise UserError(
            f"The lock {lock.lock_file}, by which programs take turns with llama.cpp, cannot be used: {error}.",
            "See that its folder can be written.",
        ) from error
    return True
