"""The answer of the run on show: its state in shape and word, its text, and its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui import format as numbers
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.icons import icon
from rlm_desktop.gui.models.run_tree_model import ROOT, RunTreeModel
from rlm_desktop.gui.status import run_look
from rlm_desktop.gui.theme import GRID
from rlm_desktop.gui.views.answer_page import LINK, answer_page, doing, facts, markdown, means, report
from rlm_desktop.gui.views.changed_sources import ChangedSources
from rlm_desktop.gui.views.quiet_label import QuietLabel
from rlm_desktop.gui.views.session_list import SessionList
from rlm_desktop.gui.wire import SAMPLE, Notice, Summary

_QUESTION = 160
"""Characters of the question above its answer, which must keep its room."""


class AnswerPanel(QWidget):
    """Shows a `Summary`.

    Signals:
        cited: A citation was clicked (`Citation`, paths of the run).
    """

    cited = Signal(object, object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._summary: Summary | None = None
        self._tree: RunTreeModel | None = None
        self._told: int | None = None
        self._actions: Mapping[str, QAction] = {}
        self._icon = QLabel()
        self.status = QLabel()
        self.status.setAccessibleName("State of the run")
        self._facts = QuietLabel()
        self._facts.setWordWrap(False)
        self._question = QLabel()
        self._question.setTextFormat(Qt.TextFormat.PlainText)
        self._question.setWordWrap(True)
        self._question.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.page = QTextBrowser()
        self.page.setAccessibleName("Answer")
        self.page.setOpenLinks(False)
        self.page.setMinimumHeight(6 * GRID)  # what stands above it may be long
        self.page.setTabChangesFocus(False)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.anchorClicked.connect(self._clicked)
        self.session = SessionList(engine)
        self.sources = ChangedSources(engine)
        self.copy = QPushButton("Copy details")
        self.copy.setAccessibleName("Copy the details of the failure")
        self.copy.clicked.connect(self._copy)
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self._icon)
        top.addWidget(self.status)
        top.addStretch(1)
        top.addWidget(self._facts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.session)
        layout.addLayout(top)
        layout.addWidget(self._question)
        layout.addWidget(self.sources)
        layout.addWidget(self.page, 1)
        self._last = QHBoxLayout()
        self._last.setSpacing(GRID)
        self._last.addWidget(self.copy)
        self._last.addStretch(1)
        layout.addLayout(self._last)

    def minimumSizeHint(self) -> QSize:
        """As high as its lines of text need at this width, which a splitter would not ask about."""
        hint, layout = super().minimumSizeHint(), self.layout()
        needed = layout.totalMinimumHeightForWidth(self.width()) if layout is not None else 0
        return QSize(hint.width(), max(hint.height(), needed))

    def offer(self, **actions: QAction) -> None:
        """Put buttons for these actions below the answer, each with the icon it is named after."""
        self._actions = actions
        for action in actions.values():
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setAccessibleName(action.iconText())
            self._last.addWidget(button)

    def follow(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        """Show another run."""
        if self._tree is not None:
            self._tree.changed.disconnect(self._progressed)
        self._summary, self._tree, self._told = summary, tree, None
        if tree is not None:
            tree.changed.connect(self._progressed)
        self.session.show_session(summary.run if summary else "")
        if summary is not None:
            self.update_summary(summary)
        self._allow()

    def check_sources(self, run: Summary | None) -> None:
        """Say whether the documents of a run that has ended are still what they were."""
        if run is None or run.running or run.run == SAMPLE:
            self.sources.check("")
        else:
            self.sources.check(run.run)

    def update_summary(self, summary: Summary) -> None:
        """Show what is known of the run now."""
        self._summary = summary
        look = run_look(summary.status)
        self._icon.setPixmap(look.icon(self.palette()).pixmap(2 * GRID))
        self.status.setText(look.word)
        self.status.setStyleSheet(f"color: {look.colour(self.palette())}; font-weight: 600")
        self._facts.setText(facts(summary))
        self._facts.setToolTip(means(summary))
        self._question.setText(numbers.beginning(summary.question, _QUESTION))
        self._question.setToolTip(f"<p style='white-space: pre-wrap'>{escape(summary.question)}</p>")
        self.copy.setVisible(summary.status in ("failed", "interrupted"))
        if summary.running:
            self._tell(self._tree.newest if self._tree else 0)
        else:
            self.page.setHtml(answer_page(summary, self.palette(), self._notes()))
            self._told = None
        self._allow()

    def _notes(self) -> tuple[str, ...]:
        """What was remarked about the run as a whole."""
        row = self._tree.row(ROOT) if self._tree else None
        return row.notes if row else ()

    def show_activity(self, notice: Notice) -> None:
        """Before the first step, say what the model is doing that keeps the run waiting."""
        waiting = self._summary is not None and self._summary.running and not self._told
        if waiting and notice.state in ("loading", "waiting"):
            self._say(notice.text or f"Loading the model {notice.model}…")

    def refresh_colours(self) -> None:
        """Follow another colour scheme."""
        for name, action in self._actions.items():
            action.setIcon(icon(name, self.palette().buttonText().color().name()))
        if self._summary is not None:
            self.update_summary(self._summary)

    def _progressed(self, span: int) -> None:
        """While it runs, say what it does: the step that began last."""
        if self._summary is not None and self._summary.running and span > (self._told or 0):
            self._tell(span)

    def _tell(self, span: int) -> None:
        row = self._tree.row(span) if span and self._tree else None
        if span != self._told:
            self._told = span
            self._say(doing(row) if row is not None else "Working…")

    def _say(self, text: str) -> None:
        """As HTML, because plain text would take on the look of a link that was clicked before."""
        self.page.setHtml(f"<p>{escape(text)}</p>")

    def _allow(self) -> None:
        if "copy" in self._actions:
            self._actions["copy"].setEnabled(self._summary is not None and bool(self._summary.answer))

    def copy_answer(self) -> None:
        """Copy the answer with its quotes, as Markdown."""
        if self._summary is not None:
            QGuiApplication.clipboard().setText(markdown(self._summary))

    def _clicked(self, url: QUrl) -> None:
        link = url.toString()
        if self._summary is not None and link.startswith(LINK):
            self.cited.emit(self._summary.evidence[int(link.removeprefix(LINK))], self._summary.paths)

    def _copy(self) -> None:
        if self._summary is not None:
            QGuiApplication.clipboard().setText(report(self._summary))
