"""The tree of a run as it was after one of its events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from rlm_desktop.events import Row
from rlm_desktop.gui.engine_client import EngineClient, Reply
from rlm_desktop.gui.run.tree_model import PAGE, ROOT, RunTreeModel
from rlm_desktop.gui.wire import EngineError, ReplayPage, StatePage

END = 2**40
"""After the last event, whichever that is."""


@dataclass(frozen=True)
class Target:
    """Where to go: to an event that was chosen, or to a moment of playing (in seconds)."""

    at: int | None = None
    moment: float | None = None


class Past(QObject):
    """Takes the tree of one run to any of its events.

    The engine folds the events; this asks it what a move changes, one question at a time. Places wanted
    meanwhile give way to the latest.

    Args:
        engine: Where the run is.
        run: Its id.

    Attributes:
        at: Number of the event arrived at; 0 before the engine has answered.
        time: When it happened, in UTC microseconds since the epoch.
        tree: The run as it was then; ``None`` before it was taken anywhere.

    Signals:
        measured: The run has so many events, and stands at its last (`ReplayPage`).
        arrived: It stands at another event now (`ReplayPage`, `Target`).
        refused: The engine could not take it there (`EngineError`).
    """

    measured = Signal(object)
    arrived = Signal(object, object)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, run: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.at = self.time = 0
        self.tree: RunTreeModel | None = None
        self._engine = engine
        self._run = run
        self._left = False
        self._asked: Target | None = None
        self._wanted: Target | None = None

    @property
    def jumping(self) -> bool:
        """Whether it is on its way to an event that was chosen."""
        return any(target is not None and target.at is not None for target in (self._asked, self._wanted))

    def measure(self) -> None:
        """Ask how long the run is."""

        def done(page: ReplayPage) -> None:
            if self.tree is None:
                self.at = page.at
                self.measured.emit(page)

        self._request("replay", ReplayPage, done, at=END, was=END)

    def go(self, target: Target) -> None:
        """Go there, now or as soon as it has arrived where it is going."""
        self._wanted = target
        self._ask()

    def stay(self) -> None:
        """Give up a moment that was wanted; an event that was chosen is still gone to."""
        if self._wanted is not None and self._wanted.at is None:
            self._wanted = None

    def leave(self) -> None:
        """Nobody is interested any more in what the engine will answer."""
        self._left = True

    def _ask(self) -> None:
        if self._asked is not None or self._wanted is None:
            return
        self._asked, self._wanted = self._wanted, None
        was = self.at if self.tree is not None else 0
        self._request(
            "replay", ReplayPage, self._answered, was=was, at=self._asked.at, moment=self._asked.moment
        )

    def _answered(self, page: ReplayPage) -> None:
        if page.anew:
            self._build(page)
        else:
            self._arrive(page, self.tree or self._new_tree(), page.rows, page.removed)

    def _build(self, page: ReplayPage) -> None:
        """Too much changed to be listed: make a tree of its own, which is read as it is looked at."""
        tree = self._new_tree()

        def done(first: StatePage) -> None:
            self._arrive(page, tree, (first.row, *first.rows))

        self._page(ROOT, 0, page.at, done)

    def _arrive(
        self, page: ReplayPage, tree: RunTreeModel, rows: Sequence[Row], removed: Sequence[int] = ()
    ) -> None:
        former, self.tree = self.tree, tree
        # the place comes first, since a view that sees new rows asks for those below them
        self.at, self.time = page.at, page.time
        tree.forget_questions()
        tree.move(rows, removed)
        target, self._asked = self._asked, None
        self.arrived.emit(page, target)
        if former is not None and former is not tree:
            former.deleteLater()  # by now another one is shown
        self._ask()

    def _new_tree(self) -> RunTreeModel:
        tree = RunTreeModel(self._run, self, clock=lambda: self.time / 1e6)
        tree.wanted.connect(lambda span, first: self._fetch(tree, span, first))
        return tree

    def _fetch(self, tree: RunTreeModel, span: int, first: int) -> None:
        """Read a page of rows as they are at this place; if one has gone on meanwhile, read it again there."""
        at = self.at

        def done(page: StatePage) -> None:
            if tree is not self.tree:
                return
            if at == self.at:
                tree.move((page.row, *page.rows))
            elif tree.row(span) is not None and tree.canFetchMore(tree.index_of(span)):
                tree.fetchMore(tree.index_of(span))

        self._page(span, first, at, done)

    def _page(self, span: int, first: int, at: int, done: Callable[[StatePage], None]) -> None:
        fields: dict[str, Any] = {"span": span, "from": first, "count": PAGE, "at": at}
        self._request("state", StatePage, done, **fields)

    def _request(
        self, command: str, reply: type[Reply], done: Callable[[Reply], None], **fields: object
    ) -> None:
        def answered(page: Reply) -> None:
            if not self._left:
                done(page)

        def failed(error: EngineError) -> None:
            if not self._left:
                self._asked = self._wanted = None
                self.refused.emit(error)

        self._engine.request(command, reply, answered, failed, run=self._run, **fields)
