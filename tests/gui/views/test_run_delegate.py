from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.views.run_delegate import excerpt
from rlm_desktop.gui.wire import Hit, Summary

RUN = Summary("a", "Who?", "answered")


@given(st.text(max_size=60), st.text(min_size=1, max_size=20), st.text(max_size=60), st.integers(0, 80))
def test_what_matches_stays_marked_however_the_snippet_is_cut(
    before: str, match: str, after: str, lead: int
) -> None:
    start = len(before)
    hit = Hit(RUN, "answer", before + match + after, ((start, start + len(match)),))
    text, ((first, last),) = excerpt(hit, lead)
    assert text[first:last] == match
    assert text.endswith(after) and text.startswith("Answer: ")
    assert first <= max(lead, len("Answer: …")) + 1


def test_a_snippet_begins_at_a_word() -> None:
    words = "And Enoch walked with God after he begat Methuselah three hundred years"
    at = words.index("Methuselah")
    text, marks = excerpt(Hit(RUN, "output", words, ((at, at + 10),)), 24)
    assert text == "Output: …after he begat Methuselah three hundred years"
    assert text[slice(*marks[0])] == "Methuselah"
