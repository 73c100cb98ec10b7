"""The time a cell has for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MOST_SEARCHING = 600.0
"""Seconds in all for which a cell may wait for searches; as long as it may compute."""


class OwnTime:
    """Counts the time of a cell, without that in which the host answers its calls.

    A thread of it may compute while another waits, which nobody sees. Models are asked a limited number of times;
    searches are not, so that what passes while a cell waits for nothing but searches has a limit of its own.

    Args:
        seconds: How much it has.
        expired: Called when either is used up.
    """

    def __init__(self, seconds: float, expired: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._given = self._own = seconds
        self._searching = MOST_SEARCHING
        self._expired = expired
        self._calls = self._searches = 0
        self._since = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False
        self._change()

    def pause(self, *, search: bool = False) -> None:
        """Stop counting, until as many calls of `resume`."""
        self._change(not search, search)

    def resume(self, *, search: bool = False) -> None:
        """Count again."""
        self._change(-(not search), -search)

    def _change(self, calls: int = 0, searches: int = 0) -> None:
        """Settle what has passed, and go on with so many more calls and searches to wait for."""
        now = self._loop.time()
        if self._searches and not self._calls:
            self._searching -= now - self._since
        elif not self._calls:
            self._own -= now - self._since
        self._since = now
        self._calls += calls
        self._searches += searches
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not (self._calls or self._stopped):
            left = self._searching if self._searches else self._own
            self._timer = self._loop.call_later(max(left, 0.0), self._expired)

    @property
    def used(self) -> float:
        """Seconds counted so far."""
        running = 0.0 if self._calls or self._searches else self._loop.time() - self._since
        return self._given - self._own + running

    def stop(self) -> None:
        """Never expire."""
        self._stopped = True
        self._change()
