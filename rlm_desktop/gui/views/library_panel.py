"""What is open."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTreeView, QVBoxLayout, QWidget

from rlm_desktop.gui.library import Library
from rlm_desktop.gui.theme import GRID
from rlm_desktop.gui.views.quiet_label import QuietLabel
from rlm_desktop.gui.views.row_delegate import ICON, RowDelegate


class LibraryPanel(QWidget):
    """The opened sources and their documents.

    Signals:
        chosen: A document was clicked (`Document`).
    """

    chosen = Signal(object)

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self.view = QTreeView()
        self.view.setModel(library.model)
        self.view.setHeaderHidden(True)
        self.view.setUniformRowHeights(True)
        self.view.setAccessibleName("Library")
        self.view.setIndentation(2 * GRID)
        self.view.setFrameShape(QTreeView.Shape.NoFrame)
        self._rows = RowDelegate()
        self.view.setItemDelegate(self._rows)
        self.view.setIconSize(QSize(ICON, ICON))
        self._empty = QuietLabel("Nothing open yet.")
        self._empty.setMargin(GRID)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        self.view.clicked.connect(self._open)
        self.view.activated.connect(self._open)
        library.model.rowsInserted.connect(self._listed)

    def _listed(self, parent: QModelIndex, first: int, last: int) -> None:
        self._stack.setCurrentWidget(self.view)
        if not parent.isValid():
            self.view.setCurrentIndex(self._library.model.index(last, 0))

    def _open(self, index: QModelIndex) -> None:
        source = self._library.model.source(index)
        document = self._library.model.document(index)
        if source is not None:
            self._library.choose(source)
        if document is not None:
            self.chosen.emit(document)
        else:
            self.view.setExpanded(index, not self.view.isExpanded(index))
