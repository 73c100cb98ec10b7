"""What every group of commands needs: the shapes commands come in, and the way up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec

from rlm_desktop.errors import UsageError, UserError
from rlm_desktop.events import AnyEvent, Row, RunStarted, RunState
from rlm_desktop.store import RunSummary

PAGE = 500
"""Most rows in one answer."""
ROOM = 512 * 1024
"""Bytes of the longest part of an answer; with all the rest it fits a line of the protocol, which has 1 MiB."""
BRIEF = 300
"""Characters of a text in a list of runs; the whole comes with ``state``."""

_encoder = msgspec.json.Encoder()
Fields = dict[str, Any]
Send = Callable[[Fields], None]
Command = Callable[[Fields], Awaitable[Fields]]
Place = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
T = TypeVar("T")


class RunFields(msgspec.Struct):
    """A command about one run."""

    run: str


def read(message: Fields, shape: type[T]) -> T:
    """The fields of a command.

    Raises:
        UsageError: They are not what the command takes.
    """
    try:
        return msgspec.convert(message, shape)
    except msgspec.ValidationError as error:
        raise UsageError(f"{message['cmd']}: {error}.") from error


def news(event: AnyEvent, rows: Sequence[Row]) -> Fields:
    """What a front end is told of an event; ``sources`` tells of the documents, of which there may be any number."""
    if isinstance(event, RunStarted):
        event = msgspec.structs.replace(event, sources=(), paths=tuple(fitting(event.paths, ROOM // 4)))
    return {"event": event, "rows": rows}


def row_of(state: RunState, run: str, span: int) -> Row:
    """A row of a run.

    Raises:
        UserError: It has no such row.
    """
    if span not in state.rows:
        raise UserError(f"Run {run} has no row {span}.")
    return state.rows[span]


def page(count: int) -> int:
    """As many as were asked for, within reason."""
    return max(0, min(count, PAGE))


def fitting(items: Sequence[T], room: int = ROOM) -> Sequence[T]:
    """As many of the items, from the first, as an answer has room for: at least one, which must not be so long."""
    for number, item in enumerate(items):
        room -= len(_encoder.encode(item)) + 1
        if room < 0:
            return items[: max(1, number)]
    return items


def clipped(text: str, room: int = ROOM) -> str:
    """The beginning of a text that an answer has room for, however its characters are spelled in JSON."""
    while len(_encoder.encode(text)) > room:
        text = text[: len(text) * 2 // 3]
    return text


def brief(run: RunSummary) -> RunSummary:
    """A run as a list shows it."""
    return msgspec.structs.replace(
        run,
        question=run.question[:BRIEF],
        answer=run.answer[:BRIEF],
        error=run.error[:BRIEF],
        hint=run.hint[:BRIEF],
        model=run.model[:BRIEF],
        sub_model=run.sub_model[:BRIEF],
        paths=tuple(fitting(run.paths, BRIEF)),
        evidence=(),
    )


def whole(run: RunSummary) -> RunSummary:
    """A run with all that an answer has room for."""
    return msgspec.structs.replace(
        run,
        question=clipped(run.question, ROOM // 8),
        answer=clipped(run.answer, ROOM // 8),
        paths=tuple(fitting(run.paths, ROOM // 8)),
        evidence=tuple(fitting(run.evidence, ROOM // 8)),
    )
