"""The command that finds steps of a run, also those that no front end has looked at yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from rlm_desktop.engine.commands.kept import Kept
from rlm_desktop.engine.commands.wire import ROOM, Command, Fields, Place, RunFields, fitting, page, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.finding import Found, Only, find
from rlm_desktop.engine.recordings import Recordings
from rlm_desktop.events import RunState


class _FindRows(RunFields):
    query: str = ""
    only: Only = ""
    start: Place = msgspec.field(name="from", default=0)
    count: int = 100
    at: int | None = None


class FindCommands:
    """Carries out ``find_rows``."""

    def __init__(self, engine: Engine, kept: Kept) -> None:
        self._engine = engine
        self._kept = kept
        self._last: tuple[object, list[Found]] = (None, [])
        self._finding = asyncio.Lock()
        self.by_name: dict[str, Command] = {"find_rows": self._find_rows}

    async def _find_rows(self, message: Fields) -> Fields:
        asked = read(message, _FindRows)
        kept = self._kept
        async with self._finding:
            _, state = await (kept.now(asked.run) if asked.at is None else kept.then(asked.run, asked.at))
            hits = await self._hits(asked, state)
        first = fitting(hits[asked.start : asked.start + page(asked.count)], ROOM // 2)
        spans = {span: None for hit in first for span, _ in hit.path}
        rows = [state.rows[span] for span in spans if span in state.rows]
        return {"hits": first, "rows": fitting(rows, ROOM // 2), "total": len(hits)}

    async def _hits(self, asked: _FindRows, state: RunState) -> list[Found]:
        """What was found; kept for the pages that are asked for next."""
        query = " ".join(asked.query.lower().split())
        key = (asked.run, state.seq, query, asked.only)
        if key != self._last[0]:
            # the state of a run that goes on may grow meanwhile; nothing in it is ever taken out
            hits = await asyncio.to_thread(self._find, state, query, asked.only)
            self._last = (key, hits)
        return self._last[1]

    def _find(self, state: RunState, query: str, only: Only) -> list[Found]:
        """Off the loop: it reads every text of the run."""
        with self._engine.store.apart() as store:
            recordings, has_query = Recordings(store), looking_for(query)
            return find(
                state,
                query,
                only,
                lambda names: {name for name, text in recordings.texts(names) if has_query(text)},
            )


def looking_for(query: str) -> Callable[[str], bool]:
    """Tells whether a text says something, however it is spaced and whether in capitals or not.

    Args:
        query: In lower case, with single spaces between its words.
    """
    longest = max(query.split(" "), key=len)

    def has_query(text: str) -> bool:
        # to bring a text into one line takes longer than to look for a word, which hardly any has
        text = text.lower()
        return longest in text and (longest == query or query in " ".join(text.split()))

    return has_query
