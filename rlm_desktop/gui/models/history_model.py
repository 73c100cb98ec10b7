"""The runs of the history, newest first, fetched page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QApplication

from rlm_desktop.gui import format as numbers
from rlm_desktop.gui.status import run_look
from rlm_desktop.gui.wire import HistoryPage, Summary

Index = QModelIndex | QPersistentModelIndex
PAGE = 100
NO_INDEX = QModelIndex()
RunRole = Qt.ItemDataRole.UserRole
NoteRole = Qt.ItemDataRole.UserRole + 1


class HistoryModel(QAbstractListModel):
    """One row for each run.

    Signals:
        wanted: A page of runs is needed (position of the first).
    """

    wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[Summary] = []
        self._total = 0
        self._asked = -1

    def summary(self, index: Index) -> Summary | None:
        """The run at an index."""
        return self._runs[index.row()] if index.isValid() and index.row() < len(self._runs) else None

    def index_of(self, run: str) -> QModelIndex:
        """Where a run stands; invalid if it is not known."""
        for position, summary in enumerate(self._runs):
            if summary.run == run:
                return self.index(position)
        return QModelIndex()

    def refresh(self) -> None:
        """Ask for the newest runs again."""
        self._asked = 0
        self.wanted.emit(0)

    def take(self, first: int, page: HistoryPage) -> None:
        """Take in a page that begins at position ``first``.

        The first page also tells which runs came and went since; later pages only append.
        """
        self._asked = -1
        self._total = page.total
        if first == 0:
            self._meet(list(page.runs))
        elif first == len(self._runs) and page.runs:
            known = {summary.run for summary in self._runs}
            new = [summary for summary in page.runs if summary.run not in known]
            self._insert(first, new)

    def update(self, summary: Summary) -> None:
        """Show the new state of one run; a run that is not listed yet is put on top."""
        index = self.index_of(summary.run)
        if index.isValid():
            if self._runs[index.row()] != summary:
                self._runs[index.row()] = summary
                self.dataChanged.emit(index, index)
        else:
            self._total += 1
            self._insert(0, [summary])

    def remove(self, run: str) -> None:
        """A run was deleted."""
        index = self.index_of(run)
        if index.isValid():
            self._total -= 1
            self._drop(index.row())

    def _meet(self, newest: list[Summary]) -> None:
        """Turn the listed runs into ``newest`` with as few announcements as possible."""
        kept = {summary.run for summary in newest}
        # what lies beyond the first page is still what it was, unless the page is all there is
        beyond = len(newest) < self._total
        for position in reversed(range(len(self._runs))):
            inside = not beyond or position < len(newest)
            if inside and self._runs[position].run not in kept:
                self._drop(position)
        for position, summary in enumerate(newest):
            if position < len(self._runs) and self._runs[position].run == summary.run:
                self.update(summary)
            else:
                stale = self.index_of(summary.run)
                if stale.isValid():
                    self._drop(stale.row())
                self._insert(position, [summary])

    def _insert(self, first: int, runs: list[Summary]) -> None:
        if not runs:
            return
        self.beginInsertRows(NO_INDEX, first, first + len(runs) - 1)
        self._runs[first:first] = runs
        self.endInsertRows()

    def _drop(self, position: int) -> None:
        self.beginRemoveRows(NO_INDEX, position, position)
        del self._runs[position]
        self.endRemoveRows()

    # -- QAbstractItemModel ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._runs)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and len(self._runs) < self._total

    def fetchMore(self, parent: Index) -> None:
        first = len(self._runs)
        if not parent.isValid() and self._asked != first:
            self._asked = first
            self.wanted.emit(first)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        summary = self.summary(index)
        if summary is None:
            return None
        look = run_look(summary.status)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return " ".join(summary.question.split())
            case Qt.ItemDataRole.DecorationRole:
                return look.icon(QApplication.palette())
            case Qt.ItemDataRole.ToolTipRole:
                return f"{summary.question}\n{look.word}, {_note(summary)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{look.word}: {summary.question}"
        if role == RunRole:
            return summary.run
        if role == NoteRole:
            return _note(summary)
        return None


def _note(summary: Summary) -> str:
    """What of, how long, when."""
    names = ", ".join(path.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] for path in summary.paths)
    parts = [names] if names else []
    if not summary.running:
        parts.append(numbers.seconds(summary.seconds))
    if summary.started:
        moment = datetime.fromisoformat(summary.started).astimezone()
        parts.append(numbers.when(moment, datetime.now().astimezone()))
    return " · ".join(parts)
