"""What a question will take: from runs like it, else by arithmetic, else no figure at all."""

from __future__ import annotations

import math
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.engine.estimate import Estimate, Ground, Span, estimate, expected, strategy_for, work
from rlm_desktop.events import Limits, Usage
from rlm_desktop.models.llama.tuning import Speeds
from rlm_desktop.models.prices import FREE, Price
from rlm_desktop.models.prospect import Prospect
from rlm_desktop.store import Precedent

GROUND = Ground("Who?", ("/book",), size=4_000_000, tokens=1_000_000)
MEASURED = Prospect("local", 16_384, "guided", FREE, Speeds(prompt=180, together=117, alone=34))
UNKNOWN = Prospect("new", 16_384, "rlm", FREE)
PAID = Prospect("remote", 128_000, "rlm", Price(prompt=1.0, completion=4.0))
seconds = st.floats(min_value=0.1, max_value=1e5)


def past(took: float, question: str = "What?", size: int = 4_000_000, **more: object) -> Precedent:
    fields = {
        "paths": ("/book",), "limits": Limits(), "limit": "", "turns": 4,
        "usage": Usage(1000, 100), **more,
    }  # fmt: skip
    return Precedent(question=question, size=size, seconds=took, **fields)  # type: ignore[arg-type]


def of(
    precedents: list[Precedent],
    model: Prospect = UNKNOWN,
    limits: Limits | None = None,
    strategy: str = "rlm",
) -> Estimate:
    return estimate(GROUND, strategy, (model, model), limits or Limits(), precedents)


def test_runs_over_documents_of_like_size_are_what_it_rests_on() -> None:
    found = of([past(20), past(30), past(45), past(4000, size=4_000_000_000)])
    assert found.basis == "runs" and found.cost_usd == Span(0, 0)
    assert found.seconds is not None and 8 < found.seconds.low < 20 < 45 < found.seconds.high < 110
    assert found.why.startswith("3 earlier runs with this model and way") and "20 s to 45 s" in found.why


def test_the_same_question_is_the_best_guide() -> None:
    found = of([past(300), past(400), past(10, "Who?"), past(12, "Who?")])
    assert found.basis == "same" and found.seconds is not None and found.seconds.high < 60
    assert found.why == "This question was asked 2 times before, in the same way: it took 10 s to 12 s."


def test_the_more_runs_agree_the_narrower_it_is() -> None:
    few, many = of([past(30)]).seconds, of([past(30)] * 20).seconds
    assert few is not None and many is not None
    assert few.low < many.low < 30 < many.high < few.high
    assert "One earlier run" in of([past(30)]).why


def test_a_model_nobody_has_used_or_measured_has_no_figures() -> None:
    found = of([])
    assert (found.seconds, found.cost_usd, found.basis) == (None, Span(0, 0), "")
    assert "there are figures for the next" in found.why


@pytest.mark.parametrize("strategy", ["rlm", "guided", "direct"])
def test_a_measured_speed_makes_a_range(strategy: str) -> None:
    found = of([], MEASURED, strategy=strategy)
    assert found.basis == "speed" and found.seconds is not None
    assert 5 < found.seconds.low < found.seconds.high < 600
    assert "reads 180 and writes 34 tokens a second" in found.why


def test_a_price_makes_a_range_of_money_and_none_of_time() -> None:
    found = of([], PAID)
    assert found.basis == "price" and found.seconds is None and found.cost_usd is not None
    assert 0.001 < found.cost_usd.low < found.cost_usd.high < 0.5
    assert "$1 prompt, $4 reply" in found.why
    nobody_knows = Prospect("server", 8192, "rlm", None)
    assert of([], nobody_knows).cost_usd is None
    assert of([past(3)], nobody_knows).cost_usd is None


def test_what_was_paid_before_counts_more_than_the_price() -> None:
    runs = [past(9, usage=Usage(1000, 100, cost_usd=cost)) for cost in (0.02, 0.03)]
    cost = of(runs, PAID).cost_usd
    assert cost is not None and cost.low < 0.02 < 0.03 < cost.high < 0.1


def test_reading_a_longer_document_whole_takes_longer() -> None:
    small = Ground("Who?", ("/note",), size=8000, tokens=2000)
    runs = [past(10, size=4000, usage=Usage(1125, 50))]
    models = (UNKNOWN, UNKNOWN)
    read = estimate(small, "direct", models, Limits(), runs).seconds
    explored = estimate(small, "rlm", models, Limits(), runs).seconds
    assert read is not None and explored is not None
    assert read.low == pytest.approx(2 * explored.low) and read.high == pytest.approx(2 * explored.high)
    again = msgspec.structs.replace(runs[0], question="Who?", paths=("/note",))
    assert estimate(small, "direct", models, Limits(), [again]).seconds == explored


def test_limits_cut_it_short() -> None:
    runs = [past(100, turns=10, usage=Usage(9000, 1000, cost_usd=1.0))] * 5
    whole, capped = of(runs, PAID), of(runs, PAID, Limits(seconds=30, cost_usd=0.1))
    assert whole.seconds is not None and whole.seconds.high > 100
    assert capped.seconds == Span(30, 30) and capped.cost_usd == Span(0.1, 0.1)
    for limits in (Limits(turns=5), Limits(tokens=5000)):
        half = of(runs, PAID, limits).seconds
        assert half is not None and half.high == pytest.approx(whole.seconds.high / 2)


def test_a_run_that_a_limit_stopped_tells_only_of_that_limit() -> None:
    stopped = past(10, limit="turns", limits=Limits(turns=2))
    assert of([stopped], limits=Limits(turns=2)).basis == "runs"
    assert of([stopped]).basis == ""


def test_auto_reads_what_fits_and_otherwise_does_what_suits_the_model() -> None:
    small = Ground("Who?", ("/note",), size=8000, tokens=2000)
    assert strategy_for("auto", MEASURED, small) == "direct"
    assert strategy_for("auto", MEASURED, GROUND) == "guided"
    assert strategy_for("rlm", MEASURED, small) == "rlm"


@given(st.lists(seconds, min_size=1, max_size=40))
def test_the_range_holds_the_middle_and_never_turns_round(values: list[float]) -> None:
    found = expected(values)
    middle = math.exp(sum(map(math.log, values)) / len(values))
    assert 0 < found.low < middle * 1.000001 and middle < found.high * 1.000001


@given(st.floats(0.1, 1000), st.floats(1, 100))
def test_slower_runs_move_the_range_as_much(first: float, times: float) -> None:
    one, other = expected([first, 3 * first]), expected([first * times, 3 * first * times])
    assert other.low == pytest.approx(one.low * times) and other.high == pytest.approx(one.high * times)


def test_two_of_three_values_fall_into_the_range() -> None:
    draw = random.Random(6)
    inside = 0
    for _ in range(600):
        *known, new = (draw.lognormvariate(3, 0.8) for _ in range(9))
        found = expected(known)
        inside += found.low <= new <= found.high
    assert 0.6 < inside / 600 < 0.76


@given(
    st.sampled_from(["rlm", "guided", "direct"]),
    st.integers(0, 10**8),
    st.integers(512, 10**6),
    st.builds(Limits, turns=st.none() | st.integers(1, 500), subcalls=st.none() | st.integers(0, 10**5)),
)
def test_the_least_work_is_never_more_than_the_most(
    strategy: str, tokens: int, window: int, limits: Limits
) -> None:
    least, most = work(strategy, tokens, window, limits)
    for part in ("prompt", "fresh", "reply", "sub_prompt", "sub_fresh", "sub_reply"):
        assert 0 <= getattr(least, part) <= getattr(most, part)
    assert least.prompt <= max(window, 2300) or strategy != "direct"
