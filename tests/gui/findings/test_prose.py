"""A model's Markdown as blocks: what it means, what it must not do, and what stays as it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.findings.prose import Block, paragraph, read_prose


def blocks(text: str) -> list[Block]:
    return list(read_prose(text))


def marked(text: str) -> list[tuple[str, str]]:
    """The runs of the first block, with their marks."""
    return [(run.text, " ".join(sorted(run.marks))) for run in blocks(text)[0].runs]


def plain(text: str) -> str:
    return "".join(run.text for block in blocks(text) for run in block.runs)


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4",
        "snake_case_name",
        "__init__ and __all__",
        "x**2 + y**2",
        "_private_name_",
        "f(a)*b*(c)",
        "*args and **kwargs",
        "a * b * c",
        "<b>no tag</b>",
        "<!-- nothing --> &lt;",
        "[no link](javascript:alert(1))",
        "[no file](file:///etc/passwd)",
        "![no picture](data:image/png;base64,AAAA)",
        "[1]: https://example.org\n",
        "C:\\Users\\me",
    ],
)
def test_what_is_no_markup_stays_as_it_is(text: str) -> None:
    (block,) = blocks(text)
    assert plain(text) == text.strip().replace("&lt;", "<")
    assert all(not run.marks for run in block.runs)
    assert all(run.link in {"", run.text} for run in block.runs)


def test_what_is_markup_is_set() -> None:
    assert marked("**a** *b* __c d__ _e f_ ~~g~~ `h`") == [
        ("a", "strong"),
        (" ", ""),
        ("b", "em"),
        (" ", ""),
        ("c d", "strong"),
        (" ", ""),
        ("e f", "em"),
        (" ", ""),
        ("g", "strike"),
        (" ", ""),
        ("h", "code"),
    ]
    assert marked("这是**重点**内容")[1] == ("重点", "strong")


def test_blocks_know_where_they_stand() -> None:
    found = blocks(
        "## Head\n\n3. a\n4. b\n   - c\n\n     more\n- [x] done\n\n> q\n>> r\n\n---\n\n```py\nx = 1\n```\n"
    )
    assert [(one.kind, one.marker, one.indent, one.quote) for one in found] == [
        ("heading", "", 0, 0),
        ("text", "3.", 1, 0),
        ("text", "4.", 1, 0),
        ("text", "•", 2, 0),
        ("text", "", 2, 0),
        ("text", "•", 1, 0),
        ("text", "", 0, 1),
        ("text", "", 0, 2),
        ("rule", "", 0, 0),
        ("code", "", 0, 0),
    ]
    assert found[0].level == 2
    assert found[5].runs[0].text == "☑ done"
    assert (found[-1].language, found[-1].runs[0].text) == ("py", "x = 1")


def test_a_table_has_its_cells_and_sides() -> None:
    (table,) = blocks("| a | b |\n|---|--:|\n| *1* | 2 |\n| 3 |\n")
    assert [["".join(run.text for run in cell) for cell in row] for row in table.rows] == [
        ["a", "b"],
        ["1", "2"],
        ["3", ""],
    ]
    assert table.columns == ("", "right")


def test_only_addresses_of_the_web_are_links_and_pictures_are_named() -> None:
    (block,) = blocks("[a](https://b.c/d_e) <http://f.g> see https://h.i/j_k_l, ![pic](https://m.n/o.png)")
    links = [(run.text, run.link) for run in block.runs if run.link]
    assert links == [
        ("a", "https://b.c/d_e"),
        ("http://f.g", "http://f.g"),
        ("https://h.i/j_k_l", "https://h.i/j_k_l"),
        ("[Image: pic]", "https://m.n/o.png"),
    ]
    assert all(run.tip == run.link for run in block.runs)


def test_what_hides_or_reorders_is_shown_by_its_code() -> None:
    assert plain("pay \u202egnp.exe") == "pay ‹U+202E›gnp.exe"
    assert paragraph("a\x00b").runs[0].text == "a‹U+0000›b"


@given(st.text(alphabet="ab *_`#>-|[]()!~<&\n\t1.\\:/", max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    blocks(text)


@pytest.mark.parametrize("text", ["[" * 6000, "*a " * 2000, "`a``" * 1500, "![a](" * 1200, "> " * 3000])
def test_what_makes_readers_slow_is_read(text: str) -> None:
    assert blocks(text)


@given(st.lists(st.sampled_from(["> ", "- ", "1. ", "  "]), max_size=60).map("".join))
def test_no_text_is_lost_however_deep_it_stands(depth: str) -> None:
    assert "hello" in plain(f"{depth}hello")
