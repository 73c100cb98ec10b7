"""What is open, and what was lately."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.library.recent import Recent
from rlm_desktop.gui.library.recent_model import RecentModel
from rlm_desktop.gui.library.row import LibraryRow
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.patient_label import PatientLabel
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.widgets.row_delegate import ICON


class LibraryPanel(QWidget):
    """The opened sources and their documents; below them what was open lately.

    Signals:
        chosen: A document was clicked (`Document`).
        reopened: What was open lately is to be opened again (paths).
    """

    chosen = Signal(object)
    reopened = Signal(object)

    def __init__(self, library: Library, recent: Recent) -> None:
        super().__init__()
        self._library = library
        self._recent = recent
        self._actions: Mapping[str, QAction] = {}
        self._rows = LibraryRow()
        self.view = QTreeView()
        self.view.setHeaderHidden(True)
        self.view.setUniformRowHeights(True)
        self.view.setIndentation(2 * GRID)
        self._dress(self.view, library.model, tr("Library"))
        self.recent = QListView()
        self.recent.setUniformItemSizes(True)
        self._dress(self.recent, RecentModel(recent, library), tr("Recent"))
        self._heading = QLabel(tr("Recent"))
        self._heading.setMargin(GRID // 2)
        self._heading.setIndent(GRID // 2)
        self._heading.setBuddy(self.recent)
        self.open = QPushButton(tr("Open…"))
        self.open.setAccessibleName(tr("Open a file or folder"))
        self._empty = self._empty_page()
        self._opening = ""
        self._waiting = PatientLabel()
        self._waiting.setMargin(GRID)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._waiting.setTextFormat(Qt.TextFormat.PlainText)
        self._stack = QStackedWidget()
        for page in (self._empty, self._waiting, self.view):
            self._stack.addWidget(page)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        for widget in (self._stack, self._heading, self.recent):
            self._layout.addWidget(widget)
        self.view.clicked.connect(self._open)
        self.view.activated.connect(self._open)
        self.recent.activated.connect(self._reopen)
        self.recent.doubleClicked.connect(self._reopen)
        library.opening.connect(self._wait)
        library.model.rowsInserted.connect(self._listed)
        library.model.rowsRemoved.connect(self._look_around)
        for signal in (self.recent.model().rowsInserted, self.recent.model().rowsRemoved):
            signal.connect(self._look_around)
        self._look_around()

    def _dress(self, view: QTreeView | QListView, model: QAbstractItemModel, name: str) -> None:
        view.setModel(model)
        view.setAccessibleName(name)
        view.setItemDelegate(self._rows)
        view.setIconSize(QSize(ICON, ICON))
        view.setFrameShape(QTreeView.Shape.NoFrame)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.selectionModel().currentChanged.connect(self._allow)

    def _empty_page(self) -> QWidget:
        page = QWidget()
        text = QuietLabel(tr("Nothing open yet."))
        text.setWordWrap(True)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(text)
        layout.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch()
        return page

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the actions about rows, and those that open something."""
        self._actions = actions
        menu = QMenu(self.open)
        menu.addActions([actions["open_file"], actions["open_folder"]])
        self.open.setMenu(menu)
        self.view.addActions([actions[name] for name in ("show_in_folder", "copy_path", "close_source")])
        self.recent.addActions([actions[name] for name in ("reopen", "forget_recent")])
        self._allow()

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each action about a row does."""
        return {
            "show_in_folder": self._show_in_folder,
            "copy_path": self._copy_path,
            "close_source": self._close,
            "reopen": self._reopen,
            "forget_recent": self._forget,
            "clear_recent": self._recent.clear,
        }

    @property
    def path(self) -> str:
        """The marked document, or the first path of the marked source; empty if nothing is marked."""
        model, index = self._library.model, self.view.currentIndex()
        source, document = model.source(index), model.document(index)
        return document.path if document is not None else source.paths[0] if source is not None else ""

    # -- what a person does ------------------------------------------------------------------------------

    def _open(self, index: QModelIndex) -> None:
        source = self._library.model.source(index)
        document = self._library.model.document(index)
        if source is not None:
            self._library.choose(source)
        if document is not None:
            self.chosen.emit(document)
        else:
            self.view.setExpanded(index, not self.view.isExpanded(index))

    def _show_in_folder(self) -> None:
        if self.path:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self.path).parent)))

    def _copy_path(self) -> None:
        if self.path:
            QGuiApplication.clipboard().setText(self.path)

    def _close(self) -> None:
        source = self._library.model.source(self.view.currentIndex())
        if source is not None:
            self._library.close(source)

    def _reopen(self) -> None:
        if (entry := self._marked_entry()) is not None:
            self.reopened.emit(entry)

    def _forget(self) -> None:
        if (entry := self._marked_entry()) is not None:
            self._recent.forget(entry)

    def _marked_entry(self) -> tuple[str, ...] | None:
        model = self.recent.model()
        return model.entry(self.recent.currentIndex()) if isinstance(model, RecentModel) else None

    # -- what is on show ---------------------------------------------------------------------------------

    def _listed(self, parent: QModelIndex, first: int, last: int) -> None:
        self._look_around()
        if not parent.isValid():
            self.view.setCurrentIndex(self._library.model.index(last, 0))

    def _wait(self, what: str) -> None:
        self._opening = what
        self._waiting.wait_for(what)
        self._look_around()

    def _look_around(self) -> None:
        """Give the room to what there is."""
        opened, lately = bool(self._library.model.sources), self.recent.model().rowCount() > 0
        empty = self._waiting if self._opening else self._empty
        self._stack.setCurrentWidget(self.view if opened else empty)
        self._heading.setVisible(lately)
        self.recent.setVisible(lately)
        self._layout.setStretch(0, 3 if opened or self._opening or not lately else 0)
        self._layout.setStretch(2, 2)
        self._allow()

    def _allow(self) -> None:
        """Let only those actions be chosen that can be done."""
        marked = {"library": bool(self.path), "recent": self._marked_entry() is not None}
        for name, action in self._actions.items():
            if name in {"show_in_folder", "copy_path", "close_source"}:
                action.setEnabled(marked["library"])
            elif name in {"reopen", "forget_recent"}:
                action.setEnabled(marked["recent"])
            elif name == "clear_recent":
                action.setEnabled(bool(self._recent.entries))
