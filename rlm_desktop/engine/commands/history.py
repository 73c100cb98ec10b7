"""Commands about the history: list, search, name, pin, delete and bring back; what has changed since."""

from __future__ import annotations

import asyncio

import msgspec

from rlm_desktop.documents.changes import changes, describe
from rlm_desktop.engine.commands.wire import (
    Command,
    Fields,
    Place,
    RunFields,
    Send,
    brief,
    fitting,
    page,
    read,
)
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.recordings import SAMPLE
from rlm_desktop.events import RunStarted, Source, sendable
from rlm_desktop.store import SearchPage

LISTED = 200
"""Changed documents named in one answer."""


class _History(msgspec.Struct):
    start: Place = msgspec.field(name="from", default=0)
    count: int = 50


class _Search(_History, kw_only=True):
    text: str


class _Questions(msgspec.Struct):
    count: int = 200


class _Rename(RunFields):
    title: str


class _Pin(RunFields):
    pinned: bool


class HistoryCommands:
    """Carries out ``history``, ``search``, ``questions``, ``session``, ``rename``, ``pin``, ``delete`` and so on."""

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._send = send
        self.by_name: dict[str, Command] = {
            "history": self._history,
            "search": self._search,
            "questions": self._questions,
            "session": self._session,
            "rename": self._rename,
            "pin": self._pin,
            "delete": self._delete,
            "restore": self._restore,
            "sources": self._sources,
        }

    async def _history(self, message: Fields) -> Fields:
        asked = read(message, _History)
        runs = self._engine.history(asked.start, page(asked.count))
        return {"runs": fitting(list(map(brief, runs))), "total": self._engine.store.count()}

    async def _search(self, message: Fields) -> Fields:
        asked = read(message, _Search)
        found = await asyncio.to_thread(self._find, asked)
        hits = [
            {
                "run": brief(hit.run),
                "where": hit.where,
                "snippet": sendable(hit.snippet),
                "marks": [(mark.start, mark.end) for mark in hit.marks],
            }
            for hit in found.hits
        ]
        return {"hits": fitting(hits), "total": found.total}

    def _find(self, asked: _Search) -> SearchPage:
        """One letter that a million words begin with takes a second, so not on the loop."""
        with self._engine.store.apart() as store:
            return store.search(asked.text, asked.start, page(asked.count))

    async def _questions(self, message: Fields) -> Fields:
        """Whole questions and not what a list shows of them, so that each can be asked again."""
        asked = read(message, _Questions)
        questions = await asyncio.to_thread(self._asked, page(asked.count))
        return {"questions": fitting(list(map(sendable, questions)))}

    def _asked(self, count: int) -> list[str]:
        with self._engine.store.apart() as store:
            return store.questions(count)

    async def _session(self, message: Fields) -> Fields:
        runs = self._engine.store.session(read(message, RunFields).run)
        return {"runs": fitting(list(map(brief, runs)))}

    async def _rename(self, message: Fields) -> Fields:
        asked = read(message, _Rename)
        self._engine.store.rename(asked.run, asked.title)
        return self._changed()

    async def _pin(self, message: Fields) -> Fields:
        asked = read(message, _Pin)
        self._engine.store.pin(asked.run, asked.pinned)
        return self._changed()

    async def _delete(self, message: Fields) -> Fields:
        await self._engine.delete(read(message, RunFields).run)
        return self._changed()

    async def _restore(self, message: Fields) -> Fields:
        self._engine.store.restore(read(message, RunFields).run)
        return self._changed()

    def _changed(self) -> Fields:
        self._send({"notice": {"kind": "history"}})
        return {}

    async def _sources(self, message: Fields) -> Fields:
        """Which documents of a run are not what they were; hashing them takes a while, so not on the loop."""
        run = read(message, RunFields).run
        sources = () if run == SAMPLE else await asyncio.to_thread(self._sources_of, run)
        found = await asyncio.to_thread(changes, sources)
        text = describe(found, len(sources)) if found else ""
        return {"changed": fitting(found[:LISTED]), "total": len(sources), "text": text}

    def _sources_of(self, run: str) -> tuple[Source, ...]:
        with self._engine.store.apart() as store:
            store.summary(run)
            start = next(store.events(run), None)
        return start.sources if isinstance(start, RunStarted) else ()
