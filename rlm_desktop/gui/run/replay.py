"""A run that has ended, shown again as it was: by stepping, by jumping, or by letting time go on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.run.past import Past, Target
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.wire import EngineError, ReplayPage, Summary

TICK_MS = 50
"""How often a position is asked for while playing."""


class Replay(QObject):
    """Stands between the run that is looked at and the panels that show it, and takes them to its past.

    Attributes:
        target: Number of the event the person wants to see; `at`, as soon as the engine has answered.
        total: Number of events; 0 while there is nothing to replay.
        speed: Seconds of the run in a second.

    Signals:
        shown: Another run, or another tree of it, is to be shown (`Summary`, `RunTreeModel`), or none.
        updated: The same tree goes with another summary (`Summary`).
        moved: The position changed, or what can be done with it.
        started: It begins to play.
        refused: The engine could not go there (`EngineError`).
    """

    shown = Signal(object, object)
    updated = Signal(object)
    moved = Signal()
    started = Signal()
    refused = Signal(object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self.target = self.total = 0
        self.speed = 1.0
        self._engine = engine
        self._stored: Summary | None = None
        self._past: Past | None = None
        self._left: list[Past] = []
        self._seen: tuple[RunTreeModel | None, int] = (None, 0)
        self._turns: tuple[int, ...] = ()
        self._duration = self._moment = 0.0
        self._watched = ""
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def run(self) -> str:
        """Id of the run, if it has ended; empty if there is none to replay."""
        return self._stored.run if self._stored is not None and not self._stored.running else ""

    @property
    def at(self) -> int:
        """Number of the event after which the run is shown; 0 while that is not known."""
        return self._past.at if self._past is not None else 0

    @property
    def place(self) -> int | None:
        """Number of the event the run is shown at; ``None`` for its end, as it is stored."""
        return self.at if self.replaying and self.at != self.total else None

    @property
    def replaying(self) -> bool:
        """Whether the run was taken to a place, instead of being shown as it was found."""
        return self._past is not None and self._past.tree is not None

    @property
    def time(self) -> int | None:
        """When the event happened after which the run is shown, in UTC microseconds; ``None`` at its end."""
        if self._past is None or not self.replaying or self.at == self.total:
            return None
        return self._past.time

    @property
    def playing(self) -> bool:
        """Whether time goes on by itself."""
        return self._timer.isActive()

    # -- the run that is looked at -----------------------------------------------------------------------

    def watch(self, run: str) -> None:
        """Play this run from its beginning, now or as soon as it is looked at."""
        if run == self.run:
            self._from_the_start()
        else:
            self._watched = run

    def follow(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        """Look at another run, as it is stored."""
        self._timer.stop()
        if self._past is not None:
            self._past.leave()
            self._left.append(self._past)
            self._past = None
        self._stored = summary
        self.target = self.total = 0
        watched, self._watched = bool(self.run) and self.run == self._watched, ""
        if self.run:
            self._past = self._open(self.run)
        if watched:
            self._from_the_start()
        else:
            self._show(summary, tree)
            if self._past is not None:
                self._past.measure()
        self.moved.emit()

    def update(self, summary: Summary) -> None:
        """Something new is known of the run: it may have ended."""
        self._stored = summary
        if not self.replaying or self.at == self.total:
            self.updated.emit(summary)
        if self.run and self._past is None:
            self._past = self._open(self.run)
            self._past.measure()

    def _open(self, run: str) -> Past:
        past = Past(self._engine, run, self)
        past.measured.connect(self._measured)
        past.arrived.connect(self._arrived)
        past.refused.connect(self._refused)
        return past

    def _show(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        """Have a tree shown; those of runs that were left can go as soon as another is."""
        self._seen = (tree, self.at)
        self.shown.emit(summary, tree)
        for past in self._left:
            past.deleteLater()
        self._left.clear()

    # -- going to a place --------------------------------------------------------------------------------

    def seek(self, at: int) -> None:
        """Show the run as it was after event ``at``, or the nearest there is."""
        if self.total:
            self._jump(max(1, min(at, self.total)))
            self.moved.emit()

    def to_start(self) -> None:
        """Show the run as it began."""
        self.seek(1)

    def to_end(self) -> None:
        """Show the run as it ended."""
        self.seek(self.total)

    def turn_back(self) -> None:
        """Go to the end of the turn before, or to the beginning."""
        number = bisect_left(self._turns, self.target)
        self.seek(self._turns[number - 1] if number else 1)

    def turn_forward(self) -> None:
        """Go to the end of this turn."""
        number = bisect_right(self._turns, self.target)
        self.seek(self._turns[number] if number < len(self._turns) else self.total)

    def _jump(self, at: int) -> None:
        if self._past is not None:
            self.target = at
            self._past.go(Target(at=at))

    # -- playing -----------------------------------------------------------------------------------------

    def play_or_pause(self) -> None:
        """Let time go on or stand still; at its end a run is played from the beginning."""
        if self.playing:
            self._pause()
        elif self.target < self.total:
            self._play()
        elif self.total:
            self._from_the_start()

    def _from_the_start(self) -> None:
        self._jump(1)
        self._play()

    def _play(self) -> None:
        self._timer.start()
        self.started.emit()
        self.moved.emit()

    def _pause(self) -> None:
        self._timer.stop()
        if self._past is not None:
            self._past.stay()
        self.moved.emit()

    def _advance(self) -> None:
        if self._past is None or self._past.jumping:
            return  # a jump comes first, and time goes on from there
        self._moment = min(self._duration, self._moment + self.speed * TICK_MS / 1000)
        self._past.go(Target(moment=self._moment))

    # -- what the engine says ----------------------------------------------------------------------------

    def _measured(self, page: ReplayPage) -> None:
        self._learn(page)
        self.target, self._moment = page.at, page.moment
        self.moved.emit()

    def _arrived(self, page: ReplayPage, target: Target) -> None:
        past = self._past
        if past is None:
            return
        self._learn(page)
        if target.at is not None:
            self._moment = page.moment
        if not past.jumping:
            self.target = page.at
        summary = self._summary(page)
        tree, at = self._seen
        if tree is not past.tree:
            self._show(summary, past.tree)
        elif at != page.at:
            self._seen = (tree, page.at)
            self.updated.emit(summary)
        if self.target == page.at == page.total:
            self._timer.stop()
        self.moved.emit()

    def _refused(self, error: EngineError) -> None:
        self._timer.stop()
        self.target = self.at
        self.refused.emit(error)
        self.moved.emit()

    def _learn(self, page: ReplayPage) -> None:
        self.total, self._turns, self._duration = page.total, page.turns, page.duration

    def _summary(self, page: ReplayPage) -> Summary:
        """The run as it was, with the name it has now; at the end, as it is stored."""
        stored = self._stored
        if stored is None or page.at == page.total:
            return stored or page.run
        return msgspec.structs.replace(page.run, run=stored.run, title=stored.title, pinned=stored.pinned)
