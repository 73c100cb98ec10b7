"""The run as a tree that grows while one watches."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.columns import COLUMNS
from rlm_desktop.gui.run.folding import Folding
from rlm_desktop.gui.run.step_delegate import StepDelegate
from rlm_desktop.gui.run.tree_model import ROOT, Index, RunTreeModel
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.widgets.row_delegate import ICON

_NAME = 38
"""Characters of a step's name for which other columns make room."""
_TICK_MS = 1000


class RunTreeView(QTreeView):
    """Shows a `RunTreeModel` and follows what is new, until the person scrolls up or chooses a row.

    Signals:
        chosen: A row was chosen (its span).
        opened: The person wants to see the details of the chosen row.
        follows: It follows what is new from now on, or does not (`bool`).
        menu_wanted: The menu of the chosen row is asked for (`QPoint`, in global coordinates).
    """

    chosen = Signal(int)
    opened = Signal()
    follows = Signal(bool)
    menu_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Steps of the run"))
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
        self.header().setAccessibleName(tr("Columns of the run"))
        self._folding = Folding(self)
        self._following, self._leading = True, False
        self.pressed.connect(lambda: self.follow(False))
        self.verticalScrollBar().actionTriggered.connect(self._scrolled)
        self._catch_up = once(self, 0, self._to_newest)  # the view lays the new rows out first
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._touch_running)

    def show_tree(self, tree: RunTreeModel | None, *, unfolded: bool = False) -> None:
        """Show another run, or another tree of the same one, of which the same row stays chosen.

        Args:
            tree: The run; ``None`` for none.
            unfolded: Whether all of it is unfolded.
        """
        former = self.tree()
        chosen = ROOT
        another = former is None or tree is None or former.run != tree.run
        if another:
            self.follow()
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
        if unfolded:
            self.expandAll()
        else:
            self._folding.begin(anew=another)
        if chosen and tree.row(chosen) is not None:
            self._lead_to(chosen)
        self._changed(ROOT)

    @property
    def following(self) -> bool:
        """Whether it goes along with what is new."""
        return self._following

    def follow(self, on: bool = True) -> None:
        """Go along with what happens from now on, until the person goes elsewhere; or go along no more."""
        if on != self._following:
            self._following = on
            self.follows.emit(on)
        if on:
            self._catch_up.start()

    def show_newest(self) -> None:
        """Choose the row that began last, unless the person chose another that is there."""
        tree = self.tree()
        if tree is not None and (self._following or not self.currentIndex().isValid()):
            self._lead_to(self._visible(tree.newest).internalId())

    def _visible(self, span: int) -> QModelIndex:
        """Where a row stands, or the group that it is folded into."""
        tree = self.tree()
        index = found = tree.index_of(span) if tree else QModelIndex()
        while index.isValid():
            row = tree.row_at(index) if tree else None
            if row is not None and row.kind == "group" and not self.isExpanded(index):
                found = index
            index = index.parent()
        return found

    def _lead_to(self, span: int) -> None:
        tree = self.tree()
        if tree is not None:
            self._leading = True
            self.setCurrentIndex(tree.index_of(span))
            self._leading = False

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """Lay out what is below the row that grew, and nothing else.

        For rows below one that is unfolded Qt asks the model for every row that is unfolded anywhere, 160 ms for 50,000;
        to unfold a row it asks for those below it alone.
        """
        if not self.isExpanded(parent):
            super().rowsInserted(parent, start, end)
            return
        bar = self.verticalScrollBar()
        place = bar.value()
        with QSignalBlocker(self):  # nobody folded it
            with QSignalBlocker(bar):
                self.collapse(parent)
            super().rowsInserted(parent, start, end)
            self.expand(parent)
        bar.setValue(place)

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
        self.header().setMinimumSectionSize(6 * metrics.averageCharWidth())
        for number, column in enumerate(COLUMNS):
            mode = QHeaderView.ResizeMode.Interactive if column.widest else QHeaderView.ResizeMode.Stretch
            self.header().setSectionResizeMode(number, mode)
            text = max(metrics.horizontalAdvance(text) for text in (column.widest, tr(column.title)))
            self.header().resizeSection(number, text + GRID)
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

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and self.tree() is not None:
            self._lay_out_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.tree() is not None and event.size().width() != event.oldSize().width():
            self._fold_columns()

    # -- what the person does ----------------------------------------------------------------------------

    def _chose(self, current: QModelIndex) -> None:
        if current.isValid():
            if not self._leading:
                self.follow(False)
            self.chosen.emit(current.internalId())

    def _scrolled(self) -> None:
        """The person moved the view; at its end there is nothing to leave."""
        bar = self.verticalScrollBar()
        if bar.sliderPosition() < bar.value():
            self.follow(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._leading = True  # the view chooses its first row if none is
        super().focusInEvent(event)
        self._leading = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        before = self.verticalScrollBar().value()
        super().wheelEvent(event)
        if self.verticalScrollBar().value() < before:
            self.follow(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        match event.key(), held:
            case ((Qt.Key.Key_Space | Qt.Key.Key_Return | Qt.Key.Key_Enter), Qt.KeyboardModifier.NoModifier):
                self.opened.emit()
            case Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier:
                super().keyPressEvent(event)
                self.follow()
            case ((Qt.Key.Key_Up | Qt.Key.Key_Down), Qt.KeyboardModifier.AltModifier):
                self._go_by_turn(1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier:
                self._ask_for_menu()
            case Qt.Key.Key_Asterisk, _:
                self.expand(self.currentIndex())  # Qt would unfold, and fetch, everything below
            case _:
                super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._ask_for_menu()
        elif self.indexAt(event.pos()).isValid():
            self.menu_wanted.emit(event.globalPos())

    def _ask_for_menu(self) -> None:
        """At the chosen row, for the keyboard."""
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
            place = self.visualRect(self.currentIndex()).bottomLeft()
            self.menu_wanted.emit(self.viewport().mapToGlobal(place))

    def _go_by_turn(self, step: int) -> None:
        """Choose the turn before or after the chosen row's, at the top of the tree."""
        index = self.currentIndex().siblingAtColumn(0)
        inside = index.parent().isValid()
        while index.parent().isValid():
            index = index.parent()
        place = index.row() + (step if step > 0 or not inside else 0)
        target = self.model().index(place, 0)
        if target.isValid():
            self.setCurrentIndex(target)

    # -- what happens ------------------------------------------------------------------------------------

    def _grown(self, parent: QModelIndex, first: int, last: int) -> None:
        if self.tree() is not None:
            self._folding.grown(parent, first, last)
            if self._following:
                self._catch_up.start()

    def _to_newest(self) -> None:
        """Let the row that began last be seen, or the group it is folded into."""
        tree = self.tree()
        if tree is None or not self._following or (row := tree.row(ROOT)) is None or row.finished:
            return
        index = self._visible(tree.newest)
        folded = index.parent()
        while folded.isValid():
            if not self.isExpanded(folded):
                index = folded
            folded = folded.parent()
        self.scrollTo(index)

    def _changed(self, span: int) -> None:
        """Let durations tick as long as the run goes on."""
        tree = self.tree()
        if span != ROOT or tree is None or (row := tree.row(ROOT)) is None:
            return
        if row.finished:
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()

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
