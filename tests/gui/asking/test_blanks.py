"""Blanks are found wherever they stand, and only they."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.asking.blanks import LONGEST, Blank, as_blank, blanks, next_blank, previous_blank

texts = st.text(st.sampled_from("ab ‹›\n𝒳é"), max_size=40)
words = st.text(st.characters(exclude_characters="‹›\n"), min_size=1, max_size=LONGEST)


def test_a_blank_says_what_belongs_there() -> None:
    text = "How often does ‹event› occur in ‹file›?"
    assert blanks(text) == (Blank(15, 22, "event"), Blank(32, 38, "file"))
    assert next_blank(text, 0) == next_blank(text, 15) == Blank(15, 22, "event")
    assert next_blank(text, 16) == Blank(32, 38, "file") and next_blank(text, 33) is None
    assert previous_blank(text, 39) == Blank(32, 38, "file")
    assert previous_blank(text, 32) == Blank(15, 22, "event") and previous_blank(text, 21) is None


def test_what_is_open_empty_or_too_long_is_no_blank() -> None:
    for text in ("‹›", "‹open", "shut›", "‹two\nlines›", f"‹{'x' * (LONGEST + 1)}›", "<html>", "a[0]"):
        assert blanks(text) == ()
    assert as_blank("") == as_blank("a\nb") == as_blank("‹a›") == as_blank("x" * (LONGEST + 1)) == ""


@given(texts)
def test_blanks_are_in_order_and_say_what_stands_between_their_quotes(text: str) -> None:
    found = blanks(text)
    assert all(text[blank.start : blank.end] == f"‹{blank.says}›" for blank in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(not set(blank.says) & set("‹›\n") for blank in found)


@given(texts)
def test_going_on_from_blank_to_blank_visits_each_once_and_ends(text: str) -> None:
    forth, place = [], 0
    while blank := next_blank(text, place):
        forth.append(blank)
        place = blank.end
    back, place = [], len(text)
    while blank := previous_blank(text, place):
        back.append(blank)
        place = blank.start
    assert tuple(forth) == tuple(reversed(back)) == blanks(text)


@given(texts, words, texts)
def test_words_made_a_blank_are_found_again(before: str, said: str, after: str) -> None:
    before, after = before.replace("‹", ""), after.replace("›", "")
    assert Blank(len(before), len(before) + len(said) + 2, said) in blanks(before + as_blank(said) + after)
