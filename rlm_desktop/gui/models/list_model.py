"""A list of models: the catalogue, each as it stands now."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.facts import brief
from rlm_desktop.gui.models.state import Standing, look, standing
from rlm_desktop.gui.wire import Notice
from rlm_desktop.gui.wire.models import ModelEntry

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
NameRole = Qt.ItemDataRole.UserRole
NoteRole = Qt.ItemDataRole.UserRole + 1
LookRole = Qt.ItemDataRole.UserRole + 2


class ModelListModel(QAbstractListModel):
    """One row for each model, in the catalogue's order.

    Args:
        catalogue: What is listed; rows follow what its signals tell.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._entries: list[ModelEntry] = []
        self._online = False
        catalogue.changed.connect(self._list)
        catalogue.progress.connect(self._moved)
        catalogue.activity.connect(self._moved)
        catalogue.troubled.connect(self._touch)
        self._list()

    def set_online(self, online: bool) -> None:
        """The network was switched on or off."""
        if online != self._online and self._entries:
            self._online = online
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))
        self._online = online

    def standing(self, name: str) -> Standing | None:
        """The model with this name, as it stands now."""
        entry = self._catalogue.find(name)
        return standing(self._catalogue, entry, online=self._online) if entry is not None else None

    def index_of(self, name: str) -> QModelIndex:
        """Where a model stands; invalid if it is not listed."""
        for row, entry in enumerate(self._entries):
            if entry.name == name:
                return self.index(row)
        return QModelIndex()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == NameRole:
            return entry.name
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return entry.title or entry.name
        if role not in (NoteRole, LookRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        now = standing(self._catalogue, entry, online=self._online)
        if role == LookRole:
            return look(now)
        note = " · ".join(filter(None, (look(now).word, brief(now))))
        return note if role == NoteRole else f"{entry.title or entry.name}, {note}"

    def _list(self) -> None:
        """Take over the catalogue's list, row by row, so that what is marked stays marked."""
        wanted = list(self._catalogue.models)
        names = {entry.name for entry in wanted}
        for row in reversed(range(len(self._entries))):
            if self._entries[row].name not in names:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._entries[row]
                self.endRemoveRows()
        for row, entry in enumerate(wanted):
            self._place(row, entry)

    def _place(self, row: int, entry: ModelEntry) -> None:
        """Have a model stand in a row; those above stand right already."""
        before = next((at for at, known in enumerate(self._entries) if known.name == entry.name), None)
        if before is not None and before != row:
            self.beginRemoveRows(QModelIndex(), before, before)
            del self._entries[before]
            self.endRemoveRows()
            before = None
        if before is None:
            self.beginInsertRows(QModelIndex(), row, row)
            self._entries.insert(row, entry)
            self.endInsertRows()
        elif self._entries[row] != entry:
            self._entries[row] = entry
            self._touch(entry.name)

    def _moved(self, notice: Notice) -> None:
        self._touch(notice.model)

    def _touch(self, name: str) -> None:
        index = self.index_of(name)
        if index.isValid():
            self.dataChanged.emit(index, index)
