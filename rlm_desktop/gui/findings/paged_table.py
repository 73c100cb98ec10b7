"""A table of which the engine has the rows, fetched a page at a time as they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.wire import EngineError

Index = QModelIndex | QPersistentModelIndex
Item = TypeVar("Item")
Take = Callable[[Sequence[Item], int], bool]
"""Takes in the items of a page and how many there are in all; tells whether they are still wanted."""
PAGE = 200
NO_INDEX = QModelIndex()


class PagedTable(QAbstractTableModel, Generic[Item]):
    """One row for each item; subclasses ask for them, and say what each column tells of one.

    Args:
        columns: Their headings, in English.

    Signals:
        refused: No page came (`EngineError`).
    """

    refused = Signal(object)

    def __init__(self, columns: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._items: list[Item] = []
        self._total = 0
        self._asked = 0
        self._waiting = False

    def item(self, index: Index) -> Item | None:
        """The item in a row."""
        return self._items[index.row()] if index.isValid() else None

    def begin(self) -> None:
        """List other items from now on."""
        self._asked += 1  # what was asked before is not waited for
        self.beginResetModel()
        self._items, self._total = [], 0
        self.endResetModel()
        self._fetch()

    def ask(self, first: int, take: Take[Item], refuse: Callable[[EngineError], None]) -> None:
        """Ask for `PAGE` items from this position on."""
        raise TypeError(f"{type(self).__name__} does not say where its items come from.")

    def _fetch(self) -> None:
        asked, self._waiting = self._asked, True

        def take(items: Sequence[Item], total: int) -> bool:
            if asked != self._asked:
                return False
            self._waiting = False
            self._append(items)
            self._total = total if items else len(self._items)
            return True

        def refuse(error: EngineError) -> None:
            if asked == self._asked:
                self._waiting = False
                self.refused.emit(error)

        self.ask(len(self._items), take, refuse)

    def _append(self, items: Sequence[Item]) -> None:
        if items:
            first = len(self._items)
            self.beginInsertRows(NO_INDEX, first, first + len(items) - 1)
            self._items += items
            self.endInsertRows()

    # -- QAbstractTableModel --------------------------------------------------------------------------

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._waiting and len(self._items) < self._total

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._fetch()

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(self._columns[section])
        return None
