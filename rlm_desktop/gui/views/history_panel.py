"""The runs of the past, to look at again or to delete."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.models.history_model import HistoryModel, NoteRole
from rlm_desktop.gui.theme import GRID
from rlm_desktop.gui.views.heading import Heading
from rlm_desktop.gui.views.quiet_label import QuietLabel
from rlm_desktop.gui.views.row_delegate import TwoLineDelegate


class HistoryPanel(QWidget):
    """A list of runs; deleting one asks for a yes in the panel itself, so that nothing else waits.

    Signals:
        chosen: A run was chosen (its id).
        deleted: The person wants a run gone (its id).
    """

    chosen = Signal(str)
    deleted = Signal(str)

    def __init__(self, history: HistoryModel) -> None:
        super().__init__()
        self._history = history
        self._doomed = ""
        self.view = QListView()
        self.view.setModel(history)
        self.view.setAccessibleName("History of runs")
        self.view.setUniformItemSizes(True)
        self._rows = TwoLineDelegate(NoteRole)
        self.view.setItemDelegate(self._rows)
        self.view.setFrameShape(QListView.Shape.NoFrame)
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        empty = QuietLabel("Questions you ask are kept here.")
        empty.setMargin(GRID)
        empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self.view)
        self.confirm = QFrame()
        self.yes = QPushButton("Delete")
        self.yes.setAccessibleName("Delete the run for good")
        self.no = QPushButton("Keep")
        self.no.setAccessibleName("Keep the run")
        self._ask = QLabel()
        self._ask.setWordWrap(True)
        self._lay_out()
        remove = QAction("Delete…", self.view)
        remove.setShortcut(QKeySequence.StandardKey.Delete)
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(self.ask_to_delete)
        self.view.addAction(remove)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.view.clicked.connect(self._choose)
        self.view.activated.connect(self._choose)
        self.yes.clicked.connect(self._delete)
        self.no.clicked.connect(self._keep)
        history.rowsInserted.connect(self._count)
        history.rowsRemoved.connect(self._count)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        question = QVBoxLayout(self.confirm)
        question.setContentsMargins(GRID, GRID // 2, GRID, GRID)
        question.addWidget(self._ask)
        question.addLayout(buttons)
        self.confirm.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Heading("History"))
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.confirm)

    def select(self, run: str) -> None:
        """Mark the run that is on show."""
        index = self._history.index_of(run)
        if index.isValid():
            self.view.setCurrentIndex(index)

    def ask_to_delete(self) -> None:
        """Ask whether the marked run may go."""
        summary = self._history.summary(self.view.currentIndex())
        if summary is not None and not summary.running:
            self._doomed = summary.run
            self._ask.setText("Delete this run and the texts no other run uses?")
            self.confirm.show()
            self.no.setFocus()

    def _delete(self) -> None:
        self._keep()
        self.deleted.emit(self._doomed)

    def _keep(self) -> None:
        self.confirm.hide()
        self.view.setFocus()

    def _choose(self, index: QModelIndex) -> None:
        summary = self._history.summary(index)
        if summary is not None:
            self.chosen.emit(summary.run)

    def _count(self) -> None:
        self._stack.setCurrentIndex(1 if self._history.rowCount() else 0)
