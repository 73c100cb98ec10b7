"""The documents of a run and what was read of each, fetched a page at a time."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.reading import Coverage, DocumentShare

Index = QModelIndex | QPersistentModelIndex
PAGE = 200
_COLUMNS = (later("Document"), later("Read"), later("Of"))
_NONE = QModelIndex()


class CoverageModel(QAbstractTableModel):
    """Documents in their order; of thousands, those that were looked at so far.

    Signals:
        learned: A page came, and with it the figures of the whole run (`Coverage`).
        refused: No page came (`EngineError`).
    """

    learned = Signal(object)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._run = self._part = self._text = ""
        self._rows: list[DocumentShare] = []
        self._total = 0
        self._asked = 0

    def show_documents(self, run: str, part: str = "", text: str = "") -> None:
        """List those documents of a run of which nothing (``none``), a part or all (``whole``) was read.

        Args:
            run: Its id.
            part: Which; empty for all.
            text: What their names contain.
        """
        self._run, self._part, self._text = run, part, text
        self._asked += 1
        self.beginResetModel()
        self._rows, self._total = [], 0
        self.endResetModel()
        self._fetch()

    def document(self, index: Index) -> DocumentShare | None:
        """The document in a row."""
        return self._rows[index.row()] if index.isValid() else None

    def _fetch(self) -> None:
        asked = self._asked
        fields: dict[str, Any] = {
            "from": len(self._rows),
            "count": PAGE,
            "part": self._part,
            "text": self._text,
        }

        def done(page: Coverage) -> None:
            if asked == self._asked:
                self._take(page)

        def failed(error: EngineError) -> None:
            if asked == self._asked:
                self.refused.emit(error)

        self._engine.request("coverage", Coverage, done, failed, run=self._run, **fields)

    def _take(self, page: Coverage) -> None:
        self._asked += 1  # a page that was asked for twice counts once
        self._total = page.total if page.rows else len(self._rows)
        if page.rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(page.rows) - 1)
            self._rows += page.rows
            self.endInsertRows()
        self.learned.emit(page)

    # -- QAbstractTableModel --------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and len(self._rows) < self._total

    def fetchMore(self, parent: Index) -> None:
        self._fetch()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.document(index)
        if row is None:
            return None
        first = index.column() == 0
        match role:
            case Qt.ItemDataRole.DisplayRole if first:
                return row.name
            case Qt.ItemDataRole.DisplayRole if index.column() == 1:
                return numbers.percent(row.read / row.characters) if row.read else numbers.NONE
            case Qt.ItemDataRole.DisplayRole:
                return numbers.count(row.characters)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                exact = tr("{read:,} of {all:,} characters").format(read=row.read, all=row.characters)
                return f"{row.path}: {exact}" if first else exact
            case Qt.ItemDataRole.TextAlignmentRole if not first:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(_COLUMNS[section])
        return None
