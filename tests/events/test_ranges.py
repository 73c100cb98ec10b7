from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from rlm_desktop.errors import StoreError
from rlm_desktop.events import Extent, Range, decode_ranges, encode_ranges
from rlm_desktop.events.ranges import MOST, in_words

SPANS = st.builds(
    lambda document, start, length, ambiguous: Range(document, start, start + length, ambiguous),
    st.integers(0, 4),
    st.integers(0, 200),
    st.integers(1, 60),
    st.booleans(),
)
RANGES = st.lists(SPANS, max_size=20)


def characters(ranges: list[Range] | tuple[Range, ...] | Extent) -> set[tuple[int, int]]:
    return {(one.document, at) for one in ranges for at in range(one.start, one.end)}


@given(RANGES)
def test_what_is_encoded_is_decoded(ranges: list[Range]) -> None:
    text = encode_ranges(ranges)
    decoded = decode_ranges(text)
    assert characters(decoded) == characters(ranges)
    certain = [one for one in ranges if not one.ambiguous]
    assert characters([one for one in decoded if not one.ambiguous]) == characters(certain)
    assert encode_ranges(decoded) == text
    assert sorted(decoded, key=lambda one: (one.document, one.start)) == list(decoded)


def test_the_form() -> None:
    ranges = [Range(3, 0, 500), Range(0, 168, 180, ambiguous=True), Range(0, 120, 160)]
    assert encode_ranges(ranges) == "0:120+40,8+12~;3:0+500"
    assert encode_ranges([]) == ""
    assert decode_ranges("") == ()


@given(st.text(alphabet="0123456789:+,~; -x", max_size=30))
@settings(max_examples=300)
def test_any_text_is_ranges_or_refused(text: str) -> None:
    try:
        ranges = decode_ranges(text)
    except StoreError:
        return
    assert all(0 <= one.start < one.end for one in ranges)


@pytest.mark.parametrize(
    "text", ["0", "0:1", "0:1+0", "0:-1+4", "0:1+2;", "a:1+2", "0:1+2 ", "0:1+2,", "0:1+2\n"]
)
def test_damaged_texts_are_refused(text: str) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        decode_ranges(text)


def test_what_makes_no_sense_is_left_out() -> None:
    assert encode_ranges([Range(0, 9, 4), Range(-1, 0, 5), Range(1, -3, 2)]) == "1:0+2"


def test_many_ranges_become_fewer_and_lose_nothing() -> None:
    ranges = [Range(number % 7, 10 * number, 10 * number + 3) for number in range(5 * MOST)]
    decoded = decode_ranges(encode_ranges(ranges))
    assert len(decoded) == MOST
    assert characters(ranges) <= characters(decoded)
    documents = [Range(number, 0, 1 + number) for number in range(3 * MOST)]
    assert [one.document for one in decode_ranges(encode_ranges(documents))] == list(
        range(2 * MOST, 3 * MOST)
    )


@given(RANGES, RANGES)
def test_sets_of_characters(ones: list[Range], others: list[Range]) -> None:
    one, other = Extent(ones), Extent(others)
    assert characters(one) == characters(ones)
    assert one.characters == len(characters(ones))
    assert characters(one.without(other)) == characters(ones) - characters(others)
    assert one.documents == sorted({range_.document for range_ in ones})
    one.add(others)
    assert characters(one) == characters(ones) | characters(others)
    spans = list(one)
    assert all(a.document < b.document or a.end < b.start for a, b in pairwise(spans))


def test_in_words() -> None:
    extent = Extent([Range(0, 0, 400), Range(2, 10, 20), *(Range(1, at, at + 5) for at in range(0, 100, 20))])
    names = ["a.txt", "b.txt", "c.txt"]
    assert in_words(extent, names) == (
        "435 characters: a.txt 1–400; b.txt 1–5, 21–25, 41–45 and 2 more places; c.txt 11–20"
    )
    assert in_words(Extent([Range(0, 0, 1)]), []) == "1 character"
    many = Extent([Range(number, 0, 5) for number in range(5)])
    assert in_words(many, [f"{number}.txt" for number in range(5)]).endswith("2.txt 1–5; 2 more documents")
