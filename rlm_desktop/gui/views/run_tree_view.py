"""The run as a tree that grows while one watches."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from rlm_desktop.gui.models.run_columns import COLUMNS
from rlm_desktop.gui.models.run_tree_model import ROOT, Index, RunTreeModel
from rlm_desktop.gui.theme import GRID
from rlm_desktop.gui.views.row_delegate import ICON
from rlm_desktop.gui.views.step_delegate import StepDelegate

_NAME = 38
"""Characters of a step's name for which other columns make room."""
_TICK_MS = 1000
_OPEN_ALL = 12
"""A row with more children than this is not unfolded by itself."""


class RunTreeView(QTreeView):
    """Shows a `RunTreeModel`; while one looks at its end it follows what is new.

    Signals:
        chosen: A row was chosen (its span).
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Steps of the run")
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setIndentation(2 * GRID)
        self._row_delegate = StepDelegate()
        self.setItemDelegate(self._row_delegate)
        self.setIconSize(QSize(ICON, ICON))
        self.header().setStretchLastSection(False)
        self.header().setAccessibleName("Columns of the run")
        self._following, self._leading = True, False
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._touch_running)

    def show_tree(self, tree: RunTreeModel | None) -> None:
        """Show another run, or another tree of the same one, of which the same row stays chosen."""
        former = self.tree()
        chosen = ROOT
        if former is None or tree is None or former.run != tree.run:
            self._following = True
        elif self.currentIndex().isValid():
            chosen = self.currentIndex().internalId()
        if former is not None:
            former.rowsInserted.disconnect(self._grown)
            former.changed.disconnect(self._changed)
        self.setModel(tree)
        if tree is None:
            self._tick.stop()
            return
        tree.rowsInserted.connect(self._grown)
        tree.changed.connect(self._changed)
        self.selectionModel().currentRowChanged.connect(self._chose)
        self._lay_out_columns()
        self._unfold_below(QModelIndex())
        if chosen and tree.row(chosen) is not None:
            self._lead_to(chosen)
        self._tick.start()

    def follow(self) -> None:
        """Go along with what happens from now on, until the person chooses another row."""
        self._following = True

    def show_newest(self) -> None:
        """Choose the row that began last, unless the person chose another that is there."""
        tree = self.tree()
        if tree is not None and (self._following or not self.currentIndex().isValid()):
            self._lead_to(tree.newest)

    def _lead_to(self, span: int) -> None:
        tree = self.tree()
        if tree is not None:
            self._leading = True
            self.setCurrentIndex(tree.index_of(span))
            self._leading = False

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        self._leading = True  # the view chooses another row if the chosen one goes
        super().rowsAboutToBeRemoved(parent, start, end)
        self._leading = False

    def tree(self) -> RunTreeModel | None:
        """The run on show."""
        model = self.model()
        return model if isinstance(model, RunTreeModel) else None

    def _lay_out_columns(self) -> None:
        """Fixed widths, so that growing numbers never move a column; the first takes what is left."""
        metrics = self.fontMetrics()
        for number, column in enumerate(COLUMNS):
            mode = QHeaderView.ResizeMode.Interactive if column.widest else QHeaderView.ResizeMode.Stretch
            self.header().setSectionResizeMode(number, mode)
            text = max(metrics.horizontalAdvance(text) for text in (column.widest, column.title))
            self.header().resizeSection(number, text + GRID)
        self.header().setMinimumSectionSize(6 * metrics.averageCharWidth())
        self._fold_columns()

    def _fold_columns(self) -> None:
        """Hide what can best be spared where the names of the steps would have too little room."""
        room = self.viewport().width() - _NAME * self.fontMetrics().averageCharWidth()
        for number in range(1, len(COLUMNS)):
            self.setColumnHidden(number, False)
            room -= self.columnWidth(number)
        for _, number in sorted(
            (column.spare, number) for number, column in enumerate(COLUMNS) if column.spare
        ):
            if room < 0:
                room += self.columnWidth(number)
                self.setColumnHidden(number, True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.tree() is not None and event.size().width() != event.oldSize().width():
            self._fold_columns()

    def _chose(self, current: QModelIndex) -> None:
        if current.isValid():
            self._following = self._following and self._leading
            self.chosen.emit(current.internalId())

    def _grown(self, parent: QModelIndex, first: int, last: int) -> None:
        tree = self.tree()
        if tree is None:
            return
        bar = self.verticalScrollBar()
        following = bar.value() >= bar.maximum() - 2
        if parent.isValid():
            self._unfold(parent)
        if following:
            # the view lays the new rows out first
            QTimer.singleShot(0, self, self._to_end)

    def _to_end(self) -> None:
        tree = self.tree()
        if tree is not None and (row := tree.row(0)) is not None and row.status == "running":
            self.scrollToBottom()

    def _unfold_below(self, parent: QModelIndex) -> None:
        """Unfold what is known already; the rest unfolds as it comes."""
        tree = self.tree()
        for position in range(tree.rowCount(parent) if tree else 0):
            index = self.model().index(position, 0, parent)
            self._unfold_below(index)
            self._unfold(index)

    def _unfold(self, index: QModelIndex) -> None:
        tree = self.tree()
        row = tree.row_at(index) if tree else None
        if row is not None and row.children <= _OPEN_ALL:
            self.expand(index)

    def _changed(self, span: int) -> None:
        if span == 0 and (tree := self.tree()) and (row := tree.row(0)) and row.finished:
            self._tick.stop()

    def _touch_running(self) -> None:
        """Let the durations of the rows tick that run and can be seen; no other row is repainted."""
        tree = self.tree()
        if tree is None:
            return
        index = self.indexAt(self.viewport().rect().topLeft())
        bottom = self.viewport().rect().bottom()
        while index.isValid() and self.visualRect(index).top() <= bottom:
            row = tree.row_at(index)
            if row is not None and row.status == "running":
                tree.touch(row.span)
            index = self.indexBelow(index)
