"""The command that tells when each step of a run began and ended, in columns and pages, for a waterfall of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import get_args

import msgspec

from rlm_desktop.engine.commands.kept import Kept
from rlm_desktop.engine.commands.wire import Command, Fields, Place, RunFields, read
from rlm_desktop.events import Row
from rlm_desktop.events.row import RowKind, RowStatus

TIMELINE_PAGE = 2_000
"""Most rows in one answer. With labels in the costliest spelling of JSON they take 700 KB of a line's 1 MiB; as they
are, 200 KB, which the loop is held up for 5 ms by."""
LABEL = 40
"""Most characters of a row's label."""
_KINDS = {kind: number for number, kind in enumerate(get_args(RowKind))}
_STATUSES = {status: number for number, status in enumerate(get_args(RowStatus))}


class _Timeline(RunFields):
    start: Place = msgspec.field(name="from", default=0)
    count: int = TIMELINE_PAGE
    at: int | None = None


class TimelineCommands:
    """Carries out ``timeline``."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self.by_name: dict[str, Command] = {"timeline": self._timeline}

    async def _timeline(self, message: Fields) -> Fields:
        asked = read(message, _Timeline)
        kept = self._kept
        _, state = await (kept.now(asked.run) if asked.at is None else kept.then(asked.run, asked.at))
        count = max(0, min(asked.count, TIMELINE_PAGE))
        rows = list(islice(state.rows.values(), asked.start, asked.start + count))
        zero = state.rows[0].started if state.rows else 0
        return {"first": asked.start, "total": len(state.rows), "zero": zero, **columns(rows, zero)}


def columns(rows: Sequence[Row], zero: int) -> Fields:
    """Rows, in the order they began, as one list for each thing told of them; times count from ``zero``."""
    return {
        "span": [row.span for row in rows],
        "parent": [row.parent for row in rows],
        "kind": [_KINDS[row.kind] for row in rows],
        "status": [_STATUSES[row.status] for row in rows],
        "start": [row.started - zero for row in rows],
        "heard": [row.heard - zero if row.heard else None for row in rows],
        "end": [row.finished - zero if row.finished else None for row in rows],
        "batch": [row.batch for row in rows],
        "prompt": [row.usage.prompt_tokens for row in rows],
        "completion": [row.usage.completion_tokens for row in rows],
        "cost": [row.usage.cost_usd for row in rows],
        "label": [row.label[:LABEL] for row in rows],
    }
