"""Find steps of a run by what they say, wherever in the tree they stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Set
from typing import Literal

import msgspec

from rlm_desktop.events import Row, RunState, TextHash

Only = Literal["", "failed", "running", "calls", "cells", "turns", "noted"]
Path = tuple[tuple[int, int], ...]
"""Ids and positions of the rows above one, the run left out, and of itself."""
Where = Literal["label", "code", "output", "prompt", "thinking", "reply", "error", "note"]
Having = Callable[[Collection[TextHash]], Set[TextHash]]
"""Which of the texts with these hashes have what is looked for."""
_OWN: tuple[Where, ...] = ("code", "output", "reply", "thinking")
_KINDS = {"calls": "call", "cells": "cell", "turns": "turn"}


class Found(msgspec.Struct, frozen=True):
    """A row that was found.

    Attributes:
        span: Its id.
        where: What of it has the query; ``label`` if nothing was looked for.
        path: Where it stands.
    """

    span: int
    where: Where
    path: Path


def find(state: RunState, query: str, only: Only, having: Having) -> list[Found]:
    """The rows of a run that say something, in the order of the tree.

    A text that was sent again, as a conversation is with every turn, counts for the row that said it first.

    Args:
        state: The run.
        query: What to look for, in lower case; empty for everything.
        only: Which rows to look at.
        having: Looks into the long texts, all of them at once.
    """
    told: set[TextHash] = set()
    rows: list[tuple[Row, list[TextHash]]] = []
    for row in _walk(state):
        new = [message.text for message in row.prompt if message.text not in told]
        told.update(new, row.texts.values())
        if row.kind != "group" and _is(row, only):
            rows.append((row, new))
    if not query:
        return [Found(row.span, "label", _path(state, row)) for row, _ in rows]
    hits = having(
        {name for row, new in rows if query not in row.label.lower() for name in (*_own(row).values(), *new)}
    )
    return [
        Found(row.span, where, _path(state, row))
        for row, new in rows
        if (where := _where(row, query, new, hits))
    ]


def _own(row: Row) -> dict[Where, TextHash]:
    """What a row itself says, or runs."""
    return {name: text for name in _OWN if (text := row.texts.get(name))}


def _walk(state: RunState) -> Iterator[Row]:
    """Each row below the run, in the order of the tree."""
    waiting = list(reversed(state.below.get(0, ())))
    while waiting:
        span = waiting.pop()
        yield state.rows[span]
        waiting += reversed(state.below.get(span, ()))


def _path(state: RunState, row: Row) -> Path:
    path = []
    while row.span:
        path.append((row.span, row.index))
        row = state.rows[row.parent]
    return tuple(reversed(path))


def _is(row: Row, only: Only) -> bool:
    match only:
        case "":
            return True
        case "failed":
            return row.status in ("failed", "warning")
        case "running":
            return not row.finished
        case "noted":
            return bool(row.notes)
    return row.kind == _KINDS[only]


def _where(row: Row, query: str, prompt: list[TextHash], hits: Set[TextHash]) -> Where | None:
    if query in row.label.lower():
        return "label"
    for name, text in _own(row).items():
        if text in hits:
            return name
    if query in row.live.lower():
        return "output" if row.kind == "cell" else "reply"
    if not hits.isdisjoint(prompt):
        return "prompt"
    if query in row.error.lower():
        return "error"
    return "note" if any(query in note.lower() for note in row.notes) else None
