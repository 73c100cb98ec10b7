"""Looking for steps of the run on show, also those that nobody has opened yet."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from msgspec import structs
from PySide6.QtCore import QObject, QTimer, Signal

from rlm_desktop.events import Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.run.tree_model import ROOT, RunTreeModel
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.steps import FoundPage, FoundStep

PAGE = 500
"""Steps asked for at once, and the most that a filtered tree shows."""
AGAIN_MS = 1000
"""How often what is shown of a run that goes on is looked for again, at most."""
REST = 10
"""How many times as long as it took to look the engine is left alone, so that it takes a tenth of the time."""


class StepSearch(QObject):
    """Asks the engine for the steps that have some words, or are of some kind.

    Args:
        engine: Where the run is.
        at: Number of the event the run is shown at; ``None`` for its end.

    Attributes:
        query: What is looked for; empty for nothing.
        only: Which steps are shown: ``failed``, ``running``, ``calls``, ``cells``, ``turns``, ``noted``; empty for all.
        hits: Those found, as far as they were asked for.
        total: How many there are.

    Signals:
        found: There is another answer, or none any more.
        reached: The person goes to a step (`FoundStep`).
        refused: The engine could not look (`EngineError`).
    """

    found = Signal()
    reached = Signal(object)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, at: Callable[[], int | None]) -> None:
        super().__init__()
        self.query = self.only = ""
        self.hits: list[FoundStep] = []
        self.total = 0
        self.rows: dict[int, Row] = {}
        self._engine, self._at = engine, at
        self._tree: RunTreeModel | None = None
        self._place = -1
        self._asked = 0
        self._waiting = False
        self._then: Callable[[], None] | None = None
        self._again = QTimer(self)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._look_again)

    @property
    def active(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.query or self.only) and self._tree is not None

    @property
    def place(self) -> int:
        """Which of the hits the person is at, from 0; -1 before the first."""
        return self._place

    @property
    def _run(self) -> Row | None:
        return self._tree.row(ROOT) if self._tree is not None else None

    def follow(self, tree: RunTreeModel | None) -> None:
        """Look in another tree from now on, for the same."""
        self._tree = tree
        self._begin()

    def look_for(self, query: str, only: str) -> None:
        """Look for steps that have these words, of those of this kind; both may be empty."""
        if (query, only) != (self.query, self.only):
            self.query, self.only = query, only
            self._begin()

    def go(self, step: int, chosen: int = ROOT) -> None:
        """Go to the next hit, or with -1 to the one before; after the last comes the first.

        Args:
            step: 1 or -1.
            chosen: The row the person is at, after which to begin.
        """
        if self._waiting and not self.hits:
            self._then = lambda: self.go(step, chosen)
            return
        if not self.total:
            return
        place = next((n for n, hit in enumerate(self.hits) if hit.span == chosen), self._place)
        if place < 0:
            place = -1 if step > 0 else 0
        target = (place + step) % self.total
        if step > 0:
            self._seek(target)
        else:
            self._reach(target)

    def _seek(self, target: int) -> None:
        """Reach a hit, if need be by asking for it; a look again may have taken pages away that were here."""
        if target < len(self.hits):
            self._reach(target)
        else:
            self._then = lambda: self._seek(target)
            self._ask(len(self.hits))

    def _reach(self, target: int) -> None:
        self._place = min(target, len(self.hits) - 1)
        self.reached.emit(self.hits[self._place])
        self.found.emit()

    def _begin(self) -> None:
        self._place, self._then = -1, None
        self.hits, self.total = [], 0
        self._asked += 1  # what was asked before is not waited for
        if self.active:
            self._ask(0)
            if self._run is None or not self._run.finished:
                self._again.start()
        else:
            self._again.stop()
            self._waiting = False
            self.rows = {}
            self.found.emit()

    def _look_again(self) -> None:
        if self._tree is None or self._waiting or not self._engine.alive:
            return
        if self._run is None or self._run.finished:
            self._again.stop()  # after this once: its last steps may not have been there before
        self._ask(0)

    def _ask(self, first: int) -> None:
        if self._tree is None:
            return
        self._asked += 1
        asked, self._waiting = self._asked, True
        began = time.monotonic()

        def done(page: FoundPage) -> None:
            if asked == self._asked:
                self._again.setInterval(max(AGAIN_MS, round(REST * (time.monotonic() - began) * 1000)))
                self._take(first, page)

        def failed(error: EngineError) -> None:
            if asked == self._asked:
                self._waiting, self._then = False, None
                self._again.stop()
                self.refused.emit(error)

        fields = {"run": self._tree.run, "query": self.query, "only": self.only, "at": self._at()}
        self._engine.request("find_rows", FoundPage, done, failed, count=PAGE, **fields, **{"from": first})

    def _take(self, first: int, page: FoundPage) -> None:
        self._waiting = False
        self.hits = [*self.hits[:first], *page.hits]
        rows = {row.span: row for row in page.rows}
        self.rows = self.rows | rows if first else rows
        self.total = page.total
        then, self._then = self._then, None
        if then is not None and page.hits:
            then()
        self.found.emit()


def filtered(rows: Sequence[Row], whole: Row) -> list[Row]:
    """Rows as a tree of their own: each counts its place and its children among these.

    Args:
        rows: Those above before those below.
        whole: The row of the run.
    """
    below: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.index):
        below[row.parent].append(row)
    numbered = [structs.replace(whole, children=len(below[ROOT]))]
    waiting = [ROOT]
    while waiting:
        for place, row in enumerate(below.get(waiting.pop(), ())):
            numbered.append(structs.replace(row, index=place, children=len(below.get(row.span, ()))))
            waiting.append(row.span)
    return numbered
