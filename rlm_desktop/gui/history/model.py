"""A list of runs: the history, or what a search found in it, fetched page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QApplication

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.status import run_look
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.wire import HistoryPage, Hit, SearchPage, Summary

Index = QModelIndex | QPersistentModelIndex
PAGE = 100
NO_INDEX = QModelIndex()
RunRole = Qt.ItemDataRole.UserRole
NoteRole = Qt.ItemDataRole.UserRole + 1
HitRole = Qt.ItemDataRole.UserRole + 2
FOLLOWS = "↳ "
_WHERE = {
    "question": later("Question"),
    "title": later("Title"),
    "answer": later("Answer"),
    "code": later("Code"),
    "output": later("Output"),
}


class HistoryModel(QAbstractListModel):
    """One row for each run, in the engine's order.

    Signals:
        wanted: A page of runs is needed (position of the first).
        renamed: The person gave a run another title (its id, the title).
    """

    wanted = Signal(int)
    renamed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._hits: list[Hit] = []
        self._total = 0
        self._asked = -1

    def summary(self, index: Index) -> Summary | None:
        """The run at an index."""
        return self._hits[index.row()].run if index.isValid() and index.row() < len(self._hits) else None

    def index_of(self, run: str) -> QModelIndex:
        """Where a run stands; invalid if it is not known."""
        for position, hit in enumerate(self._hits):
            if hit.run.run == run:
                return self.index(position)
        return QModelIndex()

    def refresh(self) -> None:
        """Ask for the first runs again."""
        self._asked = 0
        self.wanted.emit(0)

    def take(self, first: int, page: HistoryPage | SearchPage) -> None:
        """Take in a page that begins at position ``first``.

        The first page also tells which runs came and went since; later pages only append.
        """
        self._asked = -1
        self._total = page.total
        if first == 0:
            self._meet(page.hits)
        elif first == len(self._hits) and page.hits:
            known = {hit.run.run for hit in self._hits}
            self._insert(first, [hit for hit in page.hits if hit.run.run not in known])

    def clear(self) -> None:
        """List nothing."""
        self.take(0, SearchPage((), 0))

    def update(self, summary: Summary) -> None:
        """Show the new state of a run; one that just began is put on top, below those that are pinned."""
        index = self.index_of(summary.run)
        if index.isValid():
            hit = self._hits[index.row()]
            self._show(index.row(), Hit(summary, hit.where, hit.snippet, hit.marks))
        elif summary.running:
            self._total += 1
            self._insert(sum(hit.run.pinned for hit in self._hits), [Hit(summary)])

    def remove(self, run: str) -> None:
        """A run was deleted."""
        index = self.index_of(run)
        if index.isValid():
            self._total -= 1
            self._drop(index.row())

    def _meet(self, hits: tuple[Hit, ...]) -> None:
        """Turn what is listed into ``hits`` with as few announcements as possible."""
        place = {hit.run.run: position for position, hit in enumerate(hits)}
        # what lies beyond the first page is still what it was, unless the page is all there is
        beyond = len(hits) < self._total
        for position in reversed(range(len(self._hits))):
            inside = not beyond or position < len(hits)
            if inside and self._hits[position].run.run not in place:
                self._drop(position)
        for position, hit in enumerate(hits):
            here = self.index_of(hit.run.run).row()
            lower = place.get(self._hits[position].run.run) if here == position + 1 else None
            if lower is not None:  # only the row above it moved, down, as one does that is no longer pinned
                self._move(position, min(lower, len(self._hits) - 1))
            elif here > position:
                self._move(here, position)
            elif here < 0:
                self._insert(position, [hit])
            self._show(position, hit)

    def _show(self, position: int, hit: Hit) -> None:
        if self._hits[position] != hit:
            self._hits[position] = hit
            self.dataChanged.emit(self.index(position), self.index(position))

    def _insert(self, first: int, hits: list[Hit]) -> None:
        if not hits:
            return
        self.beginInsertRows(NO_INDEX, first, first + len(hits) - 1)
        self._hits[first:first] = hits
        self.endInsertRows()

    def _move(self, old: int, new: int) -> None:
        self.beginMoveRows(NO_INDEX, old, old, NO_INDEX, new + 1 if new > old else new)
        self._hits.insert(new, self._hits.pop(old))
        self.endMoveRows()

    def _drop(self, position: int) -> None:
        self.beginRemoveRows(NO_INDEX, position, position)
        del self._hits[position]
        self.endRemoveRows()

    # -- QAbstractItemModel ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._hits)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and len(self._hits) < self._total

    def fetchMore(self, parent: Index) -> None:
        first = len(self._hits)
        if not parent.isValid() and self._asked != first:
            self._asked = first
            self.wanted.emit(first)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        summary = self.summary(index)
        if summary is None or role != Qt.ItemDataRole.EditRole:
            return False
        title = " ".join(str(value).split())
        if title == summary.name:
            return False
        question = " ".join(summary.question.split())
        self.renamed.emit(summary.run, "" if title == question else title)
        return True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        summary = self.summary(index)
        if summary is None:
            return None
        look = run_look(summary.status)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (FOLLOWS if summary.parent_run else "") + summary.name
            case Qt.ItemDataRole.EditRole:
                return summary.name
            case Qt.ItemDataRole.DecorationRole:
                return look.icon(QApplication.palette())
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(
                    filter(None, (summary.title, summary.question, f"{look.word}, {_note(summary)}"))
                )
            case Qt.ItemDataRole.AccessibleTextRole:
                return _aloud(self._hits[index.row()], look.word)
        if role == RunRole:
            return summary.run
        if role == NoteRole:
            return _note(summary)
        if role == HitRole:
            return self._hits[index.row()]
        return None


def where(hit: Hit) -> str:
    """What of the run a search found: ``Answer``."""
    return tr(_WHERE.get(hit.where, hit.where.capitalize()))


def _aloud(hit: Hit, status: str) -> str:
    """A row for those who hear it."""
    pinned, follows = hit.run.pinned, hit.run.parent_run
    marks = (tr("Pinned. ") if pinned else "") + (tr("Follow-up. ") if follows else "")
    found = f". {where(hit)}: {hit.snippet}" if hit.snippet else ""
    return f"{marks}{status}: {hit.run.name}{found}"


def _note(summary: Summary) -> str:
    """What of, how long, when."""
    names = numbers.names(summary.paths)
    parts = [names] if names else []
    if not summary.running:
        parts.append(numbers.seconds(summary.seconds))
    if summary.started:
        moment = datetime.fromisoformat(summary.started).astimezone()
        parts.append(numbers.when(moment, datetime.now().astimezone()))
    return " · ".join(parts)
