"""The sessions of one engine: which is going, and whose REPLs are kept for a follow-up question."""

from __future__ import annotations

import asyncio
import shutil
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path

from rlm_desktop.documents.corpus import Document
from rlm_desktop.engine.past import Past, past_of
from rlm_desktop.engine.session import Exchange, Session
from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import Recording, RunStarted
from rlm_desktop.store import RunSummary, Store

KEPT = 3
"""Sessions whose REPLs live on when nothing of them runs; each holds its documents in memory."""


class Sessions:
    """Hands out sessions.

    Args:
        store: The history, where sessions of earlier starts are found again.
        scratch: Folder for the REPLs of sessions.
    """

    def __init__(self, store: Store, scratch: Path) -> None:
        self._store = store
        self._scratch = scratch
        self._live: OrderedDict[str, Session] = OrderedDict()
        self._numbers = count(1)

    def begin(self, run: str) -> Session:
        """The session that a run begins or, when it follows another, goes on with."""
        session = Session(run, self._folder(run))
        return self._take(session)

    def go_on(self, follows: RunSummary) -> Session:
        """The session of the run that is followed.

        Raises:
            UserError: A question of it is still being answered.
        """
        name = follows.session
        session = self._live.get(name) or Session(name, self._folder(name))
        if session.busy or follows.status == "running":
            raise UserError(
                "The session's last question is still being answered.", "Wait for it, or stop it first."
            )
        session.exchanges = self._told(name)
        session.past = partial(self._past, name)
        return self._take(session)

    def _folder(self, name: str) -> Path:
        """A folder that no session before it has, since that of one which is being ended is being removed."""
        return self._scratch / f"session-{name}-{next(self._numbers)}"

    def _take(self, session: Session) -> Session:
        session.busy = True
        self._live[session.id] = session
        self._live.move_to_end(session.id)
        return session

    def _told(self, name: str) -> list[Exchange]:
        """What the history says of the session, so that nobody is reminded of a run that was deleted."""
        runs = self._store.session(name)
        return [Exchange(run.question, run.answer) for run in runs if run.answer]

    def _past(self, name: str, now: RunStarted, documents: Sequence[Document]) -> Past:
        """What the session's runs so far left in their REPL; to be called in a thread."""
        with self._store.apart() as store:
            runs = [summary.run for summary in store.session(name) if summary.run != now.run]
            try:
                recordings = [Recording(tuple(store.events(run)), store.text) for run in runs]
                return past_of(recordings, now, documents)
            except StoreError as error:
                return Past(lost=f"They cannot be computed again: {error}")

    async def rest(self, session: Session) -> None:
        """A run of the session is over; the REPLs of those that rested longest are ended."""
        session.busy = False
        resting = [one for one in self._live.values() if not one.busy]
        warm = [one for one in resting if one.warm]
        over = [one for one in resting if not one.warm or one in warm[: max(0, len(warm) - KEPT)]]
        for one in over:  # a session without a REPL has nothing that the history does not
            del self._live[one.id]
        await asyncio.gather(*map(self._end, over))

    async def close(self) -> None:
        """End every REPL."""
        sessions, self._live = list(self._live.values()), OrderedDict()
        await asyncio.gather(*map(self._end, sessions))

    async def _end(self, session: Session) -> None:
        await session.close()
        await asyncio.to_thread(shutil.rmtree, session.scratch, ignore_errors=True)
