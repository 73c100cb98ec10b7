"""Estimates are told no more exactly than they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.asking.forecast_words import dollars, duration, exactly, in_words
from rlm_desktop.gui.look.format import THIN
from rlm_desktop.gui.wire.ask import Estimate, Span

FREE = Span(0, 0)


def said(seconds: Span | None, cost: Span | None) -> str:
    return in_words(Estimate("rlm", seconds, cost, "runs", "Why.")).replace(THIN, " ")


@pytest.mark.parametrize(
    ("seconds", "cost", "words"),
    [
        (Span(32, 48), FREE, "~40 s · free"),
        (Span(31, 110), FREE, "30 s to 2 min · free"),
        (Span(110, 130), Span(0.003, 0.0104), "~2 min · $0.003 to $0.01"),
        (None, Span(0.0031, 0.0034), "time not known yet · ~$0.003"),
        (Span(0.01, 0.4), FREE, "~1 s · free"),
        (Span(4, 5), None, "~4 s · price not known"),
        (Span(3600, 9000), FREE, "1 h to 2.5 h · free"),
        (Span(30, 30), Span(0, 0.00001), "~30 s · ~<$0.0001"),
        (None, FREE, "no figures yet for this model"),
        (None, None, "no figures yet for this model"),
    ],
)
def test_an_estimate_in_words(seconds: Span | None, cost: Span | None, words: str) -> None:
    assert said(seconds, cost) == words


def test_the_exact_figures_and_their_reason_are_told_too() -> None:
    text = exactly(Estimate("guided", Span(31.26, 48), Span(0.00312, 0.01), "runs", "Four runs."))
    assert text == "Four runs.\nSeconds: 31.3 to 48.0\nUS dollars: 0.00312 to 0.01000\nWay: guided"
    assert exactly(Estimate("rlm", None, FREE, "", "No run.")) == "No run.\nWay: rlm"


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_a_longer_time_never_reads_as_a_shorter_one(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert _seconds(duration(low)) <= _seconds(duration(high))


@given(st.floats(1, 1e6))
def test_what_is_read_is_near_what_was_reckoned(value: float) -> None:
    assert _seconds(duration(value)) == pytest.approx(value, rel=0.34)


@given(st.floats(0.0001, 1e4))
def test_money_is_rounded_and_never_away(value: float) -> None:
    assert float(dollars(value).strip("$").replace(",", "")) == pytest.approx(value, rel=0.34)


def _seconds(words: str) -> float:
    number, unit = words.split(THIN)
    return float(number) * {"s": 1, "min": 60, "h": 3600}[unit]
