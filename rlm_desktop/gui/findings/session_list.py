"""The questions of the session that the run on show belongs to, to go back and forth between them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListView, QSizePolicy, QWidget

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.history.model import HistoryModel, RunRole
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.row_delegate import ICON, RowDelegate
from rlm_desktop.gui.wire import HistoryPage, Notice, Session, Summary

_MOST_ROWS = 3
"""Rows on show at once; of more one scrolls, so that the answer keeps its room. With little room it is one."""


class SessionList(QListView):
    """Hidden for a run that stands alone.

    Signals:
        chosen: Another run of the session was chosen (its id).
    """

    chosen = Signal(str)

    def __init__(self, engine: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._run = ""
        self._runs = HistoryModel()
        self._rows = RowDelegate()
        self.setModel(self._runs)
        self.setItemDelegate(self._rows)
        self.setAccessibleName(tr("Questions of this session"))
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(ICON, ICON))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)
        engine.noticed.connect(self._noticed)
        engine.greeted.connect(self._ask)
        self.hide()

    def show_session(self, run: str) -> None:
        """List the session of this run, and mark the run in it; an empty id lists nothing."""
        if run != self._run:
            self._run = run
            self._ask()

    def _ask(self) -> None:
        run = self._run

        def done(session: Session) -> None:
            if run == self._run:
                self._list(session.runs)

        if run:
            self._engine.request("session", Session, done, lambda _: done(Session(())), run=run)
        else:
            self._list(())

    def _list(self, runs: tuple[Summary, ...]) -> None:
        self._runs.take(0, HistoryPage(runs, len(runs)))
        self.setCurrentIndex(self._runs.index_of(self._run))
        self.updateGeometry()
        self.setVisible(len(runs) > 1)
        self.scrollTo(self.currentIndex())

    def _noticed(self, notice: Notice) -> None:
        if notice.kind == "history":
            self._ask()

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(RunRole))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height(min(self._runs.rowCount(), _MOST_ROWS)))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._height(1))

    def _height(self, rows: int) -> int:
        return rows * self.sizeHintForRow(0) + 2 * self.frameWidth()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())
