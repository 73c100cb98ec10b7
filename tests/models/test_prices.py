"""What models cost, from the list that comes with the package."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.events import Usage
from rlm_desktop.models.prices import FREE, Price, look_up

OPENAI, ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com/v1"


def test_a_cost_counts_reused_tokens_at_their_own_price() -> None:
    usage = Usage(prompt_tokens=1000, completion_tokens=100, reused_tokens=400)
    assert Price(2.5, 10.0, 1.25).cost(usage) == pytest.approx(0.0015 + 0.0005 + 0.001)
    assert Price(2.5, 10.0).cost(usage) == pytest.approx(0.0025 + 0.001)
    assert Price(2.5, 10.0).charge(usage).cost_usd == pytest.approx(0.0035)
    assert FREE.cost(usage) == 0


def test_known_models_have_a_price_and_a_window() -> None:
    known = look_up(OPENAI, "gpt-4o-mini", 128_000)
    assert known.price == Price(0.15, 0.6, 0.075)
    assert known.context_window == 128_000
    assert look_up(ANTHROPIC, "claude-sonnet-4-5", 200_000).price is not None


def test_where_long_prompts_cost_more_the_window_decides() -> None:
    short, long = (look_up(ANTHROPIC, "claude-sonnet-4-5", window).price for window in (200_000, 1_000_000))
    assert short is not None
    assert long is not None
    assert long.prompt == 2 * short.prompt


@pytest.mark.parametrize(
    ("url", "model"),
    [(OPENAI, "no-such-model"), ("https://example.org/v1", "gpt-4o"), ("", "gpt-4o"), (OPENAI, "")],
)
def test_what_nobody_knows_has_no_price(url: str, model: str) -> None:
    assert look_up(url, model, 128_000).price is None


def test_prices_are_never_fetched() -> None:
    look_up(OPENAI, "gpt-4o-mini", 128_000)
    from genai_prices import data_snapshot

    assert not data_snapshot.get_snapshot().from_auto_update
    assert "genai_prices" in sys.modules


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 1000), st.floats(0, 1000))
def test_no_part_of_a_prompt_costs_more_than_a_fresh_one(
    prompt: int, completion: int, reused: float, first: float, second: float
) -> None:
    price = Price(max(first, second), 1.0, min(first, second))
    usage = Usage(prompt, completion, int(prompt * reused))
    assert 0 <= price.cost(usage) <= price.cost(Usage(prompt, completion)) * (1 + 1e-9)
