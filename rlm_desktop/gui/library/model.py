"""The opened sources and the documents in them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.wire.documents import Document, Opened

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
_TOP = 0
NameRole = Qt.ItemDataRole.UserRole
ExtentRole = Qt.ItemDataRole.UserRole + 1
"""The two parts of the text of a source; documents in it have only their names."""


class LibraryModel(QAbstractItemModel):
    """Sources at the top; below a source of several files, its documents.

    An index carries 0 for a source and the source's row + 1 for a document.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sources: list[Opened] = []

    @property
    def sources(self) -> tuple[Opened, ...]:
        """What is open, in the order it was opened."""
        return tuple(self._sources)

    def add(self, source: Opened) -> QModelIndex:
        """List a source; one that is listed already is replaced.

        Returns:
            Where it stands.
        """
        for position, known in enumerate(self._sources):
            if known.paths == source.paths:
                self.remove(position)
                break
        position = len(self._sources)
        self.beginInsertRows(NO_INDEX, position, position)
        self._sources.append(source)
        self.endInsertRows()
        return self.index(position, 0)

    def remove(self, position: int) -> None:
        """Take a source off the list; its files are left alone."""
        self.beginRemoveRows(NO_INDEX, position, position)
        # documents of later sources carry their source's row, which moves up by one
        moved = [index for index in self.persistentIndexList() if index.internalId() > position + 1]
        del self._sources[position]
        for index in moved:
            self.changePersistentIndex(
                index, self.createIndex(index.row(), index.column(), index.internalId() - 1)
            )
        self.endRemoveRows()

    def source(self, index: Index) -> Opened | None:
        """The source an index is, or stands in."""
        if not index.isValid():
            return None
        return self._sources[index.row() if index.internalId() == _TOP else index.internalId() - 1]

    def document(self, index: Index) -> Document | None:
        """The document an index is; a source of one file is that file."""
        source = self.source(index)
        if source is None:
            return None
        if index.internalId() != _TOP:
            return source.documents[index.row()]
        return source.documents[0] if source.files == 1 and source.documents else None

    def find(self, path: str) -> tuple[Opened, Document] | None:
        """The opened document with this path (or, failing that, this name), last opened first."""
        for wanted in ("path", "name"):
            for source in reversed(self._sources):
                for document in source.documents:
                    if getattr(document, wanted) == path:
                        return source, document
        return None

    def _below(self, position: int) -> int:
        source = self._sources[position]
        return len(source.documents) if source.files > 1 else 0

    # -- QAbstractItemModel ---------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = NO_INDEX) -> QModelIndex:
        if column != 0 or not 0 <= row < self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else _TOP)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # the QObject overload is Qt's own
        if not index.isValid() or index.internalId() == _TOP:
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, _TOP)

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        if not parent.isValid():
            return len(self._sources)
        return self._below(parent.row()) if parent.internalId() == _TOP else 0

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        source, document = self.source(index), self.document(index)
        if source is None:
            return None
        whole = index.internalId() == _TOP
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _title(source) if whole or document is None else document.name
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return _about(source) if whole or document is None else _facts(document)
            case Qt.ItemDataRole.DecorationRole:
                palette = QApplication.palette()
                inks = palette.text().color().name(), palette.highlightedText().color().name()
                return icon("folder" if whole and source.files > 1 else "file", *inks)
        if whole and role == NameRole:
            return source.title
        if whole and role == ExtentRole:
            return extent(source)
        return None


def extent(source: Opened) -> str:
    """How much there is: files of a folder, bytes of a file."""
    if source.files == 1 and source.documents:
        return numbers.size(source.documents[0].size)
    return numbers.plural(source.files, "file")


def _title(source: Opened) -> str:
    return f"{source.title}   {extent(source)}"


def _about(source: Opened) -> str:
    lines = [
        *source.paths,
        f"{numbers.plural(source.lines, 'line')}, about {numbers.count(source.tokens_estimate)} tokens",
    ]
    if source.skipped_count:
        lines.append(f"{numbers.plural(source.skipped_count, 'file')} left out:")
        lines += [f"  {skipped.path}: {skipped.reason}" for skipped in source.skipped[:10]]
    return "\n".join(lines)


def _facts(document: Document) -> str:
    return f"{document.path}\n{numbers.size(document.size)}, {document.encoding}"
