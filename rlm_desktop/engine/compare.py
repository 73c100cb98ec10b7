"""What a turn's prompt has that the one before had not: messages by their hash, changed ones line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

import msgspec

from rlm_desktop.events import MessageRef, Role, Row, RunState, TextHash

Mark = Literal["same", "added", "removed", "changed", "+", "-", " ", "fold"]
CONTEXT = 3
"""Unchanged lines around a change."""
MOST_PAIRS = 1_000_000
"""Lines of one text times lines of the other that are compared (0.3 s); beyond, one simply replaces the other."""
LONGEST = 4_000
"""Characters of a line that are told."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a comparison.

    Attributes:
        mark: ``same`` stands for ``count`` messages that both have, ``fold`` for ``count`` lines that both have;
            ``added``, ``removed`` and ``changed`` head a message; the others are lines of it.
        text: What it says.
        role: Who speaks, of a line that heads a message.
        count: How many it stands for.
    """

    mark: Mark
    text: str = ""
    role: Role | Literal[""] = ""
    count: int = 0


def turn_before(state: RunState, row: Row) -> Row | None:
    """The turn before this one, of the same root or child RLM, that asked a model as well."""
    before = [one for one in state.children(row.parent) if one.kind == row.kind == "turn" and one.prompt]
    return max((one for one in before if one.span < row.span), key=lambda one: one.span, default=None)


def compare(
    before: Sequence[MessageRef], now: Sequence[MessageRef], text: Callable[[TextHash], str]
) -> Iterator[Line]:
    """The lines that show how one prompt became another.

    Args:
        before: The earlier prompt.
        now: The later one.
        text: Gives the text with a hash.
    """
    for operation, i, until_i, j, until_j in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if operation == "equal":
            yield Line("same", count=until_i - i)
            continue
        gone, came = list(before[i:until_i]), list(now[j:until_j])
        while gone and came and gone[0].role == came[0].role:
            old, new = gone.pop(0), came.pop(0)
            yield Line("changed", role=new.role)
            yield from _lines(text(old.text), text(new.text))
        rest: tuple[tuple[Mark, Mark, list[MessageRef]], ...] = (("removed", "-", gone), ("added", "+", came))
        for mark, sign, messages in rest:
            for message in messages:
                yield Line(mark, role=message.role)
                yield from (_line(sign, one) for one in text(message.text).splitlines())


def _lines(before: str, now: str) -> Iterator[Line]:
    """The lines of a message that changed, long stretches of what both have folded."""
    marked = list(_marked(before.splitlines(), now.splitlines()))
    groups = [(mark, list(lines)) for mark, lines in groupby(marked, key=lambda line: line.mark)]
    for number, (mark, lines) in enumerate(groups):
        head = CONTEXT if number else 0
        tail = CONTEXT if number < len(groups) - 1 else 0
        folded = len(lines) - head - tail
        if mark != " " or folded <= 1:
            yield from lines
            continue
        yield from lines[:head]
        yield Line("fold", count=folded)
        yield from lines[len(lines) - tail :]


def _marked(before: list[str], now: list[str]) -> Iterator[Line]:
    start = 0
    while start < min(len(before), len(now)) and before[start] == now[start]:
        start += 1
    end = 0
    while end < min(len(before), len(now)) - start and before[-1 - end] == now[-1 - end]:
        end += 1
    yield from (_line(" ", one) for one in now[:start])
    old, new = before[start : len(before) - end], now[start : len(now) - end]
    if len(old) * len(new) > MOST_PAIRS:
        changes = [("replace", 0, len(old), 0, len(new))]
    else:
        changes = [*SequenceMatcher(None, old, new, autojunk=False).get_opcodes()]
    for operation, i, until_i, j, until_j in changes:
        if operation == "equal":
            yield from (_line(" ", one) for one in new[j:until_j])
        else:
            yield from (_line("-", one) for one in old[i:until_i])
            yield from (_line("+", one) for one in new[j:until_j])
    yield from (_line(" ", one) for one in now[len(now) - end :])


def _line(mark: Mark, text: str) -> Line:
    return Line(mark, text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
