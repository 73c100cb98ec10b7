"""The runs of the past: to search, to look at again, to name, to pin and to delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from rlm_desktop.gui.history.history import History
from rlm_desktop.gui.history.model import HistoryModel, RunRole
from rlm_desktop.gui.history.run_delegate import RunDelegate
from rlm_desktop.gui.history.run_list import RunList
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.banner import Banner
from rlm_desktop.gui.widgets.patient_label import PatientLabel
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.widgets.search_box import SearchBox
from rlm_desktop.gui.wire import Summary

_NAME = 32
"""Characters of a run's name in the line that offers to bring it back."""


class HistoryPanel(QWidget):
    """A list of runs, or of those that a search found. What is deleted can be brought back from a line below.

    Signals:
        chosen: A run was chosen (its id).
    """

    chosen = Signal(str)

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history
        self._actions: Mapping[str, QAction] = {}
        self._to_select = ""
        self.search = SearchBox(tr("Search the history"))
        self._all_rows, self._found_rows = RunDelegate(), RunDelegate(found=True)
        self.view = self._list(history.all, self._all_rows, tr("History of runs"))
        self.results = self._list(history.found, self._found_rows, tr("Runs that were found"))
        self.results.setUniformItemSizes(True)
        self._waiting = _hint(PatientLabel(tr("Opening what you asked before…")))
        self._empty = _hint(QuietLabel(tr("Questions you ask are kept here.")))
        self._nothing = _hint(QuietLabel())
        self._emptied = False
        self._stack = QStackedWidget()
        for page in (self._waiting, self._empty, self.view, self._nothing, self.results):
            self._stack.addWidget(page)
        self.deleted = Banner(look=None, narrow=True)
        self.deleted.action.setMaximumWidth(self.fontMetrics().horizontalAdvance("Undo") + 4 * GRID)
        self.deleted.turned.connect(self._allow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(GRID, 0, GRID, GRID // 2)
        top.addWidget(self.search)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.deleted)
        self.search.searched.connect(history.search)
        self.search.left.connect(self._enter)
        history.told.connect(self._listed)
        history.searched.connect(self._show_page)
        history.deleted.connect(self._offer_undo)
        history.all.rowsInserted.connect(self._listed)
        history.all.rowsRemoved.connect(self._listed)

    def _list(self, model: HistoryModel, rows: RunDelegate, name: str) -> RunList:
        view = RunList(model, rows, name)
        view.clicked.connect(self._open_at)
        view.activated.connect(self._open_at)
        view.selectionModel().currentChanged.connect(self._allow)
        model.dataChanged.connect(self._allow)
        model.rowsRemoved.connect(self._allow)
        return view

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each action about runs of the past does."""
        return {
            "search": self.start_search,
            "open_run": self.open,
            "rename": self.rename,
            "pin": self.pin,
            "delete": self.delete,
            "undo_delete": self.undo,
        }

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the actions of this pane: their keys and the menu of a row."""
        self._actions = actions
        for view in (self.view, self.results):
            view.addActions(list(actions.values()))
        self.deleted.addAction(actions["undo_delete"])
        self._allow()

    @property
    def current(self) -> RunList:
        """The list on show."""
        return self.results if self._stack.currentWidget() is self.results else self.view

    @property
    def marked(self) -> Summary | None:
        """The run the pane's actions are about."""
        model = self.current.model()
        return model.summary(self.current.currentIndex()) if isinstance(model, HistoryModel) else None

    def select(self, run: str) -> None:
        """Mark a run, at once or as soon as it is listed; none, if it is empty."""
        self._to_select = run
        for view, model in ((self.view, self._history.all), (self.results, self._history.found)):
            index = model.index_of(run)
            if index.isValid() or not run:
                view.setCurrentIndex(index)
                self._to_select = ""

    # -- what a person does ------------------------------------------------------------------------------

    def start_search(self) -> None:
        """Go to the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def open(self) -> None:
        """Look at the marked run."""
        if (run := self.marked) is not None:
            self.chosen.emit(run.run)

    def _open_at(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(RunRole))

    def rename(self) -> None:
        """Edit the name of the marked run in its place."""
        if self.marked is not None:
            self.current.edit(self.current.currentIndex())

    def pin(self) -> None:
        """Keep the marked run above the others, or no longer."""
        if (run := self.marked) is not None:
            self._history.pin(run.run, not run.pinned)

    def delete(self) -> None:
        """Put the marked run into the trash."""
        if (run := self.marked) is not None:
            self._history.delete(run)

    def undo(self) -> None:
        """Bring the run back that was deleted last."""
        if self.deleted.isVisible():
            self.deleted.act()

    def _enter(self) -> None:
        """From the search field into the list."""
        view = self.current
        if not view.currentIndex().isValid():
            view.setCurrentIndex(view.model().index(0, 0))
        view.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what is on show ---------------------------------------------------------------------------------

    def _offer_undo(self, run: Summary) -> None:
        name = numbers.beginning(run.name, _NAME)
        self.deleted.say(
            tr("Deleted “{name}”.").format(name=name), tr("Undo"), lambda: self._history.restore(run.run)
        )
        if self._emptied:  # the key that undoes works where the focus is, and there is no list any more
            self.deleted.action.setFocus(Qt.FocusReason.OtherFocusReason)

    def _listed(self) -> None:
        if self._to_select:
            self.select(self._to_select)
        if self._stack.currentWidget() in (self._waiting, self._empty, self.view):
            self._show_page("")

    def _show_page(self, searched: str) -> None:
        if not searched:
            empty = self._waiting if self._history.awaited else self._empty
            page: QWidget = self.view if self._history.all.rowCount() else empty
        elif self._history.found.rowCount():
            page = self.results
        else:
            page = self._nothing
            self._nothing.setText(
                tr("Nothing found for “{searched}”. Esc in the search field lists all runs again.").format(
                    searched=searched
                )
            )
        self._emptied = page is self._empty and (self._emptied or self.view.hasFocus())
        self._stack.setCurrentWidget(page)
        self._allow()

    def _allow(self) -> None:
        """Let only those actions be chosen that can be done."""
        run = self.marked
        for name, action in self._actions.items():
            if name == "undo_delete":
                action.setEnabled(self.deleted.isVisibleTo(self))
            else:
                action.setEnabled(run is not None and (name != "delete" or not run.running))
        if "pin" in self._actions:
            self._actions["pin"].setText(tr("Un&pin") if run is not None and run.pinned else tr("&Pin"))


def _hint(label: QuietLabel) -> QuietLabel:
    label.setMargin(GRID)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
