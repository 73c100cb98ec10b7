"""Saying for whom a worker waits, for how long, and that it waits no longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from rlm_desktop.models.llama.turn import Turn
from rlm_desktop.models.notices import ModelNotice

LONG = 30.0
"""Seconds after which a person may want to know since when the other process computes: it may be stuck."""


class Waiting:
    """The wait for this process's turn.

    Args:
        turn: The turn.
        emit: Receives what is to be said.
        clock: Seconds from any origin.
    """

    def __init__(
        self,
        turn: Turn,
        emit: Callable[[ModelNotice], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._turn = turn
        self._emit = emit
        self._clock = clock
        self._began = 0.0
        self._said: dict[str, str] = {}

    @property
    def going_on(self) -> bool:
        """Whether it is waited."""
        return bool(self._said)

    def go_on(self, names: Iterable[str]) -> None:
        """It is still not this process's turn; say so of each model that is needed, when there is anything new."""
        if not self._said:
            self._began = self._clock()
        holder = self._turn.holder()
        who = f"process {holder.pid} ({holder.program})" if holder else "another process"
        text = f"Waiting for {who}, which is using a model on this computer."
        if holder and self._clock() - self._began >= LONG:
            text = f"Waiting for {who}, which has been using a model on this computer since {holder.clock}."
        for name in names:
            if self._said.get(name) != text:
                self._said[name] = text
                self._emit(ModelNotice(name, "waiting", text, pid=holder.pid if holder else 0))

    def end(self, loaded: Iterable[str]) -> None:
        """It is waited no longer: the turn has come, or nothing is left to do.

        Args:
            loaded: Names of the models in memory.
        """
        loaded = set(loaded)
        for name in self._said:
            self._emit(ModelNotice(name, "ready" if name in loaded else "unloaded"))
        self._said.clear()
