"""A run that has ended, shown again as it was after any of its events."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from rlm_desktop.events import Row
from rlm_desktop.gui.engine_client import EngineClient, Reply
from rlm_desktop.gui.models.run_tree_model import PAGE, ROOT, RunTreeModel
from rlm_desktop.gui.wire import EngineError, ReplayPage, StatePage, Summary

TICK_MS = 50
"""How often a position is asked for while playing."""
END = 2**40
"""After the last event, whichever that is."""


@dataclass(frozen=True)
class _Target:
    """Where to go: to an event, or to a moment of playing (in seconds)."""

    at: int | None = None
    moment: float | None = None


class Replay(QObject):
    """Stands between the run that is looked at and the panels that show it, and takes them to its past.

    The engine folds the events; this asks it what a move changes, one question at a time. Positions asked for
    meanwhile give way to the latest.

    Attributes:
        at: Number of the event after which the run is shown.
        target: Number of the event the person wants to see; ``at``, as soon as the engine has answered.
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
        self.at = self.target = self.total = 0
        self.speed = 1.0
        self._engine = engine
        self._stored: Summary | None = None
        self._tree: RunTreeModel | None = None
        self._past: RunTreeModel | None = None
        self._turns: tuple[int, ...] = ()
        self._duration = self._moment = 0.0
        self._time = 0
        self._visit = 0
        self._watched = ""
        self._asked: _Target | None = None
        self._wanted: _Target | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._advance)

    # -- the run that is looked at -----------------------------------------------------------------------

    @property
    def run(self) -> str:
        """Id of the run, if it has ended; empty if there is none to replay."""
        return self._stored.run if self._stored is not None and not self._stored.running else ""

    @property
    def replaying(self) -> bool:
        """Whether the run was taken to a place, instead of being shown as it was found."""
        return self._tree is not None

    @property
    def playing(self) -> bool:
        """Whether time goes on by itself."""
        return self._timer.isActive()

    def watch(self, run: str) -> None:
        """Play this run from its beginning, now or as soon as it is looked at."""
        if run == self.run:
            self._from_the_start()
        else:
            self._watched = run

    def follow(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        """Look at another run, as it is stored."""
        self._tree = None
        self._visit += 1
        self._timer.stop()
        self._stored, self._asked, self._wanted = summary, None, None
        self.at = self.target = self.total = 0
        if self.run and self.run == self._watched:
            self._from_the_start()
        else:
            self._show(summary, tree)
            self._measure()
        self._watched = ""
        self.moved.emit()

    def update(self, summary: Summary) -> None:
        """Something new is known of the run: it may have ended."""
        playable = bool(self.run)
        self._stored = summary
        if self._tree is None or self.at == self.total:
            self.updated.emit(summary)
        if not playable:
            self._measure()

    def _show(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        """Have another tree shown; one that was made here is of no use afterwards."""
        former, self._past = self._past, self._tree
        self.shown.emit(summary, tree)
        if former is not None:
            former.deleteLater()

    def _measure(self) -> None:
        """Ask how long the run is; it is shown as it is stored, at its end."""
        if self.run:
            self._request("replay", ReplayPage, self._measured, run=self.run, at=END, was=END)

    def _measured(self, page: ReplayPage) -> None:
        if not self.total:
            self._take_place(page)
            self.target, self._moment = self.at, page.moment
            self.moved.emit()

    # -- going to a place --------------------------------------------------------------------------------

    def seek(self, at: int) -> None:
        """Show the run as it was after event ``at``, or the nearest there is."""
        if self.total:
            self.target = max(1, min(at, self.total))
            self._go(_Target(at=self.target))
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
        self.target = 1
        self._go(_Target(at=1))
        self._play()

    def _play(self) -> None:
        self._timer.start()
        self.started.emit()
        self.moved.emit()

    def _pause(self) -> None:
        self._timer.stop()
        if self._wanted is not None and self._wanted.at is None:
            self._wanted = None
        self.moved.emit()

    def _advance(self) -> None:
        if any(target is not None and target.at is not None for target in (self._asked, self._wanted)):
            return  # a jump comes first, and time goes on from there
        self._moment = min(self._duration, self._moment + self.speed * TICK_MS / 1000)
        self._go(_Target(moment=self._moment))

    # -- the engine --------------------------------------------------------------------------------------

    def _go(self, target: _Target) -> None:
        self._wanted = target
        self._ask()

    def _ask(self) -> None:
        if self._asked is not None or self._wanted is None:
            return
        self._asked, self._wanted = self._wanted, None
        fields = {"at": self._asked.at, "moment": self._asked.moment}
        was = self.at if self._tree is not None else 0
        self._request("replay", ReplayPage, self._answered, run=self.run, was=was, **fields)

    def _answered(self, page: ReplayPage) -> None:
        if page.anew:
            self._build(page)
        else:
            self._arrive(page, self._tree or self._new_tree(), page.rows, page.removed)

    def _build(self, page: ReplayPage) -> None:
        """Too much changed to be listed: make a tree of its own, which is read as it is looked at."""
        tree = self._new_tree()

        def done(first: StatePage) -> None:
            self._arrive(page, tree, (first.row, *first.rows))

        fields: dict[str, Any] = {"span": ROOT, "from": 0, "count": PAGE, "at": page.at}
        self._request("state", StatePage, done, run=self.run, **fields)

    def _arrive(
        self, page: ReplayPage, tree: RunTreeModel, rows: Sequence[Row], removed: Sequence[int] = ()
    ) -> None:
        if self._asked is not None and self._asked.at is not None:
            self._moment = page.moment
        self._asked = None
        same = tree is self._tree and page.at == self.at
        former, self._tree = self._tree, tree
        self._take_place(page)  # first, since a view that sees new rows asks for those below them
        tree.forget_questions()
        tree.move(rows, removed)
        if self._wanted is None or self._wanted.at is None:
            self.target = self.at
        summary = self._summary(page.run)
        if tree is not former:
            self._show(summary, tree)
        elif not same:
            self.updated.emit(summary)
        if self.at == self.total and self.target == self.total:
            self._timer.stop()
        self.moved.emit()
        self._ask()

    def _take_place(self, page: ReplayPage) -> None:
        self.at, self.total, self._time = page.at, page.total, page.time
        self._turns, self._duration = page.turns, page.duration

    def _summary(self, then: Summary) -> Summary:
        """The run as it was, with the name it has now; at the end, as it is stored."""
        stored = self._stored
        if stored is None or self.at == self.total:
            return stored or then
        return msgspec.structs.replace(then, run=stored.run, title=stored.title, pinned=stored.pinned)

    def _new_tree(self) -> RunTreeModel:
        tree = RunTreeModel(self.run, self, clock=lambda: self._time / 1e6)
        tree.wanted.connect(lambda span, first: self._fetch(tree, span, first))
        return tree

    def _fetch(self, tree: RunTreeModel, span: int, first: int) -> None:
        """Read a page of rows as they are at this place; if one has gone on meanwhile, read it again there."""
        at = self.at

        def done(page: StatePage) -> None:
            if tree is not self._tree:
                return
            if at == self.at:
                tree.move((page.row, *page.rows))
            elif tree.row(span) is not None and tree.canFetchMore(tree.index_of(span)):
                tree.fetchMore(tree.index_of(span))

        fields: dict[str, Any] = {"span": span, "from": first, "count": PAGE, "at": at}
        self._request("state", StatePage, done, run=self.run, **fields)

    def _request(
        self, command: str, reply: type[Reply], done: Callable[[Reply], None], **fields: object
    ) -> None:
        """Ask the engine; what it says is of no interest once another run is looked at."""
        visit = self._visit

        def answered(page: Reply) -> None:
            if visit == self._visit:
                done(page)

        def failed(error: EngineError) -> None:
            if visit == self._visit:
                self._timer.stop()
                self._asked = self._wanted = None
                self.target = self.at
                self.refused.emit(error)
                self.moved.emit()

        self._engine.request(command, reply, answered, failed, **fields)
