from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.documents import grep as grep_module
from rlm_desktop.documents import library as library_module
from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.grep import compile_pattern, grep
from rlm_desktop.documents.library import Library

Make = Callable[[dict[str, str]], Library]


def test_one_passage_for_each_line_in_order(library_of: Make) -> None:
    library = library_of({"a.txt": "one two one\nthree\nONE é\n", "b.txt": "no\none"})
    matches = grep(library, "one")
    assert [(hit.name, hit.start_line, hit.text) for hit in matches.passages] == [
        ("a.txt", 1, "one two one"),
        ("a.txt", 3, "ONE é"),
        ("b.txt", 2, "one"),
    ]
    assert grep(library, "ONE").total == 1
    assert grep(library, r"\Wone").total == 1
    assert grep(library, r"three\none").passages[0].text == "three\nONE é"


def test_a_carriage_return_is_part_of_the_line_end(library_of: Make) -> None:
    library = library_of({"a.txt": "one\r\n\r\ntwo\r\n"})
    assert [hit.text for hit in grep(library, "o").passages] == ["one", "two"]


def test_all_lines_are_counted_beyond_those_returned(library_of: Make) -> None:
    matches = grep(library_of({"a.txt": "x\n" * 1000}), "x", k=10)
    assert (len(matches.passages), matches.total) == (10, 1000)


@pytest.mark.parametrize("pattern", ["a(b", "[", "*x", "(?P<"])
def test_what_is_no_expression_is_plain_text(library_of: Make, pattern: str) -> None:
    assert grep(library_of({"a.txt": f"see {pattern} here\nother\n"}), pattern).total == 1


def test_a_long_line_is_clipped_around_its_match(library_of: Make) -> None:
    library = library_of({"a.txt": "é" * 50_000 + "needle" + "é" * 50_000})
    (hit,) = grep(library, "needle").passages
    assert "needle" in hit.text
    assert len(hit.text) <= 1000
    assert hit.start == 50_000 - grep_module.CLIP


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(st.sampled_from("ab\né "), min_size=1, max_size=60),
    pattern=st.sampled_from(["a", "b+", "^a", "b$", "é", "a b", "", "^$", r"\s", r"\sa", r"a\s*b"]),
    block=st.integers(1, 20),
)
def test_lines_are_those_a_loop_would_find(
    tmp_path_factory: pytest.TempPathFactory, text: str, pattern: str, block: int
) -> None:
    path = tmp_path_factory.mktemp("grep") / "a.txt"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grep_module, "BLOCK", block)
        patch.setattr(library_module, "BLOCK", block)
        matches = grep(Library(scan_paths([path])), pattern)
    lines = text.split("\n")[: None if not text.endswith("\n") else -1]
    expression = compile_pattern(pattern)
    assert [hit.start_line for hit in matches.passages] == [
        number for number, line in enumerate(lines, 1) if expression.search(line)
    ]
    assert all(hit.text == text[hit.start : hit.end] for hit in matches.passages)
