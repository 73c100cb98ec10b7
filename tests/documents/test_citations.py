from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.documents.citations import locate
from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.library import Library
from rlm_desktop.events import Range

Make = Callable[[dict[str, str]], Library]
VERSE = "And all the days of Methuselah were nine hundred sixty and nine years: and he died."
BOOK = "In the beginning.\n" * 50 + VERSE + "\n" + "And so on.\n" * 50


def test_a_quote_is_located_word_for_word(library_of: Make) -> None:
    library = library_of({"a.txt": "nothing here", "b.txt": BOOK})
    location = locate(library, "“nine hundred sixty and nine years”")
    assert location is not None
    assert (location.name, location.start_line, location.end_line) == ("b.txt", 51, 51)
    assert location.text == "nine hundred sixty and nine years"
    assert BOOK[location.start : location.end] == location.text
    assert location.verified


def test_spacing_and_typography_may_differ_but_case_may_not(library_of: Make) -> None:
    library = library_of({"a.txt": "He said:  “It’s a\n    long—long way.”\n"})
    location = locate(library, "It's a long-long way")
    assert location is not None
    assert location.verified
    assert location.text == "It’s a\n    long—long way"
    assert (location.start_line, location.end_line) == (1, 2)
    other = locate(library, "IT'S A LONG-LONG WAY")
    assert other is None or not other.verified


def test_hints_come_first_and_only_they_prove_a_short_quote(library_of: Make) -> None:
    text = "port 25 here\n" + "x\n" * 100 + "port 25 there\n"
    library = library_of({"a.txt": text})
    late = text.rindex("port")
    location = locate(library, "port 25", [Range(0, late - 3, len(text))])
    assert location is not None
    assert (location.start, location.verified) == (late, True)
    elsewhere = locate(library, "port 25")
    assert elsewhere is not None
    assert not elsewhere.verified


@pytest.mark.parametrize(
    "quote",
    [
        "all the days of Methuselah was nine hundred sixty and nine years",
        "And all the days of Methuselah … and he died.",
        "and all the days of Methuselah were nine hundred sixty nine years: and he died",
    ],
)
def test_a_near_miss_is_shown_but_not_verified(library_of: Make, quote: str) -> None:
    location = locate(library_of({"a.txt": BOOK}), quote)
    assert location is not None
    assert not location.verified
    assert location.likeness >= 0.9
    assert location.text in VERSE


@pytest.mark.parametrize(
    "quote", ["", " \n", '""', "Methuselah lived in a yellow submarine with his friends"]
)
def test_what_stands_nowhere_is_not_located(library_of: Make, quote: str) -> None:
    assert locate(library_of({"a.txt": BOOK}), quote) is None


WORDS = st.lists(
    st.sampled_from(["alpha", "béta", "it’s", "“so”", "漢字", "a.b*(c", "end—now", "\\d"]),
    min_size=3,
    max_size=30,
)
SPACES = st.sampled_from([" ", "  ", "\n", "\r\n    ", "\t", "\u00a0"])


@settings(max_examples=80, deadline=None)
@given(words=WORDS, data=st.data())
def test_any_spacing_of_any_words_is_verified(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], data: st.DataObject
) -> None:
    spaced = "".join(word + data.draw(SPACES) for word in words)
    text = "é start " + spaced + "stop"
    path = tmp_path_factory.mktemp("citations") / "a.txt"
    path.write_bytes(text.encode())
    library = Library(scan_paths([path]))
    quote = " ".join(words).replace("’", "'").replace("“", '"').replace("”", '"').replace("—", "-")
    location = locate(library, quote, [Range(0, 0, len(text))])
    assert location is not None
    assert location.verified
    assert text[location.start : location.end] == location.text


@given(quote=st.text(max_size=80))
@settings(max_examples=80, deadline=None)
def test_no_quote_is_too_strange(tmp_path_factory: pytest.TempPathFactory, quote: str) -> None:
    path = tmp_path_factory.mktemp("strange") / "a.txt"
    path.write_text(BOOK)
    location = locate(Library(scan_paths([path])), quote)
    assert location is None or BOOK[location.start : location.end] == location.text
