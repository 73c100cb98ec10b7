"""Commands about what was read: the places a step read, what was not read, what a prompt added."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

import msgspec

from rlm_desktop.documents.changes import changes
from rlm_desktop.engine.commands.kept import Kept
from rlm_desktop.engine.commands.wire import Command, Fields, Place, RunFields, fitting, page, read, row_of
from rlm_desktop.engine.compare import Line, compare, turn_before
from rlm_desktop.engine.coverage import Part, Share, names_of, shares
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.recordings import Recordings
from rlm_desktop.events import Range, Row, RunState, decode_ranges, sendable

LINES_PAGE = 2_000
"""Most lines of a comparison in one answer."""
How = Literal["printed", "sent", "searched"]
Found = tuple[How, Range]


class _Ranges(RunFields):
    span: int
    start: Place = msgspec.field(name="from", default=0)
    count: int = 200


class _Coverage(RunFields):
    part: Part | Literal[""] = ""
    text: str = ""
    start: Place = msgspec.field(name="from", default=0)
    count: int = 200


class _Compare(RunFields):
    span: int
    start: Place = msgspec.field(name="from", default=0)
    count: int = LINES_PAGE


class ReadingCommands:
    """Carries out ``ranges``, ``coverage`` and ``compare``."""

    def __init__(self, engine: Engine, kept: Kept) -> None:
        self._engine = engine
        self._kept = kept
        self._lengths: dict[str, list[int | None]] = {}
        self._compared: dict[tuple[str, int], list[Line]] = {}
        self.by_name: dict[str, Command] = {
            "ranges": self._ranges,
            "coverage": self._coverage,
            "compare": self._compare,
        }

    async def _ranges(self, message: Fields) -> Fields:
        asked = read(message, _Ranges)
        _, state = await self._kept.now(asked.run)
        row = row_of(state, asked.run, asked.span)
        found = _found(row)
        some = found[asked.start : asked.start + page(asked.count)]
        own = not state.in_child(row)
        places = await self._places(state, some) if own else [_nameless(how, one) for how, one in some]
        return {"places": fitting(places), "total": len(found)}

    async def _places(self, state: RunState, found: Sequence[Found]) -> list[Fields]:
        """Where ranges stand now: name and path of the document, and the lines if it is what it was."""
        if state.start is None:
            return []
        sources, names = state.start.sources, names_of(state.start)
        spans: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for _, one in found:
            if one.document < len(sources):
                spans[one.document].append((one.start, one.end))
        documents = [sources[document] for document in spans]
        states = {one.path: one.state for one in await asyncio.to_thread(changes, documents)}
        same = [document for document in spans if sources[document].path not in states]
        lines = await self._engine.scan.lines_of(
            [sources[document] for document in same], [spans[document] for document in same]
        )
        at = {
            (document, *span): place
            for document, placed in zip(same, lines, strict=True)
            for span, place in zip(spans[document], placed or (), strict=False)
        }
        return [
            {
                **_nameless(how, one),
                "name": names[one.document],
                "path": sources[one.document].path,
                "lines": at.get((one.document, one.start, one.end), (0, 0)),
                "state": states.get(sources[one.document].path, ""),
            }
            for how, one in found
            if one.document < len(sources)
        ]

    async def _coverage(self, message: Fields) -> Fields:
        asked = read(message, _Coverage)
        _, state = await self._kept.now(asked.run)
        lengths = await self._length_of_each(asked.run, state)
        every = shares(state, lengths)
        wanted = asked.text.casefold()
        rows = [one for one in every if asked.part in {"", one.part} and wanted in one.name.casefold()]
        parts = Counter(one.part for one in every)
        return {
            "read": sum(one.read for one in every),
            "characters": sum(one.characters for one in every),
            "exact": None not in lengths,
            **{part: parts[part] for part in ("none", "part", "whole")},
            "rows": fitting(list(map(_sendable, rows[asked.start : asked.start + page(asked.count)]))),
            "total": len(rows),
        }

    async def _length_of_each(self, run: str, state: RunState) -> list[int | None]:
        """Counted once for the run that was asked about last."""
        if run not in self._lengths:
            sources = state.start.sources if state.start else ()
            self._lengths = {run: await self._engine.scan.lengths(sources)}
        return self._lengths[run]

    async def _compare(self, message: Fields) -> Fields:
        asked = read(message, _Compare)
        _, state = await self._kept.now(asked.run)
        row = row_of(state, asked.run, asked.span)
        before = turn_before(state, row)
        if before is None or not row.prompt:
            return {"against": 0, "lines": [], "total": 0}
        name = (asked.run, asked.span)
        if name not in self._compared:
            self._compared = {name: await asyncio.to_thread(self._lines, before, row)}
        lines = self._compared[name]
        some = lines[asked.start : asked.start + max(0, min(asked.count, LINES_PAGE))]
        return {"against": before.span, "lines": fitting(some), "total": len(lines)}

    def _lines(self, before: Row, now: Row) -> list[Line]:
        with self._engine.store.apart() as store:
            texts = Recordings(store)
            return list(compare(before.prompt, now.prompt, lambda name: sendable(texts.text(name))))


def _found(row: Row) -> list[Found]:
    """What a row tells of the documents, in their order."""
    ways: tuple[tuple[How, str], ...] = (
        ("printed", row.printed),
        ("sent", row.sent),
        ("searched", row.searched),
    )
    found = [(how, one) for how, text in ways for one in decode_ranges(text)]
    return sorted(found, key=lambda pair: (pair[1].document, pair[1].start, pair[1].end))


def _nameless(how: How, one: Range) -> Fields:
    """A place in the context of a child RLM, which is no document."""
    return {
        "name": "",
        "path": "",
        "start": one.start,
        "end": one.end,
        "lines": (0, 0),
        "how": how,
        "ambiguous": one.ambiguous,
        "state": "",
    }


def _sendable(one: Share) -> Share:
    return msgspec.structs.replace(one, name=sendable(one.name), path=sendable(one.path))
