"""The clock of a cell, on a loop whose own stands still unless it is told to go on."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.repl import own_time
from rlm_desktop.repl.own_time import MOST_SEARCHING, OwnTime


class Clock:
    """Stands in for the event loop; ``expired`` is when the timer rang."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.now = 0.0
        self.rings: list[float] = []
        self.expired: float | None = None
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self)
        self.own = OwnTime(seconds, lambda: None)

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, _expired: object) -> Clock:
        self.rings = [self.now + delay]
        return self

    def cancel(self) -> None:
        self.rings = []

    def go_on(self, seconds: float) -> None:
        if self.expired is None and self.rings and self.rings[0] <= self.now + seconds:
            self.expired = self.rings[0]
        self.now += seconds


def test_waiting_for_a_model_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, 10)
    clock.go_on(4)
    clock.own.pause()
    clock.own.pause(search=True)
    clock.go_on(100_000)
    clock.own.resume(search=True)
    clock.own.resume()
    clock.go_on(5)
    assert clock.own.used == 9
    assert clock.expired is None
    clock.go_on(5)
    assert clock.expired == 100_010


def test_searches_that_never_leave_off_do_not_stop_the_clock_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch, 10)
    clock.own.pause(search=True)
    while clock.expired is None and clock.now < 10_000:
        clock.own.pause(search=True)  # another thread asks before the first is answered
        clock.go_on(0.5)
        clock.own.resume(search=True)
    assert clock.expired == MOST_SEARCHING
    assert clock.own.used == 0


def test_a_cell_that_has_ended_never_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, 10)
    clock.own.pause(search=True)
    clock.own.stop()
    clock.own.resume(search=True)
    clock.go_on(10_000)
    assert clock.expired is None


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9)), max_size=30))
def test_every_second_is_counted_once(steps: list[tuple[bool, bool, int]]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(own_time, "MOST_SEARCHING", 40.0)
        clock = Clock(monkeypatch, 30)
        pending = {False: 0, True: 0}
        own = searching = 0
        expired: float | None = None
        for search, more, seconds in steps:
            if more:
                clock.own.pause(search=search)
                pending[search] += 1
            elif pending[search]:
                clock.own.resume(search=search)
                pending[search] -= 1
            own += seconds * (not pending[False] and not pending[True])
            searching += seconds * (not pending[False] and pending[True] > 0)
            clock.go_on(seconds)
            if expired is None and (own >= 30 or searching >= 40):
                expired = clock.now - max(own - 30, searching - 40, 0)
            assert clock.own.used == own
            assert clock.expired == expired
            if expired is not None:
                return
