"""Rows that stand for many: for the calls of a batch, and for what comes after the first few hundred below one row.

They are made while events are folded. So a long run stays readable, and no row has so many below it that a view
would have to stop and think, however long the run is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rlm_desktop.events.row import Row, RowStatus
from rlm_desktop.events.types import CallKind, CallStarted, Progress

BATCH = 4
"""Calls made together from which on they stand below a row of their own."""
CROWD = 500
"""Rows that stand directly below one row; those that come after are grouped by as many."""
_BATCHES, _CROWDS = 1 << 29, 1 << 30
"""Added to the span of a group's first row to make its own: ids of 31 bits, which signals of Qt can carry."""
_CALLS: dict[CallKind, str] = {"read": "reads", "llm": "sub-calls", "rlm": "child runs"}


def is_single(span: int) -> bool:
    """Whether a span is that of a row that events speak of, and not of a group."""
    return span < _BATCHES


def batch_span(event: CallStarted) -> int:
    """Span of the row a call's batch stands below; 0 if it needs none."""
    return _BATCHES + event.batch if event.batch and event.batch_size >= BATCH else 0


def batch_row(event: CallStarted) -> Row:
    """The row of the batch that begins with this call."""
    return Row(
        span=batch_span(event),
        parent=event.parent,
        index=0,
        kind="group",
        label=f"{event.batch_size:,} {_CALLS[event.kind]}",
        call_kind=event.kind,
        model=event.model,
        batch_size=event.batch_size,
        started=event.time,
        progress=Progress(0, event.batch_size),
    )


def crowd_row(parent: Row, first: Row) -> Row:
    """The row of those after the first `CROWD` below a parent, beginning with this one."""
    return Row(
        span=_CROWDS + first.span,
        parent=parent.span,
        index=0,
        kind="group",
        label=f"{CROWD * (parent.children - CROWD + 1) + 1:,} to {CROWD * (parent.children - CROWD + 2):,}",
        started=first.started,
        progress=Progress(0),
    )


def is_crowd(row: Row) -> bool:
    """Whether a row stands for what comes after the first `CROWD` below its parent."""
    return row.span >= _CROWDS


def is_crowded(siblings: Sequence[int]) -> bool:
    """Whether no more rows are to stand directly beside these."""
    return len(siblings) >= CROWD


def has_room(row: Row) -> bool:
    """Whether a row is that of a crowd to which more may be added."""
    return is_crowd(row) and row.children < CROWD


def count(group: Row, row: Row) -> None:
    """One more of the rows that a group stands for has ended."""
    progress = group.progress or Progress(0)
    group.progress = Progress(progress.done + 1, progress.total)
    group.error = group.error or row.error


def is_complete(group: Row) -> bool:
    """Whether everything that a group stands for has come and has ended."""
    progress = group.progress or Progress(0)
    return progress.done == (progress.total or CROWD)


def end(group: Row, time: int, members: Iterable[Row]) -> None:
    """Close the row of a group, whose rows have ended or are given up."""
    statuses: set[RowStatus] = {member.status if member.finished else "cancelled" for member in members}
    group.finished = time
    group.status = statuses.pop() if len(statuses) == 1 else _mixed(statuses)


def _mixed(statuses: set[RowStatus]) -> RowStatus:
    return "cancelled" if "cancelled" in statuses else "warning"
