"""A list of runs: the history, or what a search found in it, fetched page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QApplication

from rlm_desktop.gui.history import days
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.status import run_look
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.widgets.fitting import GAP
from rlm_desktop.gui.wire import HistoryPage, Hit, SearchPage, Summary

Index = QModelIndex | QPersistentModelIndex
PAGE = 100
NO_INDEX = QModelIndex()
RunRole = Qt.ItemDataRole.UserRole
NoteRole = Qt.ItemDataRole.UserRole + 1
HitRole = Qt.ItemDataRole.UserRole + 2
HeadingRole = Qt.ItemDataRole.UserRole + 3
"""What stands above a row that begins a day; empty above the others."""
WhenRole = Qt.ItemDataRole.UserRole + 4
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

    Args:
        by_day: Whether the runs of a day have a heading. It belongs to the first of them and is no row of its own, so
            that keys and screen readers go from run to run.
        now: Tells which day it is.

    Signals:
        wanted: A page of runs is needed (position of the first).
        renamed: The person gave a run another title (its id, the title).
    """

    wanted = Signal(int)
    renamed = Signal(str, str)

    def __init__(self, *, by_day: bool = False, now: Callable[[], datetime] = days.now) -> None:
        super().__init__()
        self._by_day = by_day
        self._now = now
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

    def rename_days(self) -> None:
        """Another day has begun: what was today is yesterday."""
        if self._hits:
            self.dataChanged.emit(self.index(0), self.index(len(self._hits) - 1))

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
        before = self._hits[position]
        if before != hit:
            self._hits[position] = hit
            self.dataChanged.emit(self.index(position), self.index(position))
            if (before.run.pinned, before.run.started) != (hit.run.pinned, hit.run.started):
                self._announce(position + 1)

    def _announce(self, *positions: int) -> None:
        """A row stands below another one than before, and may have got a heading or lost it."""
        for position in set(positions) if self._by_day else ():
            if position < len(self._hits):
                self.dataChanged.emit(self.index(position), self.index(position))

    def _insert(self, first: int, hits: list[Hit]) -> None:
        if not hits:
            return
        self.beginInsertRows(NO_INDEX, first, first + len(hits) - 1)
        self._hits[first:first] = hits
        self.endInsertRows()
        self._announce(first + len(hits))

    def _move(self, old: int, new: int) -> None:
        self.beginMoveRows(NO_INDEX, old, old, NO_INDEX, new + 1 if new > old else new)
        self._hits.insert(new, self._hits.pop(old))
        self.endMoveRows()
        self._announce(new, new + 1, old, old + 1)

    def _drop(self, position: int) -> None:
        self.beginRemoveRows(NO_INDEX, position, position)
        del self._hits[position]
        self.endRemoveRows()
        self._announce(position)

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
        if role == HeadingRole:
            return self._heading(index.row())
        if role == RunRole:
            return summary.run
        if role == NoteRole:
            return self._note(summary)
        if role == WhenRole:
            return self._when(summary)
        if role == HitRole:
            return self._hits[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (FOLLOWS if summary.parent_run else "") + summary.name
            case Qt.ItemDataRole.EditRole:
                return summary.name
            case Qt.ItemDataRole.DecorationRole:
                return run_look(summary.status).icon(QApplication.palette())
            case Qt.ItemDataRole.ToolTipRole:
                state = f"{run_look(summary.status).word}, {self._note(summary)}"
                return "\n".join(filter(None, (summary.title, summary.question, state)))
            case Qt.ItemDataRole.AccessibleTextRole:
                heading = "" if summary.pinned else self._heading(index.row())  # a pinned run says so anyway
                return (f"{heading}. " if heading else "") + _aloud(self._hits[index.row()])
        return None

    def _heading(self, position: int) -> str:
        """What stands above the run at this position, if the one before stands below another heading."""
        run = self._hits[position].run
        if not self._by_day or (position and _group(run) == _group(self._hits[position - 1].run)):
            return ""
        if run.pinned:
            return tr("Pinned")
        return days.called(_moment(run.started).date(), self._now().date()) if run.started else ""

    def _note(self, summary: Summary) -> str:
        """What of, when, how long."""
        parts = [numbers.names(summary.paths), self._when(summary)]
        if not summary.running:
            parts.append(numbers.seconds(summary.seconds))
        return GAP.join(filter(None, parts))

    def _when(self, summary: Summary) -> str:
        """The moment it was asked; below the heading of its day, the time of that."""
        if not summary.started:
            return ""
        moment = _moment(summary.started)
        headed = self._by_day and not summary.pinned
        return numbers.clock(moment) if headed else numbers.when(moment, self._now())


def where(hit: Hit) -> str:
    """What of the run a search found: ``Answer``."""
    return tr(_WHERE.get(hit.where, hit.where.capitalize()))


def _aloud(hit: Hit) -> str:
    """A row for those who hear it."""
    pinned, follows = hit.run.pinned, hit.run.parent_run
    marks = (tr("Pinned. ") if pinned else "") + (tr("Follow-up. ") if follows else "")
    found = f". {where(hit)}: {hit.snippet}" if hit.snippet else ""
    return f"{marks}{run_look(hit.run.status).word}: {hit.run.name}{found}"


def _group(run: Summary) -> object:
    """What the runs below one heading have in common: that they are pinned, or else their day."""
    return run.pinned or (run.started and _moment(run.started).date())


@lru_cache(maxsize=4096)  # the view asks for the height of every row whenever one changes
def _moment(started: str) -> datetime:
    return datetime.fromisoformat(started).astimezone()
