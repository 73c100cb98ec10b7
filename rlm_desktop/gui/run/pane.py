"""The run: its tree, and above it a line to search and filter it and to follow what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from rlm_desktop.events import Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.reveal import Reveal
from rlm_desktop.gui.run.step_actions import StepActions
from rlm_desktop.gui.run.step_search import StepSearch, filtered
from rlm_desktop.gui.run.tree_model import ROOT, RunTreeModel
from rlm_desktop.gui.run.tree_view import RunTreeView
from rlm_desktop.gui.widgets.menu_button import MenuButton
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.widgets.search_box import SearchBox
from rlm_desktop.gui.wire.steps import FoundStep

_TABS = {
    "code": "code",
    "output": "output",
    "prompt": "prompt",
    "thinking": "thinking",
    "reply": "response",
    "error": "notes",
    "note": "notes",
}
"""Where the details show what was found."""


class RunPane(QWidget):
    """Shows the tree of a run, all of it or only some steps.

    Args:
        engine: Where the run is.
        at: Number of the event the run is shown at; ``None`` for its end.

    Attributes:
        tree: The view.
        steps: What is done with the chosen step.
        whole: The whole run, also while only some of its steps are shown.

    Signals:
        shown: Another tree is in the view (`RunTreeModel` or ``None``): the run, or some of its steps.
        tab_wanted: A kind of detail of the chosen step is to be shown (`str`).
        refused: The engine could not do what was asked (`EngineError`).
    """

    shown = Signal(object)
    tab_wanted = Signal(str)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, at: Callable[[], int | None] = lambda: None) -> None:
        super().__init__()
        self.whole: RunTreeModel | None = None
        self.tree = RunTreeView()
        self.steps = StepActions(engine, self.tree)
        self.finding = StepSearch(engine, at)
        self.finding.setParent(self)
        self._reveal = Reveal(self.tree)
        self._some: RunTreeModel | None = None
        self.search = SearchBox(tr("Search the run"))
        self.count = QuietLabel("")
        self.count.setWordWrap(False)
        self.count.setAccessibleName(tr("Steps found"))
        self.filter = MenuButton()
        self.filter.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.filter.setAccessibleName(tr("Which steps are shown"))
        self.filter.setToolTip(tr("Show only some steps"))
        self.filter.setMenu(self._filter_menu())
        self.follow = QToolButton()
        self.follow.setAutoRaise(True)
        self.nothing = QuietLabel("")
        self.nothing.setMargin(2 * GRID)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.tree)
        self._pages.addWidget(self.nothing)
        line = QHBoxLayout()
        line.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        line.setSpacing(GRID // 2)
        line.addWidget(self.search, 1)
        for widget in (self.count, self.filter, self.follow):
            line.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self._pages, 1)
        self.search.searched.connect(lambda text: self.finding.look_for(text, self.finding.only))
        self.search.left.connect(lambda: self._go(1))
        self.finding.found.connect(self._show_found)
        self.finding.reached.connect(self._show_hit)
        self.steps.tab_wanted.connect(self.tab_wanted)
        self.steps.refused.connect(self.refused)
        self.finding.refused.connect(self.refused)
        self._show_found()

    def _filter_menu(self) -> QMenu:
        menu = QMenu(self.filter)
        self._kinds = QActionGroup(menu)
        for only, words in (
            ("", tr("All steps")),
            ("failed", tr("Failed only")),
            ("running", tr("Running only")),
            ("calls", tr("Calls only")),
            ("cells", tr("Code only")),
            ("turns", tr("Turns only")),
            ("noted", tr("With notes only")),
        ):
            action = QAction(words, self._kinds)
            action.setCheckable(True)
            action.setChecked(not only)
            action.setData(only)
            menu.addAction(action)
        self.filter.setText(self._kinds.actions()[0].text())
        self._kinds.triggered.connect(self._filter_by)
        return menu

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each action of the pane does, by name."""
        return {
            "find_step": self._start_search,
            "find_next_step": lambda: self._go(1),
            "find_previous_step": lambda: self._go(-1),
            "follow_newest": self._toggle_following,
            **self.steps.handlers,
        }

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the actions of the pane and of its rows."""
        self.steps.offer(actions)
        self.addActions([actions[name] for name in ("find_step", "find_next_step", "find_previous_step")])
        self.follow.setDefaultAction(actions["follow_newest"])
        self.follow.setAccessibleName(actions["follow_newest"].iconText())
        self.tree.follows.connect(actions["follow_newest"].setChecked)
        actions["follow_newest"].setChecked(self.tree.following)

    def show_tree(self, tree: RunTreeModel | None) -> None:
        """Show another run, or another tree of the same one; what is looked for stays the same only for that."""
        another = tree is None or self.whole is None or tree.run != self.whole.run
        if self.whole is not None:
            self.whole.changed.disconnect(self._changed)
        self.whole = tree
        if tree is not None:
            tree.changed.connect(self._changed)
        if another:
            self.search.clear()
            self._kinds.actions()[0].trigger()
        self._show(tree)
        self.finding.follow(tree)

    def go_to(self, way: Sequence[int]) -> None:
        """Choose a step; if the filter leaves it out, all are shown again.

        Args:
            way: Its span, after those of the rows it stands below, from the top.
        """
        if self._some is not None and self._some.row(way[-1]) is None:
            self._kinds.actions()[0].trigger()
            self._show(self.whole)
        self._reveal.show(way)

    # -- searching and filtering -------------------------------------------------------------------------

    def _start_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _go(self, step: int) -> None:
        index = self.tree.currentIndex()
        self.finding.go(step, index.internalId() if index.isValid() else ROOT)

    def _filter_by(self, action: QAction) -> None:
        self.filter.setText(action.text())
        self.finding.look_for(self.finding.query, action.data())

    def _show_hit(self, hit: FoundStep) -> None:
        self._reveal.show(hit.spans)
        if tab := _TABS.get(hit.where):
            self.tab_wanted.emit(tab)

    def _show_found(self) -> None:
        finding = self.finding
        self.count.setText(self._counted())
        self.count.setVisible(finding.active)
        if finding.only and self.whole is not None and (run := self.whole.row(ROOT)) is not None:
            self._show_some(filtered(tuple(finding.rows.values()), run))
        else:
            self._show(self.whole)
        empty = bool(finding.only) and finding.active and not finding.total
        if empty:
            self.nothing.setText(tr("No step of this run is shown by this filter."))
        self._pages.setCurrentWidget(self.nothing if empty else self.tree)

    def _counted(self) -> str:
        finding = self.finding
        total = numbers.count(finding.total)
        if finding.place >= 0:
            return tr("{place} of {total}").format(place=f"{finding.place + 1:,}", total=total)
        return tr("None found") if not finding.total else tr("{total} found").format(total=total)

    def _show_some(self, rows: Sequence[Row]) -> None:
        """Show some steps in a tree of their own; the same ones again only as they have become."""
        assert self.whole is not None
        spans = {row.span for row in rows}
        if self._some is not None and self._some.spans == spans:
            self._some.take(rows)
            return
        some = RunTreeModel(self.whole.run, self, clock=self.whole.clock)
        some.take(rows)
        self._show(some)

    def _show(self, tree: RunTreeModel | None) -> None:
        if tree is self.tree.tree():
            return
        former, self._some = self._some, tree if tree is not self.whole else None
        self.shown.emit(tree)
        self.tree.show_tree(tree, unfolded=self._some is not None)
        self.steps.allow()
        if former is not None:
            former.deleteLater()

    # -- following ---------------------------------------------------------------------------------------

    def _toggle_following(self) -> None:
        self.tree.follow(not self.tree.following)

    def _changed(self, span: int) -> None:
        if span in (ROOT, self.tree.currentIndex().internalId()):
            self.steps.allow()
