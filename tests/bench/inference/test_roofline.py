"""The least time: each token once, at the best speed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.bench.inference.roofline import Peaks, roofline, uncached
from rlm_desktop.bench.inference.workload import Workload
from tests.bench.inference.fakes import call, plain

PEAKS = Peaks(name="peaks", prefill={400: 100.0, 2000: 90.0}, decode={1: 10.0, 8: 40.0, 16: 50.0, 32: 45.0})


def test_a_token_is_computed_once() -> None:
    assert uncached([(1, 2, 3), (1, 2, 4), (5,), (1, 2, 4, 6)]) == 3 + 1 + 1 + 1


def test_the_last_token_of_a_prompt_is_always_computed() -> None:
    assert uncached([(1, 2, 3), (1, 2, 3), (1, 2)]) == 3 + 1 + 1


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple), max_size=8))
def test_a_perfect_cache_is_the_set_of_all_beginnings(prompts: list[tuple[int, ...]]) -> None:
    known: set[tuple[int, ...]] = set()
    total = 0
    for prompt in prompts:
        beginnings = {prompt[:end] for end in range(1, len(prompt) + 1)}
        total += max(1, len(beginnings - known))
        known |= beginnings
    assert uncached(prompts) == total


def test_three_bounds() -> None:
    batch = tuple(call(1, 2, 3, number, new=20) for number in range(8))
    workload = Workload("work", ((call(*range(100), new=30, root=True),), batch))
    least = roofline(workload, PEAKS, {"ours": 12.0})
    tokens = 100 + 4 + 7
    assert (least.uncached, least.new_tokens) == (tokens, 190)
    prefill = tokens / 100
    assert least.strict == pytest.approx(prefill + 190 / 50)
    assert least.root_alone == pytest.approx(prefill + 30 / 10 + 160 / 50)
    assert least.as_batched == pytest.approx(prefill + 30 / 10 + 160 / 40)
    (table,) = least.tables()
    assert table.rows[1] == ("ours, × the least", *(f"{12 / s:.2f}" for s in (4.91, 7.31, 8.11)))


def test_the_speed_of_a_width_is_that_of_the_next_one_measured() -> None:
    assert [PEAKS.at(width) for width in (1, 2, 8, 9, 32, 64)] == [10.0, 40.0, 40.0, 50.0, 45.0, 45.0]


def test_peaks_as_json_and_as_a_table() -> None:
    assert plain(PEAKS) == {
        "kind": "peaks",
        "name": "peaks",
        "failures": [],
        "prefill": {"400": 100.0, "2000": 90.0},
        "decode": {"1": 10.0, "8": 40.0, "16": 50.0, "32": 45.0},
    }
    assert PEAKS.tables()[0].rows[1] == ("prefill, a prompt of 2,000 tokens", "90.0")
