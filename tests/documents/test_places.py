"""Lines of spans of characters, and lengths of documents that may have changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.documents import text as text_module
from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.figures import fingerprints
from rlm_desktop.documents.places import _lines_at, length_of, lines_of
from rlm_desktop.events import Source


def source_of(path: Path) -> Source:
    return fingerprints(scan_paths([path]))[0]


@given(st.text(alphabet="ab\n\r", max_size=60), st.integers(1, 7), st.data())
def test_lines_are_those_that_newlines_before_a_character_say(
    text: str, cut: int, data: st.DataObject
) -> None:
    wanted = data.draw(st.sets(st.integers(0, max(0, len(text) - 1)), max_size=5)) if text else set()
    chunks = [text[start : start + cut] for start in range(0, len(text), cut)]
    assert _lines_at(chunks, wanted) == {at: text.count("\n", 0, at) + 1 for at in wanted}


def test_spans_have_the_lines_of_their_first_and_last_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    text = "один\nдва\nтри\n" * 50
    file.write_text(text, "utf-8")
    monkeypatch.setattr(text_module, "CHUNK", 7)  # cuts characters in two
    source = source_of(file)
    assert length_of(source) == len(text)
    start, end = text.index("два"), len("один\nдва\n")
    assert lines_of(source, [(start, end), (0, len(text)), (0, 1)]) == ((2, 2), (1, 150), (1, 1))


def test_a_span_beyond_the_end_stands_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\ntwo\n", "utf-8")
    assert lines_of(source_of(file), [(4, 900)]) == ((2, 2),)


@pytest.mark.parametrize("what", ["changed", "gone", "binary"])
def test_a_document_that_is_not_what_it_was_has_no_places(tmp_path: Path, what: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\ntwo\n", "utf-8")
    source = source_of(file)
    if what == "gone":
        file.unlink()
    else:
        file.write_bytes(b"something else" if what == "changed" else b"\x00\x01\x02")
    assert lines_of(source, [(0, 3)]) is None
    assert length_of(source) is None
