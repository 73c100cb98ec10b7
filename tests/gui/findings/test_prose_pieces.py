"""A long text in pieces: none of it is lost, code is never cut, and a table that is cut stays one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.findings.prose import read_prose
from rlm_desktop.gui.findings.prose_pieces import LONGEST_PIECE, open_fence, pieces

HEAD = "| name | years |\n|------|------:|\n"


@given(st.text(alphabet="ab c`~\n> |-:", max_size=300), st.integers(5, 40))
def test_pieces_are_the_text(text: str, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rlm_desktop.gui.findings.prose_pieces.PIECE", most // 2)
        patch.setattr("rlm_desktop.gui.findings.prose_pieces.LONGEST_PIECE", most)
        assert "".join(piece.text for piece in pieces(text)) == text
        list(read_prose(text))


def test_code_is_never_cut_and_long_lines_are() -> None:
    code = "```\n" + "line\n" * 5000 + "```\n\nafter\n"
    assert [block.kind for block in read_prose(code)] == ["code", "text"]
    assert max(len(piece.text) for piece in pieces("word " * 10_000)) <= LONGEST_PIECE
    assert open_fence("```python\nx") == "```"
    assert open_fence("~~~~\nx\n~~~\n") == "~~~~"
    assert not open_fence("```\nx\n```")


def test_a_long_table_goes_on_from_piece_to_piece() -> None:
    rows = [f"| And Enoch begat number {number} after the flood | {number} |\n" for number in range(300)]
    *parts, end = read_prose(f"before\n\n{HEAD}{''.join(rows)}\n{HEAD}| last | 1 |\n")
    parts = parts[1:]
    assert len(parts) > 3 and all(part.kind == "table" and part.columns == ("", "right") for part in parts)
    assert [part.follows for part in parts] == [False] + [True] * (len(parts) - 1)
    assert [part.cut for part in parts] == [True] * (len(parts) - 1) + [False]
    said = [row[1][0].text for part in parts for row in part.rows]
    assert said == ["years", *map(str, range(300))]
    assert not end.follows and len(end.rows) == 2


@pytest.mark.parametrize("prose", ["a | b\n- | -\n", "a | b\n\n", "```\n" + HEAD + "```\n"])
def test_what_only_looks_like_a_table_is_read_once(prose: str) -> None:
    text = prose + "some words | and more of them\n" * 400
    said = " ".join(
        run.text for block in read_prose(text) for run in (*block.runs, *sum(sum(block.rows, ()), ()))
    )
    assert said.count("some words") == 400
