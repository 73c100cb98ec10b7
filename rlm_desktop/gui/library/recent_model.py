"""What was opened lately and is not open now, as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication

from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.library.recent import Paths, Recent
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.words import tr

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


class RecentModel(QAbstractListModel):
    """The list of `Recent`, without what the library has open."""

    def __init__(self, recent: Recent, library: Library) -> None:
        super().__init__()
        self._recent = recent
        self._library = library
        self._rows: list[Paths] = []
        recent.changed.connect(self._follow)
        library.model.rowsInserted.connect(self._follow)
        library.model.rowsRemoved.connect(self._follow)
        self._follow()

    def entry(self, index: Index) -> Paths | None:
        """What a row stands for."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index)
        if entry is None:
            return None
        gone = self._recent.gone(entry)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return label(entry, gone=gone)
            case Qt.ItemDataRole.ToolTipRole:
                missing = tr("missing: {path}")
                return "\n".join(
                    missing.format(path=path) if path in self._recent.missing else path for path in entry
                )
            case Qt.ItemDataRole.DecorationRole:
                palette = QApplication.palette()
                inks = palette.text().color().name(), palette.highlightedText().color().name()
                return icon("warning" if gone else "file" if len(entry) == 1 else "folder", *inks)
        return None

    def _follow(self) -> None:
        """Take over what changed, row by row, so that the marked row stays marked."""
        opened = {source.paths for source in self._library.model.sources}
        wanted = [entry for entry in self._recent.entries if entry not in opened]
        for row in reversed(range(len(self._rows))):
            if self._rows[row] not in wanted:
                self._remove(row)
        for row, entry in enumerate(wanted):
            if row < len(self._rows) and self._rows[row] == entry:
                continue
            if entry in self._rows:
                self._remove(self._rows.index(entry))
            self.beginInsertRows(NO_INDEX, row, row)
            self._rows.insert(row, entry)
            self.endInsertRows()
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _remove(self, row: int) -> None:
        self.beginRemoveRows(NO_INDEX, row, row)
        del self._rows[row]
        self.endRemoveRows()


def label(entry: Paths, *, gone: bool) -> str:
    """What a set of paths is called in a list: ``notes and 2 more (missing)``."""
    name = numbers.names(entry[:1]) or entry[0]
    if len(entry) > 1:
        name = tr("{name} and {number} more").format(name=name, number=len(entry) - 1)
    return tr("{name} (missing)").format(name=name) if gone else name
