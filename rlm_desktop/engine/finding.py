"""Find steps of a run by what they say, wherever in the tree they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from rlm_desktop.events import Row, RunState, TextHash

Only = Literal["", "failed", "running", "calls", "cells", "turns", "noted"]
Path = tuple[tuple[int, int], ...]
"""Ids and positions of the rows above one, the run left out, and of itself."""
Where = Literal["label", "code", "output", "prompt", "thinking", "reply", "error", "note"]
HasQuery = Callable[[TextHash], bool]
"""Whether the text with this hash has what is looked for."""
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


def find(state: RunState, query: str, only: Only, has_query: HasQuery) -> list[Found]:
    """The rows of a run that say something, in the order of the tree.

    A text that was sent again, as a conversation is with every turn, counts for the row that said it first.

    Args:
        state: The run.
        query: What to look for, in lower case; empty for everything.
        only: Which rows to look at.
        has_query: Looks into the long texts.
    """
    found = []
    told: set[TextHash] = set()
    for row, path in _walk(state):
        new = [message.text for message in row.prompt if message.text not in told]
        told.update(new, row.texts.values())
        if row.kind == "group" or not _is(row, only):
            continue
        where = _where(row, query, new, has_query) if query else "label"
        if where:
            found.append(Found(row.span, where, path))
    return found


def _walk(state: RunState) -> Iterator[tuple[Row, Path]]:
    """Each row below the run, with its path, in the order of the tree."""
    waiting: list[tuple[int, Path]] = [(span, ()) for span in reversed(state.below.get(0, ()))]
    while waiting:
        span, above = waiting.pop()
        row = state.rows[span]
        path = (*above, (span, row.index))
        yield row, path
        waiting += [(child, path) for child in reversed(state.below.get(span, ()))]


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


def _where(row: Row, query: str, prompt: list[TextHash], has_query: HasQuery) -> Where | None:
    if query in row.label.lower():
        return "label"
    for name in _OWN:
        if (text := row.texts.get(name)) and has_query(text):
            return name
    if query in row.live.lower():
        return "output" if row.kind == "cell" else "reply"
    if any(map(has_query, prompt)):
        return "prompt"
    if query in row.error.lower():
        return "error"
    return "note" if any(query in note.lower() for note in row.notes) else None
