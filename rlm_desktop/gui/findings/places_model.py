"""The places of the documents that one step read, fetched a page at a time."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.reading import PlacesPage, ReadPlace

Index = QModelIndex | QPersistentModelIndex
PAGE = 200
_COLUMNS = (later("Document"), later("Lines"), later("How"))
_HOW = {
    "printed": later("shown"),
    "sent": later("sent"),
    "searched": later("only found"),
}
_HOW_TIP = {
    "printed": later("The step showed this to the model that wrote it"),
    "sent": later("This was put into a prompt"),
    "searched": later("A search found this; no model was shown it"),
}
_STATE = {
    "changed": later("changed since"),
    "missing": later("gone"),
    "unreadable": later("cannot be read"),
}
_NONE = QModelIndex()


class PlacesModel(QAbstractTableModel):
    """Places in the order of the documents.

    Signals:
        refused: No page came (`EngineError`).
    """

    refused = Signal(object)

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._run, self._span = "", 0
        self._places: list[ReadPlace] = []
        self._total = 0
        self._asked = 0

    def show_step(self, run: str, span: int) -> None:
        """List what a step read."""
        self._run, self._span = run, span
        self._asked += 1
        self.beginResetModel()
        self._places, self._total = [], 0
        self.endResetModel()
        self._fetch()

    def place(self, index: Index) -> ReadPlace | None:
        """The place in a row."""
        return self._places[index.row()] if index.isValid() else None

    def _fetch(self) -> None:
        asked = self._asked
        fields: dict[str, Any] = {"from": len(self._places), "count": PAGE}

        def done(page: PlacesPage) -> None:
            if asked == self._asked:
                self._take(page)

        def failed(error: EngineError) -> None:
            if asked == self._asked:
                self.refused.emit(error)

        self._engine.request("ranges", PlacesPage, done, failed, run=self._run, span=self._span, **fields)

    def _take(self, page: PlacesPage) -> None:
        self._asked += 1  # a page that was asked for twice counts once
        self._total = page.total if page.places else len(self._places)
        if page.places:
            first = len(self._places)
            self.beginInsertRows(QModelIndex(), first, first + len(page.places) - 1)
            self._places += page.places
            self.endInsertRows()

    # -- QAbstractTableModel --------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and len(self._places) < self._total

    def fetchMore(self, parent: Index) -> None:
        self._fetch()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place = self.place(index)
        if place is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(place, index.column())
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return _exact(place, index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(_COLUMNS[section])
        return None


def _text(place: ReadPlace, column: int) -> str:
    if column == 0:
        return place.name or tr("its own context")
    if column == 2:
        return tr(_HOW.get(place.how, place.how)) + (" ~" if place.ambiguous else "")
    first, last = place.lines
    if first:
        return f"{first:,}" if first == last else f"{first:,}–{last:,}"
    return (
        tr(_STATE[place.state])
        if place.state in _STATE
        else tr("{} characters").format(numbers.count(place.end - place.start))
    )


def _exact(place: ReadPlace, column: int) -> str:
    if column == 2:
        doubt = " " + tr("The same text stands elsewhere too.") if place.ambiguous else ""
        return tr(_HOW_TIP.get(place.how, "")) + "." + doubt
    characters = tr("characters {first:,}–{last:,}").format(first=place.start + 1, last=place.end)
    return f"{place.path}: {characters}" if place.path else characters
