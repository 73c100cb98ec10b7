"""The tree of a run as Qt views see it: rows arrive ready from the engine, pages of them on demand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import msgspec
from msgspec import structs
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from rlm_desktop.events import Row, is_single
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.arrivals import Arrivals
from rlm_desktop.gui.run.columns import COLUMNS, Column, ink, share_done
from rlm_desktop.gui.run.packing import RowPacker

Index = QModelIndex | QPersistentModelIndex
ROOT = 0
"""Span of the run itself, which is the invisible root of the tree."""
PAGE = 200
NO_INDEX = QModelIndex()
ShareRole = Qt.ItemDataRole.UserRole
"""What part of a step is done, 0 to 1, where that is drawn."""
GATHER_MS = 40
"""How long rows that `hear` is told of wait for others: a view lays out all it shows for each that comes."""
_ROLES = {
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.DecorationRole,
    Qt.ItemDataRole.ForegroundRole,
    Qt.ItemDataRole.TextAlignmentRole,
    ShareRole,
}


class _Node(msgspec.Struct, gc=False):
    """A row in its place. One that has ended is kept packed, in a tenth of the memory.

    Attributes:
        children: How many rows stand below it, known or not.
        row: The row, or the same packed; empty before it is known.
        below: Spans of those below it that are known.
    """

    parent: int
    index: int
    children: int
    row: Row | bytes
    below: list[int] | None = None


class RunTreeModel(QAbstractItemModel):
    """Rows of one run: turns at the top, below them cells, calls and the turns of child runs.

    What is known of a parent's children is always a prefix of them; the rest is asked for with
    `wanted` when a view wants to see it. Indexes carry the span of their row.

    Signals:
        wanted: A page of rows is needed (span of the parent, position of the first).
        changed: A row was added or changed (its span).

    Attributes:
        run: Id of the run.
        clock: Tells until when the rows that run have run, in seconds since the epoch.
    """

    wanted = Signal(int, int)
    changed = Signal(int)

    def __init__(
        self, run: str, parent: QObject | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self.run = run
        self.clock = clock
        self._nodes = {ROOT: _Node(ROOT, 0, 0, b"")}  # there before its row is known
        self._running: set[int] = set()
        self._newest = ROOT
        self._asked: dict[int, int] = {}
        self._looked_at: Row | None = None
        self._packer = RowPacker()
        self._coming = Arrivals(self.row)
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(GATHER_MS)
        self._gathering.timeout.connect(self._arrive)

    def row(self, span: int) -> Row | None:
        """The row with this span, if it is known."""
        if self._looked_at is not None and self._looked_at.span == span:
            return self._looked_at
        node = self._nodes.get(span)
        if node is None or not node.row:
            return None
        self._looked_at = node.row if isinstance(node.row, Row) else self._packer.unpack(node.row)
        return self._looked_at

    @property
    def newest(self) -> int:
        """Span of the row that began last; 0 before the first."""
        return self._newest

    @property
    def spans(self) -> frozenset[int]:
        """The ids of all rows that are known."""
        return frozenset(self._nodes)

    def row_at(self, index: Index) -> Row | None:
        """The row an index stands for."""
        return self.row(index.internalId()) if index.isValid() else None

    def index_of(self, span: int, column: int = 0) -> QModelIndex:
        """Where a row stands; invalid for the run itself and for unknown rows."""
        node = self._nodes.get(span)
        return self.createIndex(node.index, column, span) if node and span != ROOT else QModelIndex()

    def hear(self, rows: Iterable[Row], chunk: str = "", *, anew: bool = False) -> None:
        """Take in what an event changed, together with what other events change within `GATHER_MS`.

        Args:
            rows: Parents may come after their children, as events list them.
            chunk: Text the first row streamed, for engines that leave ``live`` out of the row.
            anew: Whether it takes the place of what that row streamed before.
        """
        self._coming.add(rows, chunk, anew=anew)
        if not self._gathering.isActive():
            self._gathering.start()

    def take(self, rows: Iterable[Row], chunk: str = "", *, anew: bool = False) -> None:
        """Take in new and changed rows at once, from an event (see `hear`) or from a page."""
        self._coming.add(rows, chunk, anew=anew)
        self._arrive()

    def move(self, rows: Iterable[Row], removed: Iterable[int] = ()) -> None:
        """Go to another moment of the run.

        Args:
            rows: What is new or different there, exactly as it was; parents before their children.
            removed: Rows that have not begun there, children before their parents. What began later stands
                later, so that those which stay keep their places.
        """
        doomed = [span for span in removed if span in self._nodes]
        for span in doomed:
            self._nodes[span].children = 0  # so that no view asks for more of them
        self._absorb({row.span: row for row in rows})
        for span in doomed:
            self._remove(span)
        self._announce(self._running)  # their durations

    def abandon(self) -> float:
        """Nobody carries the run on: what is not finished never will be.

        Returns:
            Seconds that the run took until now.
        """
        self._arrive()
        now = round(self.clock() * 1e6)
        rows = [row for span in self._running if (row := self.row(span)) is not None]
        self._absorb(
            {row.span: structs.replace(row, status="cancelled", finished=now, live="") for row in rows}
        )
        whole = self.row(ROOT)
        return (whole.finished - whole.started) / 1e6 if whole else 0.0

    def forget_questions(self) -> None:
        """Pages that were asked for will not come (the engine died); ask again when they are wanted."""
        self._asked.clear()

    def touch(self, span: int) -> None:
        """Announce that what a row shows has changed."""
        self._announce((span,))

    # -- rows come and go --------------------------------------------------------------------------------

    def _arrive(self) -> None:
        self._gathering.stop()
        self._absorb({row.span: row for row in self._coming.drain()})

    def _absorb(self, rows: dict[int, Row]) -> None:
        """Change and add rows, whatever their order."""
        new: dict[int, list[Row]] = {}
        for span, row in rows.items():
            if span in self._nodes:
                self._keep(row)
            else:
                new.setdefault(row.parent, []).append(row)
        self._announce(rows)
        while ready := [parent for parent in new if parent in self._nodes]:
            for parent in ready:
                self._insert(parent, new.pop(parent))
        for span in rows:
            if span in self._nodes:
                self.changed.emit(span)

    def _keep(self, row: Row) -> None:
        """Remember a row as it is now."""
        if row.finished:
            self._running.discard(row.span)
        else:
            self._running.add(row.span)
        kept = self._packer.pack(row) if row.finished and row.span != ROOT else row
        node = self._nodes.get(row.span)
        if node is None:
            self._nodes[row.span] = _Node(row.parent, row.index, row.children, kept)
        else:
            node.children, node.row = row.children, kept
        if self._looked_at is not None and self._looked_at.span == row.span:
            self._looked_at = None
        if row.span > self._newest and is_single(row.span):
            self._newest = row.span

    def _insert(self, parent: int, rows: list[Row]) -> None:
        """Add rows below another; those that do not come next will be asked for when somebody looks at them."""
        siblings = self._siblings(parent)
        first = len(siblings)
        rows.sort(key=lambda row: row.index)
        following = [row for place, row in enumerate(rows, first) if row.index == place]
        if not following:
            return
        self.beginInsertRows(self.index_of(parent), first, first + len(following) - 1)
        for row in following:
            row.parent = parent  # one number for all of them instead of one each
            self._keep(row)
            siblings.append(row.span)
        self.endInsertRows()

    def _siblings(self, parent: int) -> list[int]:
        node = self._nodes[parent]
        if node.below is None:
            node.below = []
        return node.below

    def _remove(self, span: int) -> None:
        node = self._nodes[span]
        self.beginRemoveRows(self.index_of(node.parent), node.index, node.index)
        self._siblings(node.parent).remove(span)
        del self._nodes[span]
        self._asked.pop(span, None)
        self._running.discard(span)
        self._looked_at = None
        if span == self._newest:
            self._newest = max(filter(is_single, self._nodes), default=ROOT)
        self.endRemoveRows()

    def _announce(self, spans: Iterable[int]) -> None:
        """Announce that rows show something else: those that stand beside each other together."""
        places = sorted(
            (node.parent, node.index, span) for span in spans if span and (node := self._nodes.get(span))
        )
        last = len(COLUMNS) - 1
        start = 0
        for position, (former, place) in enumerate(pairwise([*places, (-1, -1, -1)]), 1):
            if (place[0], place[1]) != (former[0], former[1] + 1):
                first = self.index_of(places[start][2])
                self.dataChanged.emit(first, self.index_of(former[2], last))
                start = position

    # -- QAbstractItemModel ---------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = NO_INDEX) -> QModelIndex:
        if parent.isValid() and parent.column() != 0:
            return QModelIndex()
        spans = self._below(parent)
        if 0 <= row < len(spans) and 0 <= column < len(COLUMNS):
            return self.createIndex(row, column, spans[row])
        return QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # the QObject overload is Qt's own
        node = self._nodes.get(index.internalId()) if index.isValid() else None
        return self.index_of(node.parent) if node else QModelIndex()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.column() > 0 else len(self._below(parent))

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return len(COLUMNS)

    def hasChildren(self, parent: Index = NO_INDEX) -> bool:
        return parent.column() <= 0 and self._expected(self._span(parent)) > 0

    def canFetchMore(self, parent: Index) -> bool:
        return parent.column() <= 0 and len(self._below(parent)) < self._expected(self._span(parent))

    def fetchMore(self, parent: Index) -> None:
        span = self._span(parent)
        first = len(self._below(parent))
        if self._asked.get(span) != first:
            self._asked[span] = first
            self.wanted.emit(span, first)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index) if role in _ROLES else None
        if row is None:
            return None
        column: Column = COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row, self.clock())
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.exact(row, self.clock())
            case Qt.ItemDataRole.DecorationRole if column.icon:
                return column.icon(row, QApplication.palette())
            case Qt.ItemDataRole.TextAlignmentRole:
                return column.alignment
            case Qt.ItemDataRole.ForegroundRole:
                return ink(row, index.column(), QApplication.palette())
            case ShareRole.value:
                return share_done(row, index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(COLUMNS):
            if role == Qt.ItemDataRole.DisplayRole:
                return tr(COLUMNS[section].title)
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return COLUMNS[section].alignment
        return None

    def _span(self, index: Index) -> int:
        return index.internalId() if index.isValid() else ROOT

    def _below(self, parent: Index) -> list[int]:
        node = self._nodes.get(self._span(parent))
        return (node.below or []) if node else []

    def _expected(self, span: int) -> int:
        node = self._nodes.get(span)
        return max(node.children, len(node.below or ())) if node else 0
