"""What is typed becomes terms, never syntax."""

from __future__ import annotations

import pytest

from rlm_desktop.store.query import MOST_TERMS, terms_of


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        (" \n ", []),
        ("enoc", ['"enoc"*']),
        ("Enoch  father", ['"Enoch"', '"father"*']),
        ("find_all(x)", ['"find_all(x)"*']),
        ('"father of" enoch', ['"father of"', '"enoch"*']),
        ('enoch "father of"', ['"enoch"', '"father of"']),
        ('say"so now', ['"say"', '"so"', '"now"*']),
        ("a OR b* NOT c:", ['"a"', '"OR"', '"b*"', '"NOT"', '"c:"*']),
        ("!!! x ???", ['"x"*']),
        ("same same", ['"same"', '"same"*']),
        ("a\0b \ud800x", ['"a"', '"b"', '"?x"*']),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


def test_a_text_pasted_by_mistake_is_cut() -> None:
    assert len(terms_of(" ".join(map(str, range(100_000))))) == MOST_TERMS
    assert terms_of("x" * 100_000) == [f'"{"x" * 1000}"*']
