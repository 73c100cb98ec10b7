"""Everything that is known of one row of the tree: code, output, prompt, thinking, response, notes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
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
from rlm_desktop.gui.models.run_tree_model import RunTreeModel
from rlm_desktop.gui.theme import GRID
from rlm_desktop.gui.views.quiet_label import QuietLabel
from rlm_desktop.gui.views.text_page import TextPages

_FULL = 1000
"""Steps of a bar that fills."""
_ROLES = {"system": "Instructions", "user": "User", "assistant": "Model"}


class DetailsPanel(QStackedWidget):
    """Shows one row; tabs that have nothing to show are not there."""

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._tree: RunTreeModel | None = None
        self._span = 0
        self._any_height = self.maximumHeight()
        self._hint = QuietLabel("Click a step of the run to see its code, output, prompt and response.")
        self._hint.setMargin(2 * GRID)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel()
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._title.setContentsMargins(0, GRID // 2, 0, GRID // 2)
        self.progress = QProgressBar()
        self.progress.setRange(0, _FULL)
        self.progress.setAccessibleName("Progress of the step")
        self.provenance = QuietLabel("")
        self.provenance.setTextFormat(Qt.TextFormat.PlainText)  # it names files
        self.provenance.setAccessibleName("What of the documents the step showed or sent")
        self.code = TextPages(engine, "Code of the step", code=True)
        self.output = TextPages(engine, "Output of the step")
        self.prompt = TextPages(engine, "Prompt of the step")
        self.thinking = TextPages(engine, "Thinking before the response")
        self.response = TextPages(engine, "Response of the step")
        self.notes = QPlainTextEdit()
        self.notes.setReadOnly(True)
        self.notes.setTabChangesFocus(True)
        self.notes.setAccessibleName("Notes on the step")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Details of the step")
        self.tabs.tabBar().setAccessibleName("Kinds of detail")
        for widget, name in (
            (self.code, "Code"),
            (self.output, "Output"),
            (self.prompt, "Prompt"),
            (self.thinking, "Thinking"),
            (self.response, "Response"),
            (self.notes, "Notes"),
        ):
            self.tabs.addTab(widget, name)
        self._page = QWidget()
        layout = QVBoxLayout(self._page)
        layout.setContentsMargins(GRID, 0, GRID, 0)
        layout.setSpacing(0)
        layout.addWidget(self._title)
        layout.addWidget(self.provenance)
        layout.addWidget(self.progress)
        layout.addWidget(self.tabs, 1)
        self.addWidget(self._hint)
        self.addWidget(self._page)
        self._turn_to(self._hint)

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
        self._span = span
        row = self._tree.row(span) if self._tree else None
        if row is None:
            self._turn_to(self._hint)
            return
        self._fill(row)
        self._turn_to(self._page)

    def _changed(self, span: int) -> None:
        if span == self._span and span:
            self.show_row(span)

    def _removed(self) -> None:
        """The run went back to before the row began."""
        if self._tree is not None and self._tree.row(self._span) is None:
            self._span = 0
            self._turn_to(self._hint)

    def _fill(self, row: Row) -> None:
        self._title.setText(row.label)
        self.provenance.setText(row.provenance)
        self.provenance.setVisible(bool(row.provenance))
        self.progress.setVisible(row.progress is not None)
        if row.progress:
            self.progress.setValue(round(_FULL * (row.progress.share or 0.0)))
            self.progress.setFormat(str(row.progress).replace("%", "%%"))
        live_output = row.live if row.kind == "cell" else ""
        live_reply = row.live if row.kind != "cell" else ""
        prompt = [(_ROLES[message.role], message.text) for message in row.prompt]
        notes = "\n\n".join(filter(None, (row.error, *row.notes)))
        if notes != self.notes.toPlainText():
            self.notes.setPlainText(notes)
        self._offer(self.notes, bool(notes))
        if prompt:
            self.prompt.show_texts(prompt)
        self._offer(self.prompt, bool(prompt))
        self._text(self.code, row.texts.get("code", ""), "")
        self._text(self.output, row.texts.get("output", ""), live_output)
        self._text(self.thinking, row.texts.get("thinking", ""), "")
        self._text(self.response, row.texts.get("reply", ""), live_reply)

    def _text(self, page: TextPages, stored: str, live: str) -> None:
        if stored:
            page.show_texts([("", stored)])
        elif live:
            page.show_live(live)
        self._offer(page, bool(stored or live))

    def _offer(self, widget: QWidget, there: bool) -> None:
        self.tabs.setTabVisible(self.tabs.indexOf(widget), there)
