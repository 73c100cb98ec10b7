from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.care.matching import marks, score


def test_words_are_found_at_the_beginning_of_words_first() -> None:
    assert (score("fi", "Open file") or 0) < (score("fi", "Define") or 0)
    assert (score("of", "Open folder") or 0) > (score("of", "Top of the page") or 0)
    assert score("opfo", "Open folder") is not None
    assert score("xo", "Open folder") is None
    assert score("file open", "Open file…") is not None


def test_marks_are_where_words_stand() -> None:
    assert marks("te si", "Text size") == [(0, 2), (5, 7)]
    assert marks("tex text", "Text size") == [(0, 4)]
    assert marks("q", "Text size") == []


@given(st.text(max_size=20), st.text(max_size=40))
def test_any_text_can_be_typed(typed: str, text: str) -> None:
    found = marks(typed, text)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    if score(typed, text) is None:
        assert typed.strip()


@given(st.text(min_size=1, max_size=40))
def test_a_text_matches_itself(text: str) -> None:
    assert score(text, text) is not None
