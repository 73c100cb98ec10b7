"""Numbers in words come out as digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.documents.numerals import numerals

ONES = (
    "zero one two three four five six seven eight nine "
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spelled(number: int) -> str:
    """A number below a million, the way English writes it."""
    if number >= 1000:
        head, rest = divmod(number, 1000)
        return f"{spelled(head)} thousand" + (f" {spelled(rest)}" if rest else "")
    if number >= 100:
        head, rest = divmod(number, 100)
        return f"{ONES[head]} hundred" + (f" and {spelled(rest)}" if rest else "")
    if number >= 20:
        head, rest = divmod(number, 10)
        return TENS[head - 2] + (f"-{ONES[rest]}" if rest else "")
    return ONES[number]


@given(st.integers(1, 999_999))
def test_every_number_is_read(number: int) -> None:
    assert numerals(f"There were {spelled(number)} of them.") == {str(number)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("all the days were nine hundred sixty and nine years: and he died", {"969"}),
        ("an hundred eighty and seven years", {"187"}),
        ("threescore and ten", {"70"}),
        ("one, two, three", {"1", "2", "3"}),
        ("forty days and forty nights", {"40"}),
        ("bread and wine", set()),
        ("", set()),
    ],
)
def test_the_ways_of_books(text: str, found: set[str]) -> None:
    assert numerals(text) == found
