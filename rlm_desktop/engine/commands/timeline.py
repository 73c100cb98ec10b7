"""The command that tells when each step of a run began and ended, in columns and pages, for a waterfall of it."""

from __future__ import annotations

from itertools import islice

import msgspec

from rlm_desktop.engine.commands.kept import Kept
from rlm_desktop.engine.commands.wire import Command, Fields, Place, RunFields, read
from rlm_desktop.engine.timeline import columns

TIMELINE_PAGE = 2_000
"""Most rows in one answer. With labels in the costliest spelling of JSON they take 700 KB of a line's 1 MiB; as they
are, 200 KB, which the loop is held up for 5 ms by."""


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
