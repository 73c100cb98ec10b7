"""``for item in progress(items)``: how far a loop of a cell has come; standard library only.

One loop of a cell is shown at a time: the outermost, or the first of those that run in threads.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from rlm_desktop.repl.protocol import LONGEST_LABEL

INTERVAL = 0.25
"""Seconds between two messages of a loop, but for its last."""
BURST = 8
"""So many loops may begin at once and say so; of more in a row, those that go on longest will."""
MOST = 2**53
"""Largest number that is told."""
Say = Callable[[int, int | None, str], None]
"""Tells the host: done, total, label."""


class Bar:
    """What a cell shows of its progress; each cell has its own.

    Args:
        say: Tells the host.
    """

    def __init__(self, say: Say) -> None:
        self._say = say
        self._owner: dict[str, object] = {}
        self._due = 0.0

    def tell(self, loop: Progress, done: int, now: float) -> float:
        """Show how far a loop has come, if it is the one that is shown.

        Returns:
            When to tell again (`time.monotonic`).
        """
        if (
            self._owner.setdefault("loop", loop) is not loop
        ):  # atomic: loops of several threads may ask at once
            return now + INTERVAL
        if now >= self._due - BURST * INTERVAL:
            self._due = max(self._due, now) + INTERVAL
            loop.said = done
            self._say(min(done, MOST), loop.total, loop.label)
        return now + INTERVAL

    def end(self, loop: Progress, done: int) -> None:
        """A loop has ended; it says so if it has said anything before."""
        if self._owner.get("loop") is loop:
            if loop.said not in (None, done):
                self._say(min(done, MOST), loop.total, loop.label)
            self._owner.clear()


class Progress:
    """The items, which tell how many of them are done.

    Args:
        bar: Where to tell it.
        items: What to iterate over, with ``for`` or ``async for``.
        total: How many there are; by default their length, if they have one.
        label: What they are, in a word or two.

    Raises:
        ValueError: The total is negative.
    """

    def __init__(self, bar: Callable[[], Bar], items: Any, total: int | None = None, label: str = "") -> None:
        if total is None and hasattr(items, "__len__"):
            total = len(items)
        if total is not None and total < 0:
            raise ValueError(f"progress needs a total of 0 or more, not {total}")
        self._bar = bar
        self._items = items
        self.total = None if total is None else min(int(total), MOST)
        self.label = str(label)[:LONGEST_LABEL]
        self.said: int | None = None

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Any]:
        done, due, clock = 0, 0.0, time.monotonic
        try:
            for item in self._items:
                if (now := clock()) >= due:
                    due = self._bar().tell(self, done, now)
                yield item
                done += 1
        finally:
            self._bar().end(self, done)

    async def __aiter__(self) -> AsyncIterator[Any]:
        done, due, clock = 0, 0.0, time.monotonic
        try:
            async for item in self._items:
                if (now := clock()) >= due:
                    due = self._bar().tell(self, done, now)
                yield item
                done += 1
        finally:
            self._bar().end(self, done)
