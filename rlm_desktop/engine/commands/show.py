"""Commands that show a run, as it is or as it was: its rows, its texts, its replay, its report."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from rlm_desktop.engine.commands.kept import Kept
from rlm_desktop.engine.commands.wire import (
    PAGE,
    ROOM,
    Command,
    Fields,
    Place,
    RunFields,
    clipped,
    fitting,
    page,
    read,
    row_of,
    whole,
)
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.recordings import Recordings
from rlm_desktop.events import sendable
from rlm_desktop.reports import export
from rlm_desktop.store import summarise

TEXT_PAGE = 200_000
"""Most characters in one answer."""


class _State(RunFields):
    span: int = 0
    start: Place = msgspec.field(name="from", default=0)
    count: int = 100
    at: int | None = None


class _Replay(RunFields):
    was: int = 0
    at: int | None = None
    moment: float | None = None


class _Text(msgspec.Struct):
    hash: str
    start: Place = msgspec.field(name="from", default=0)
    count: int = TEXT_PAGE


class _Export(RunFields):
    format: str
    path: str
    overwrite: bool = False


class ShowCommands:
    """Carries out ``state``, ``text``, ``replay`` and ``export``."""

    def __init__(self, engine: Engine, kept: Kept) -> None:
        self._engine = engine
        self._kept = kept
        self.by_name: dict[str, Command] = {
            "state": self._state,
            "text": self._text,
            "replay": self._replay,
            "export": self._export,
        }

    async def _state(self, message: Fields) -> Fields:
        asked = read(message, _State)
        kept = self._kept
        summary, state = await (kept.now(asked.run) if asked.at is None else kept.then(asked.run, asked.at))
        row = row_of(state, asked.run, asked.span)
        spans = state.below.get(asked.span, [])
        return {
            "run": whole(summary),
            "row": row,
            "rows": fitting(
                [state.rows[span] for span in spans[asked.start : asked.start + page(asked.count)]]
            ),
            "total": len(spans),
        }

    async def _replay(self, message: Fields) -> Fields:
        asked = read(message, _Replay)
        player = await self._kept.player(asked.run)
        at = asked.at if asked.at is not None else player.at_moment(asked.moment or 0.0)
        move = player.move(max(0, asked.was), max(1, at))
        far = len(move.rows) + len(move.removed) > PAGE or fitting(move.rows) is not move.rows
        return {
            "run": whole(summarise(player.seek(move.at))),
            "at": move.at,
            "total": player.total,
            "moment": player.moment(move.at),
            "time": player.event(move.at).time,
            "duration": player.duration,
            "turns": fitting(player.turns, ROOM // 2),
            "rows": [] if far else move.rows,
            "removed": [] if far else move.removed,
            "anew": far,
        }

    async def _text(self, message: Fields) -> Fields:
        asked = read(message, _Text)
        text = sendable(self._engine.recordings.text(asked.hash))
        count = max(0, min(asked.count, TEXT_PAGE))
        shown = clipped(text[asked.start : asked.start + count])
        return {"text": shown, "total": len(text)}

    async def _export(self, message: Fields) -> Fields:
        path = await asyncio.to_thread(self._write, read(message, _Export))
        return {"path": str(path)}

    def _write(self, asked: _Export) -> Path:
        """Off the loop, and text by text: a run may hold more of them than memory does."""
        with self._engine.store.apart() as store:
            recording = Recordings(store).open(asked.run)
            return export(recording, asked.format, Path(asked.path), overwrite=asked.overwrite)
