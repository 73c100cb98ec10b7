"""Which of several models steps next, so that each gets the same share of the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

SHORTEST = 0.001
"""Seconds a step counts at least, so that a model that can do nothing just now does not keep the others waiting."""


class Steps(Protocol):
    """What a `scheduler.Scheduler` is here."""

    @property
    def busy(self) -> bool:
        """Whether there is anything to do."""

    def step(self) -> None:
        """Do a part of it."""


class Rotation:
    """Lets the model step that has computed least since it became busy.

    Step by step in turn, a model whose steps take five times as long would get five sixths of the time,
    and the small model that its owner chose for speed would wait for it.

    Args:
        clock: Seconds from any origin.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._spent: dict[str, float] = {}

    def step(self, models: Mapping[str, Steps]) -> None:
        """Let one of the busy models compute a step; one that has just become busy owes and is owed nothing."""
        busy = [name for name, model in models.items() if model.busy]
        least = min((self._spent[name] for name in busy if name in self._spent), default=0.0)
        self._spent = {name: self._spent.get(name, least) for name in busy}
        if not busy:
            return
        name = min(busy, key=self._spent.__getitem__)
        began = self._clock()
        models[name].step()
        self._spent[name] += max(SHORTEST, self._clock() - began)
