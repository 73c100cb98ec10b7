"""What a reply amounts to, in both dialects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.engine.dialects import RLM_V0, RLM_V1
from rlm_desktop.engine.dialects.base import clip

CODE = st.lists(st.text("abcxyz =()'\"+:\n ", min_size=1, max_size=40), min_size=1).map("\n".join)


@given(CODE.filter(lambda code: code.strip() and "```" not in code), st.text("abc .\n", max_size=50))
def test_a_fenced_block_is_found_whatever_stands_around_it(code: str, prose: str) -> None:
    reply = f"{prose}\n```repl\n{code}\n```\n{prose}"
    assert RLM_V1.parse(reply).code == code.strip("\n")


@given(st.text(max_size=400))
def test_any_reply_is_a_cell_or_a_nudge(reply: str) -> None:
    for dialect in (RLM_V1, RLM_V0):
        move = dialect.parse(reply)
        assert bool(move.code) + (move.final is not None) + bool(move.nudge) == 1


@pytest.mark.parametrize(
    ("reply", "code", "final"),
    [
        ("FINAL(the fox)", "", "the fox"),
        ('I am sure.\nFINAL("the fox")', "", "the fox"),
        ("FINAL(two (2)\nlines)", "", "two (2)\nlines"),
        ("FINAL_VAR(result)", 'FINAL_VAR("result")', None),
        ("FINAL_VAR('result')", 'FINAL_VAR("result")', None),
        ("I will later say FINAL(x)", "", None),
        ("```python\nFINAL(x)\n```", "FINAL(x)", None),
        ("```repl\nprint(1)\n```\nFINAL(guess)", "print(1)", None),
    ],
)
def test_v0_finishes_only_at_the_start_of_a_line_outside_code(
    reply: str, code: str, final: str | None
) -> None:
    move = RLM_V0.parse(reply)
    assert (move.code, move.final) == (code, final)


def test_the_older_dialect_drives_a_run() -> None:
    assert "FINAL(" in RLM_V0.parse("nothing to run").nudge
    assert 'answer["ready"]' in RLM_V1.parse("nothing to run").nudge


@given(st.text(max_size=500), st.integers(30, 200))
def test_clipping_keeps_both_ends_and_says_how_much_is_gone(text: str, limit: int) -> None:
    shown = clip(text, limit)
    if len(text) <= limit:
        assert shown == text
    else:
        assert shown.startswith(text[: limit * 2 // 3])
        assert shown.endswith(text[-(limit // 3) :])
        assert f"{len(text) - limit:,} characters left out" in shown
