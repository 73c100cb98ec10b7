"""The threads that cells leave behind; standard library only.

A process with threads cannot be forked whole, so that they cost the next cell its way back. Workers of a pool that
nobody has shut down wait for ever; they are sent home, and the pool hires others when it is used again.
"""

from __future__ import annotations

import _thread
import contextlib
import ctypes
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_PATIENCE, _GLANCE = 0.05, 0.001
"""Seconds that threads which are about to end have for it at the end of a cell, and between two looks at them."""
_WAY_HOME = 2.0
"""Seconds that workers with nothing to do have to end: on a busy machine they wait for a core."""
_CLONE_THREAD = 0x10000
_unshare = getattr(ctypes.CDLL(None), "unshare", None) if sys.platform == "linux" else None


class Threads:
    """Counts the threads that are there besides those there are now."""

    def __init__(self) -> None:
        self._own = set(threading.enumerate())
        self._count, self._alone = _thread._count(), _alone()

    @property
    def count(self) -> int:
        """How many of Python's have begun since and not ended; takes 0.1 µs."""
        return _thread._count() - self._count

    @property
    def left(self) -> int:
        """How many have been started since and not ended, of which libraries' own count as one; takes 0.4 µs."""
        return self.count or int(self._alone and not _alone())

    def settle(self) -> int:
        """How many are left, once those that are idle or about to end have ended."""
        began = time.monotonic()
        deadline = began + _PATIENCE
        while self.left and time.monotonic() < deadline:
            if pools := self._idle_pools():
                deadline = began + _WAY_HOME
                self._send_home(pools, deadline)
            else:
                time.sleep(_GLANCE)
        return self.left

    def _send_home(self, pools: set[ThreadPoolExecutor], deadline: float) -> None:
        """End the workers of these pools, in which there is nothing to do."""
        for pool in pools:
            with pool._shutdown_lock:
                pool._shutdown = True
                pool._work_queue.put(None)  # type: ignore[arg-type]  # as `shutdown` does
        for thread in self._others():
            thread.join(max(0.0, deadline - time.monotonic()))
        for pool in pools:
            _reopen(pool)

    def _others(self) -> list[threading.Thread]:
        """Those that were started since, as far as `threading` started them."""
        others = set(threading.enumerate()) - self._own
        return [thread for thread in others if not isinstance(thread, threading._DummyThread)]

    def _idle_pools(self) -> set[ThreadPoolExecutor]:
        """The pools of all threads, if every one of those waits for work; else none, since nothing would be gained."""
        module = sys.modules.get("concurrent.futures.thread")
        if module is None:
            return set()
        pools = set()
        frames = sys._current_frames()
        with contextlib.suppress(AttributeError):  # of a Python whose pools are made in another way
            for thread in self._others():
                frame = frames.get(thread.ident or 0)
                if frame is None or frame.f_code is not module._worker.__code__:
                    return set()
                pool = frame.f_locals["executor_reference"]()
                if pool is None or pool._shutdown:
                    continue  # it ends by itself
                if not pool._work_queue.empty():
                    return set()
                pools.add(pool)
        return pools


def _alone() -> bool:
    """Whether this process has one thread; one just started counts, which `_thread` does not know of yet."""
    # A thread cannot be taken out of a group: the kernel does nothing if it is the only one, or says EINVAL.
    return _unshare is None or _unshare(_CLONE_THREAD) == 0


def _reopen(pool: ThreadPoolExecutor) -> None:
    """Let a pool whose workers have gone hire new ones."""
    with pool._shutdown_lock:
        while not pool._work_queue.empty():
            pool._work_queue.get_nowait()
        pool._threads = {thread for thread in pool._threads if thread.is_alive()}
        pool._idle_semaphore = threading.Semaphore(len(pool._threads))
        pool._shutdown = False
