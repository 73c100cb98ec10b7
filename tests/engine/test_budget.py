"""The budget refuses before anything is spent, and keeps enough for the final turn."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.engine.budget import FINAL_TOKENS, Budget, LimitHit
from rlm_desktop.events import Limits, Usage
from rlm_desktop.models.prices import FREE, Price


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_no_limits_refuse_nothing() -> None:
    budget = Budget(Limits(turns=None, subcalls=None))
    budget.start_turn(10_000)
    budget.reserve_subcall()
    assert (await budget.reserve(10**6, 500)).completion == 500
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


async def test_cost_counts_only_what_was_spent() -> None:
    budget = Budget(Limits(cost_usd=0.0))
    budget.check()
    reserved = await budget.reserve(10, 10, FREE)
    budget.settle(reserved, Usage(cost_usd=0.01))
    with pytest.raises(LimitHit):
        budget.check()


async def test_a_reply_is_as_long_as_the_money_left_buys() -> None:
    price = Price(prompt=1.0, completion=10.0)
    budget = Budget(Limits(cost_usd=0.001))
    reserved = await budget.reserve(100, 1000, price)
    assert reserved.completion == 90  # 0.001 - 0.0001, at 0.00001 a token
    budget.settle(reserved, Usage(100, 90, cost_usd=reserved.cost))
    with pytest.raises(LimitHit) as hit:
        await budget.reserve(1, 1, price)
    assert hit.value.which == "cost"


async def test_a_share_of_the_money_is_kept_for_the_final_turn() -> None:
    price = Price(prompt=1.0, completion=10.0)
    assert Budget(Limits(cost_usd=0.01), price=price).money_left == pytest.approx(0.008)
    budget = Budget(Limits(cost_usd=1.0), price=price)
    assert budget.money_left == pytest.approx(1.0 - FINAL_TOKENS * 10e-6)
    with pytest.raises(LimitHit):
        await budget.reserve(990_000, 10, price)
    budget.open_final()
    assert (await budget.reserve(990_000, 10, price)).completion == 10


async def test_a_call_waits_for_what_others_give_back() -> None:
    budget = Budget(Limits(tokens=100_000))
    first = await budget.reserve(50_000, 40_000)
    second = asyncio.ensure_future(budget.reserve(1000, 30_000))
    await asyncio.sleep(0)
    assert not second.done()
    budget.settle(first, Usage(50_000, 10))
    assert (await second).completion == 30_000


async def test_a_refused_call_ends_the_exploration() -> None:
    budget = Budget(Limits(tokens=1000))
    with pytest.raises(LimitHit):
        await budget.reserve(900, 10)
    with pytest.raises(LimitHit):
        budget.check()


CALLS = st.tuples(
    st.integers(1, 5000), st.integers(1, 2000), st.floats(0, 1), st.integers(0, 3), st.booleans()
)
PRICES = st.builds(Price, st.floats(0, 100), st.floats(0, 100))


@given(
    st.integers(100, 100_000),
    st.floats(0, 1),
    st.lists(st.tuples(CALLS, PRICES), max_size=30),
    st.integers(0, 30),
)
def test_no_interleaving_overshoots(
    tokens: int, money: float, calls: list[tuple[tuple[int, int, float, int, bool], Price]], final: int
) -> None:
    """Whatever is granted, however much of it is used, however many run at once, and whoever is cancelled."""
    spent = asyncio.run(_interleave(Limits(tokens=tokens, cost_usd=money), calls, final))
    assert spent.prompt_tokens + spent.completion_tokens <= tokens
    assert spent.cost_usd <= money * (1 + 1e-9)


async def _interleave(
    limits: Limits, calls: list[tuple[tuple[int, int, float, int, bool], Price]], final: int
) -> Usage:
    budget = Budget(limits)

    async def call(
        prompt: int, completion: int, used: float, steps: int, cancelled: bool, price: Price
    ) -> None:
        reserved = await budget.reserve(prompt, completion, price)
        usage = Usage(int(prompt * used), int(reserved.completion * used))
        try:
            for _ in range(steps):
                await asyncio.sleep(0)
            if cancelled:
                raise asyncio.CancelledError
        finally:
            budget.settle(reserved, price.charge(usage))

    tasks = []
    for index, (arguments, price) in enumerate(calls):
        if index == final:
            budget.open_final()
        tasks.append(asyncio.ensure_future(call(*arguments, price)))
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert result is None or isinstance(result, LimitHit | asyncio.CancelledError)
    return budget.spent
