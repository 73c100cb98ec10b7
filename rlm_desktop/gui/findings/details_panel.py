"""Everything that is known of one row of the tree, a page for each kind of thing."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QDesktopServices, QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.events import Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.changes_page import ChangesPage
from rlm_desktop.gui.findings.figures_page import FiguresPage
from rlm_desktop.gui.findings.link_question import LinkQuestion
from rlm_desktop.gui.findings.places_page import PlacesPage
from rlm_desktop.gui.findings.text_page import TextPages, role_name
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.widgets.find_bar import FindBar, TextView
from rlm_desktop.gui.widgets.icon_button import GrowingButton
from rlm_desktop.gui.widgets.quiet_label import QuietLabel

_LEAST = 6 * GRID
"""Pixels that a page insists on; the panes beside it have to fit as well."""
_FULL = 1000
"""Steps of a bar that fills."""


class DetailsPanel(QStackedWidget):
    """Shows one row; tabs that have nothing to show are not there.

    The tab a person chose last is shown for every row that has it.

    Signals:
        read_range: Lines of a document are to be shown (path, first line, last line; zeros if none is known).
    """

    read_range = Signal(str, int, int)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._tree: RunTreeModel | None = None
        self._span = 0
        self._chosen = ""
        self._filling = False
        self._raw_action: QAction | None = None
        self._any_height = self.maximumHeight()
        self._hint = QuietLabel(tr("Click a step of the run to see its code, output, prompt and response."))
        self._hint.setMargin(2 * GRID)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel()
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._title.setContentsMargins(0, GRID // 2, 0, GRID // 2)
        self.progress = QProgressBar()
        self.progress.setRange(0, _FULL)
        self.progress.setAccessibleName(tr("Progress of the step"))
        self.code = TextPages(engine, tr("Code of the step"), code=True)
        self.output = TextPages(engine, tr("Output of the step"))
        self.prompt = TextPages(engine, tr("Prompt of the step"), prose=True)
        self.changes = ChangesPage(engine)
        self.thinking = TextPages(engine, tr("Thinking before the response"), prose=True)
        self.response = TextPages(engine, tr("Response of the step"), prose=True)
        self.places = PlacesPage(engine)
        self.places.read_range.connect(self.read_range)
        self.figures = FiguresPage()
        self.notes = QPlainTextEdit()
        self.notes.setReadOnly(True)
        self.notes.setTabChangesFocus(True)
        self.notes.setAccessibleName(tr("Notes on the step"))
        self._prose = (self.prompt, self.thinking, self.response)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("Details of the step"))
        self.tabs.tabBar().setAccessibleName(tr("Kinds of detail"))
        self._names = self._kinds()
        self.tabs.currentChanged.connect(self._choose)
        self.raw = GrowingButton()
        self.raw.setAutoRaise(True)
        self.tabs.setCornerWidget(self.raw)
        self.find_bar = FindBar(self._text_view)
        self._link_question = LinkQuestion(self)
        self._link_question.agreed.connect(QDesktopServices.openUrl)
        for page in self._prose:
            page.linked.connect(self._link_question.put)
        self._page = QWidget()
        self._lay_out()
        self._turn_to(self._hint)

    def _kinds(self) -> dict[str, QWidget]:
        """The kinds of detail by name, each with its tab."""
        names: dict[str, QWidget] = {
            "code": self.code,
            "output": self.output,
            "prompt": self.prompt,
            "changes": self.changes,
            "thinking": self.thinking,
            "response": self.response,
            "read": self.places,
            "figures": self.figures,
            "notes": self.notes,
        }
        titles = (
            *(tr("Code"), tr("Output"), tr("Prompt"), tr("Changes"), tr("Thinking")),
            *(tr("Response"), tr("Read"), tr("Figures"), tr("Notes")),
        )
        for widget, title in zip(names.values(), titles, strict=True):
            widget.setMinimumHeight(_LEAST)
            self.tabs.addTab(widget, title)
        return names

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self._page)
        layout.setContentsMargins(GRID, 0, GRID, 0)
        layout.setSpacing(0)
        layout.addWidget(self._title)
        layout.addWidget(self.progress)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.find_bar)
        self.addWidget(self._hint)
        self.addWidget(self._page)

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take the actions that are about texts: find in one, and show Markdown as it was written."""
        self._raw_action = actions["raw"]
        self.raw.setDefaultAction(self._raw_action)
        self.raw.setAccessibleName(self._raw_action.iconText())
        self.addAction(actions["find_in_details"])
        self.refresh_colours()

    def refresh_colours(self) -> None:
        """Follow another colour scheme; the pages do so by themselves."""
        if self._raw_action is not None:
            self._raw_action.setIcon(icon("raw", self.palette().buttonText().color().name()))

    def show_raw(self, raw: bool) -> None:
        """Show prompts and responses as they were written, or as the pages they describe."""
        for page in self._prose:
            page.show_raw(raw)

    def open_tab(self, name: str) -> None:
        """Show one kind of detail, of this row and of others that have it.

        Args:
            name: ``code``, ``output``, ``prompt``, ``changes``, ``thinking``, ``response``, ``read``, ``figures`` or
                ``notes``.
        """
        self._chosen = name
        self._prefer()

    def _text_view(self) -> TextView | None:
        widget = self.tabs.currentWidget()
        if isinstance(widget, TextPages):
            return widget.text_view
        return {self.changes: self.changes.view, self.notes: self.notes}.get(widget)

    def _choose(self) -> None:
        """The person turned to another tab."""
        if not self._filling:
            current = self.tabs.currentWidget()
            self._chosen = next((name for name, widget in self._names.items() if widget is current), "")
            self._look()

    def _prefer(self, former: QWidget | None = None) -> None:
        """Turn to the tab that was chosen last; without it to the one there was, what a model did, or any."""
        there = [one for one in self._names.values() if self.tabs.isTabVisible(self.tabs.indexOf(one))]
        wanted = (self._names.get(self._chosen), former, self.code, self.response, *there)
        if found := next((widget for widget in wanted if widget in there), None):
            self._filling = True
            self.tabs.setCurrentWidget(found)
            self._filling = False
            self._look()

    def _look(self) -> None:
        """Fetch what only the tab on show needs."""
        if self._tree is not None and self.tabs.currentWidget() is self.changes and self._span:
            self.changes.show_turn(self._tree.run, self._span)
        self.raw.setEnabled(self.tabs.currentWidget() in self._prose)

    def _turn_to(self, page: QWidget) -> None:
        """Show the hint or a row."""
        self.setCurrentWidget(page)
        self._limit_height()

    def _limit_height(self) -> None:
        """The hint takes no more room from the answer than its lines need."""
        hint = self.currentWidget() is self._hint
        self.setMaximumHeight(self._hint.heightForWidth(self.width()) if hint else self._any_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._limit_height()

    def follow(self, tree: RunTreeModel | None) -> None:
        """Show rows of another run; none is chosen yet."""
        if self._tree is not None:
            self._tree.changed.disconnect(self._changed)
            self._tree.rowsRemoved.disconnect(self._removed)
        self._tree, self._span = tree, 0
        if tree is not None:
            tree.changed.connect(self._changed)
            tree.rowsRemoved.connect(self._removed)
        self._turn_to(self._hint)

    def show_row(self, span: int) -> None:
        """Show one row of the run."""
        former = self.tabs.currentWidget() if span == self._span else None
        self._span = span
        row = self._tree.row(span) if self._tree else None
        if self._tree is None or row is None:
            self._turn_to(self._hint)
            return
        self._fill(self._tree, row)
        self._prefer(former)
        self._turn_to(self._page)

    def _changed(self, span: int) -> None:
        if span == self._span and span:
            self.show_row(span)

    def _removed(self) -> None:
        """The run went back to before the row began."""
        if self._tree is not None and self._tree.row(self._span) is None:
            self._span = 0
            self._turn_to(self._hint)

    def _fill(self, tree: RunTreeModel, row: Row) -> None:
        self._filling = True
        self._title.setText(row.label)
        self.progress.setVisible(row.progress is not None)
        if row.progress:
            self.progress.setValue(round(_FULL * (row.progress.share or 0.0)))
            self.progress.setFormat(str(row.progress).replace("%", "%%"))
        notes = "\n\n".join(filter(None, (row.error, *row.notes)))
        if notes != self.notes.toPlainText():
            self.notes.setPlainText(notes)
        self._offer(self.notes, bool(notes))
        if row.prompt:
            self.prompt.show_texts([(role_name(message.role), message.text) for message in row.prompt])
        self._offer(self.prompt, bool(row.prompt))
        self._offer(self.changes, row.kind == "turn" and bool(row.prompt) and row.index > 0)
        cell = row.kind == "cell"
        self._text(self.code, row.texts.get("code", ""), "")
        self._text(self.output, row.texts.get("output", ""), row.live if cell else "")
        self._text(self.thinking, row.texts.get("thinking", ""), "")
        self._text(self.response, row.texts.get("reply", ""), "" if cell else row.live)
        self._offer(self.places, self.places.show_row(tree.run, row))
        self._offer(self.figures, self.figures.show_row(row, tree.clock()))
        self._filling = False

    def _text(self, page: TextPages, stored: str, live: str) -> None:
        if stored:
            page.show_texts([("", stored)])
        elif live:
            page.show_live(live)
        self._offer(page, bool(stored or live))

    def _offer(self, widget: QWidget, there: bool) -> None:
        """Have a tab there or not; Qt turns to another when the one on show goes, which is nobody's choice."""
        self.tabs.setTabVisible(self.tabs.indexOf(widget), there)
