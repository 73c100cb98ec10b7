"""Runs as they are and as they were: folded once, off the loop, and the last kept for what is asked next."""

from __future__ import annotations

import asyncio

from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.recordings import SAMPLE, Recordings
from rlm_desktop.events import Recording, RunFinished, RunState, fold
from rlm_desktop.replay import Player
from rlm_desktop.store import RunSummary, summarise


class Kept:
    """The states that commands show.

    A run of 100,000 events takes 0.7 s to fold, so a thread does it; of a run that goes on here there is a state
    already. What a thread reads is asked for by one command at a time.

    Args:
        engine: Whose runs they are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._states: dict[str, RunState] = {}
        self._players: dict[str, Player] = {}
        self._reading = asyncio.Lock()

    async def now(self, run: str) -> tuple[RunSummary, RunState]:
        """A run as it is.

        Of one that goes on elsewhere the state may be newer than the summary, but not older: who reads that it has ended
        does not look again.

        Raises:
            UserError: There is no such run.
        """
        summary = None if run == SAMPLE else self._engine.summary(run)
        state = self._known(run) or await self._folded(run)
        return summary or summarise(state), state

    async def then(self, run: str, at: int) -> tuple[RunSummary, RunState]:
        """A run as it was after one of its events. The state changes with the next call."""
        state = (await self.player(run)).seek(max(1, at))
        return summarise(state), state

    async def player(self, run: str) -> Player:
        """A player of the run, of which the last is kept; a run that goes on, here or elsewhere, has more each time."""
        async with self._reading:
            if player := self._players.get(run):
                return player
            player = await asyncio.to_thread(lambda: Player(self._open(run)))
            if isinstance(player.event(player.total), RunFinished):
                self._players = {run: player}
            return player

    def _known(self, run: str) -> RunState | None:
        return self._engine.live(run) or self._states.get(run)

    async def _folded(self, run: str) -> RunState:
        async with self._reading:
            if state := self._known(run):
                return state
            state = await asyncio.to_thread(lambda: fold(self._open(run).events))
            if state.finish:
                self._states = {run: state}
            return state

    def _open(self, run: str) -> Recording:
        """A recording to fold; its texts cannot be read after."""
        with self._engine.store.apart() as store:
            return Recordings(store).open(run)
