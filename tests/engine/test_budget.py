"""The budget refuses before anything is spent, and keeps enough for the final turn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.engine.budget import Budget, LimitHit
from rlm_desktop.events import Limits, Usage


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_no_limits_refuse_nothing() -> None:
    budget = Budget(Limits(turns=None, subcalls=None))
    budget.start_turn(10_000)
    budget.reserve_subcall()
    assert budget.reserve_tokens(10**6, 500) == 500
    assert (budget.seconds_left, budget.tokens_left, budget.subcalls_left) == (None, None, None)


def test_turns_are_counted_for_each_rlm() -> None:
    budget = Budget(Limits(turns=2))
    budget.start_turn(2)
    with pytest.raises(LimitHit) as hit:
        budget.start_turn(3)
    assert (hit.value.which, hit.value.value) == ("turns", 2)


def test_a_refused_sub_call_ends_the_exploration() -> None:
    budget = Budget(Limits(subcalls=1))
    budget.reserve_subcall()
    budget.check()
    with pytest.raises(LimitHit):
        budget.reserve_subcall()
    with pytest.raises(LimitHit, match="1 sub-calls"):
        budget.check()
    budget.open_final()
    budget.check()


def test_seconds_keep_a_share_for_the_final_turn() -> None:
    clock = Clock()
    budget = Budget(Limits(seconds=50), clock)
    clock.now = 39.9
    budget.check()
    clock.now = 40.0
    with pytest.raises(LimitHit):
        budget.check()
    budget.open_final()
    assert budget.seconds_left == 10.0


def test_cost_counts_only_what_was_spent() -> None:
    budget = Budget(Limits(cost_usd=0.0))
    budget.check()
    budget.settle(0, 0, Usage(cost_usd=0.01))
    with pytest.raises(LimitHit):
        budget.check()


@given(
    st.integers(100, 100_000),
    st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 2000), st.floats(0, 1)), max_size=40),
)
def test_tokens_are_never_overshot(limit: int, calls: list[tuple[int, int, float]]) -> None:
    """Whatever is granted, and however much of it is used, and however many calls run at once."""
    budget = Budget(Limits(tokens=limit))
    running: list[tuple[int, int]] = []
    for prompt, completion, used in calls:
        try:
            running.append((prompt, budget.reserve_tokens(prompt, completion)))
        except LimitHit:
            budget.open_final()
        if running and used > 0.5:
            asked, granted = running.pop()
            budget.settle(asked, granted, Usage(asked, int(granted * used)))
    for asked, granted in running:
        budget.settle(asked, granted, Usage(asked, granted))
    assert budget.spent.prompt_tokens + budget.spent.completion_tokens <= limit
