"""A text comes out the same however it was cut on the way, and a key does not come out at all."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.base import Message
from rlm_desktop.models.remote.text import (
    REDACTED,
    Redactor,
    estimate_tokens,
    planned_tokens,
    prompt_tokens,
    without_key,
)

KEY = "sk-abcabcab"
PIECES = st.lists(
    st.sampled_from([KEY, KEY[:4], KEY[4:], KEY[:9], "abc", "sk-", "a text ", "\n"]), max_size=12
)


def cut(text: str, places: list[int]) -> list[str]:
    marks = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in itertools.pairwise(marks)]


@given(PIECES, st.lists(st.integers(0, 1000)))
def test_a_key_is_taken_out_however_the_text_is_cut(pieces: list[str], places: list[int]) -> None:
    text = "".join(pieces)
    redactor = Redactor(KEY)
    shown = "".join(map(redactor.feed, cut(text, places))) + redactor.finish()
    assert KEY not in shown
    assert shown == without_key(text, KEY)
    if KEY[:8] not in text:
        assert shown == text


@given(st.text(), st.lists(st.integers(0, 1000)))
def test_without_a_key_nothing_is_changed(text: str, places: list[int]) -> None:
    redactor = Redactor("")
    assert "".join(map(redactor.feed, cut(text, places))) + redactor.finish() == text


def test_what_is_left_at_the_end_of_a_key_s_beginning() -> None:
    assert without_key(f"it is {KEY[:8]}", KEY) == f"it is {REDACTED}"
    assert without_key(f"it is {KEY[:7]}", KEY) == f"it is {KEY[:7]}"


@given(st.text(), st.text())
def test_estimates_grow_with_the_text(first: str, second: str) -> None:
    together = estimate_tokens(first + second)
    assert max(estimate_tokens(first), estimate_tokens(second)) <= together
    assert together <= estimate_tokens(first) + estimate_tokens(second)
    messages = (Message("user", first), Message("user", second))
    assert prompt_tokens(messages) >= planned_tokens(()) + together


def test_estimates_of_kinds_of_text() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("word " * 300) == 500
    assert estimate_tokens("3.14159,2.71828") == 15
    assert estimate_tokens("狐" * 10) == 18
