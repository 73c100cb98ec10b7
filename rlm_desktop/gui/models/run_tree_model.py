"""The tree of a run as Qt views see it: rows arrive ready from the engine, pages of them on demand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import structs
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QApplication

from rlm_desktop.events import Row
from rlm_desktop.events.row import LIVE_TAIL
from rlm_desktop.gui.models.run_columns import COLUMNS, Column, share_done

Index = QModelIndex | QPersistentModelIndex
ROOT = 0
"""Span of the run itself, which is the invisible root of the tree."""
PAGE = 200
NO_INDEX = QModelIndex()
ShareRole = Qt.ItemDataRole.UserRole
"""What part of a step is done, 0 to 1, where that is drawn."""


class RunTreeModel(QAbstractItemModel):
    """Rows of one run: turns at the top, below them cells, calls and the turns of child runs.

    What is known of a parent's children is always a prefix of them; the rest is asked for with
    `wanted` when a view wants to see it. Indexes carry the span of their row.

    Signals:
        wanted: A page of rows is needed (span of the parent, position of the first).
        changed: A row was added or changed (its span).
    """

    wanted = Signal(int, int)
    changed = Signal(int)

    def __init__(
        self, run: str, parent: QObject | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self.run = run
        self._clock = clock
        self._rows: dict[int, Row] = {}
        self._below: dict[int, list[int]] = {ROOT: []}
        self._asked: dict[int, int] = {}

    def row(self, span: int) -> Row | None:
        """The row with this span, if it is known."""
        return self._rows.get(span)

    @property
    def newest(self) -> int:
        """Span of the row that began last; 0 before the first."""
        return max(self._rows, default=ROOT)

    def row_at(self, index: Index) -> Row | None:
        """The row an index stands for."""
        return self._rows.get(index.internalId()) if index.isValid() else None

    def index_of(self, span: int, column: int = 0) -> QModelIndex:
        """Where a row stands; invalid for the run itself and for unknown rows."""
        row = self._rows.get(span)
        return self.createIndex(row.index, column, span) if row and span != ROOT else QModelIndex()

    def take(self, rows: Iterable[Row], chunk: str = "", *, anew: bool = False) -> None:
        """Take in new and changed rows, from an event or from a page.

        Args:
            rows: Parents may come after their children, as events list them.
            chunk: Text the first row streamed, for engines that leave ``live`` out of the row.
            anew: Whether it takes the place of what that row streamed before.
        """
        for row in rows:
            known = self._rows.get(row.span)
            if known is None:
                self._put(row)
            elif row.finished or not known.finished:  # else a page that was read before the row ended
                if row.status == "running" and not row.live:
                    row.live = (("" if anew else known.live) + chunk)[-LIVE_TAIL:]
                self._put(row)
            chunk, anew = "", False

    def move(self, rows: Iterable[Row], removed: Iterable[int] = ()) -> None:
        """Go to another moment of the run.

        Args:
            rows: What is new or different there, exactly as it was; parents before their children.
            removed: Rows that have not begun there, children before their parents. What began later stands
                later, so that those which stay keep their places.
        """
        doomed = [self._rows[span] for span in removed if span in self._rows]
        for row in doomed:
            row.children = 0  # so that no view asks for more of them
        for row in rows:
            self._put(row)
        for row in doomed:
            self._remove(row)
        for row in tuple(self._rows.values()):
            if row.status == "running":
                self.touch(row.span)  # its duration

    def abandon(self) -> float:
        """Nobody carries the run on: what is not finished never will be.

        Returns:
            Seconds that the run took until now.
        """
        now = round(self._clock() * 1e6)
        for row in tuple(self._rows.values()):
            if not row.finished:
                self._put(structs.replace(row, status="cancelled", finished=now, live=""))
        whole = self._rows.get(ROOT)
        return (whole.finished - whole.started) / 1e6 if whole else 0.0

    def forget_questions(self) -> None:
        """Pages that were asked for will not come (the engine died); ask again when they are wanted."""
        self._asked.clear()

    def _put(self, row: Row) -> None:
        if row.span == ROOT or row.span in self._rows:
            self._rows[row.span] = row
            self.touch(row.span)
        else:
            self._insert(row)
        if row.span in self._rows:
            self.changed.emit(row.span)

    def _insert(self, row: Row) -> None:
        siblings = self._below.get(row.parent)
        if siblings is None or row.index != len(siblings):
            return  # stands below a row, or after one, that nobody has looked at yet
        self.beginInsertRows(self.index_of(row.parent), row.index, row.index)
        self._rows[row.span] = row
        self._below[row.span] = []
        siblings.append(row.span)
        self.endInsertRows()

    def _remove(self, row: Row) -> None:
        self.beginRemoveRows(self.index_of(row.parent), row.index, row.index)
        self._below[row.parent].remove(row.span)
        for known in (self._rows, self._below, self._asked):
            known.pop(row.span, None)
        self.endRemoveRows()

    def touch(self, span: int) -> None:
        """Announce that what a row shows has changed."""
        first = self.index_of(span)
        if first.isValid():
            self.dataChanged.emit(first, self.index_of(span, len(COLUMNS) - 1))

    # -- QAbstractItemModel ---------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = NO_INDEX) -> QModelIndex:
        if parent.isValid() and parent.column() != 0:
            return QModelIndex()
        spans = self._below.get(self._span(parent), [])
        if 0 <= row < len(spans) and 0 <= column < len(COLUMNS):
            return self.createIndex(row, column, spans[row])
        return QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # the QObject overload is Qt's own
        row = self.row_at(index)
        return self.index_of(row.parent) if row else QModelIndex()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.column() > 0 else len(self._below.get(self._span(parent), []))

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return len(COLUMNS)

    def hasChildren(self, parent: Index = NO_INDEX) -> bool:
        return parent.column() <= 0 and self._expected(self._span(parent)) > 0

    def canFetchMore(self, parent: Index) -> bool:
        span = self._span(parent)
        return parent.column() <= 0 and len(self._below.get(span, [])) < self._expected(span)

    def fetchMore(self, parent: Index) -> None:
        span = self._span(parent)
        first = len(self._below.get(span, []))
        if self._asked.get(span) != first:
            self._asked[span] = first
            self.wanted.emit(span, first)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index)
        if row is None:
            return None
        column: Column = COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row, self._clock())
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.exact(row, self._clock())
            case Qt.ItemDataRole.DecorationRole if column.icon:
                return column.icon(row, QApplication.palette())
            case Qt.ItemDataRole.TextAlignmentRole:
                return column.alignment
            case ShareRole.value:
                return share_done(row, index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(COLUMNS):
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return COLUMNS[section].alignment
        return None

    def _span(self, index: Index) -> int:
        return index.internalId() if index.isValid() else ROOT

    def _expected(self, span: int) -> int:
        row = self._rows.get(span)
        return max(row.children if row else 0, len(self._below.get(span, [])))
