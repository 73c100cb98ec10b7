"""Prompts of two turns, one against the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.engine.compare import CONTEXT, LONGEST, Line, compare
from rlm_desktop.events import MessageRef, text_hash

TEXTS: dict[str, str] = {}


def message(role: str, text: str) -> MessageRef:
    TEXTS[text_hash(text)] = text
    return MessageRef(role, text_hash(text))  # type: ignore[arg-type]


def compared(before: list[MessageRef], now: list[MessageRef]) -> list[Line]:
    return list(compare(before, now, TEXTS.__getitem__))


def test_what_stays_is_one_line_and_what_comes_is_told_whole() -> None:
    head = [message("system", "Explore."), message("user", "Who?")]
    now = [*head, message("assistant", "print(1)"), message("user", "1\n2")]
    assert compared(head, now) == [
        Line("same", count=2),
        Line("added", role="assistant"),
        Line("+", "print(1)"),
        Line("added", role="user"),
        Line("+", "1"),
        Line("+", "2"),
    ]


def test_a_message_that_was_shortened_is_told_line_by_line() -> None:
    long = [f"line {number}" for number in range(40)]
    before = [message("user", "\n".join(long))]
    now = [message("user", "\n".join([*long[:20], "… (shortened)", *long[21:]]))]
    lines = compared(before, now)
    assert lines[0] == Line("changed", role="user")
    assert lines[1] == Line("fold", count=20 - CONTEXT)
    assert [line.mark for line in lines[2:]] == [*"   -+   ", "fold"]
    assert lines[-1].count == 19 - CONTEXT


def test_a_message_that_went_is_told_as_removed() -> None:
    both = message("system", "Explore.")
    lines = compared([both, message("user", "old")], [both])
    assert lines == [Line("same", count=1), Line("removed", role="user"), Line("-", "old")]


def test_a_line_without_end_is_cut_and_texts_too_different_are_not_compared() -> None:
    many = "\n".join(f"a{number}" for number in range(3000))
    others = "\n".join(f"b{number}" for number in range(3000))
    lines = compared([message("user", many)], [message("user", others)])
    assert len(lines) == 6001
    (_, _, came) = compared([message("user", "x")], [message("user", "y" * (LONGEST + 9))])
    assert came.text == "y" * LONGEST + "…"


texts = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join)


@given(
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), texts), max_size=4),
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), texts), max_size=4),
)
def test_nothing_of_either_prompt_is_lost(before: list[tuple[str, str]], now: list[tuple[str, str]]) -> None:
    old, new = [message(*one) for one in before], [message(*one) for one in now]
    lines = compared(old, new)
    same = sum(line.count for line in lines if line.mark == "same")
    heads = [line.mark for line in lines if line.role]
    assert same + heads.count("changed") + heads.count("added") == len(new)
    assert same + heads.count("changed") + heads.count("removed") == len(old)
