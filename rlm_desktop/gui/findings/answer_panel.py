"""The answer of the run on show: its state in shape and word, its text, its evidence, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QDesktopServices, QFont, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.answer_page import answer_blocks, doing, facts, markdown, means, report
from rlm_desktop.gui.findings.changed_sources import ChangedSources
from rlm_desktop.gui.findings.coverage_line import CoverageLine
from rlm_desktop.gui.findings.evidence_links import LINK
from rlm_desktop.gui.findings.link_question import LinkQuestion
from rlm_desktop.gui.findings.prose import Block, paragraph
from rlm_desktop.gui.findings.prose_view import ProseView
from rlm_desktop.gui.findings.session_list import SessionList
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.status import run_look
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.tree_model import ROOT, RunTreeModel
from rlm_desktop.gui.timers import PATIENCE_MS, once
from rlm_desktop.gui.widgets.find_bar import FindBar, TextView
from rlm_desktop.gui.widgets.icon_button import GrowingButton
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.widgets.toned_label import TonedLabel
from rlm_desktop.gui.wire import CODELESS, SAMPLE, Notice, Summary

_QUESTION = 160
"""Characters of the question above its answer, which must keep its room."""
_AGAIN = ("failed", "interrupted", "cancelled")
_TOOL = "answer_tool"
_BUTTONS = {"copy": "copy_answer", "export": "export", "raw": "raw"}
"""Icons of the buttons below the answer, and the actions they do."""


class AnswerPanel(QWidget):
    """Shows a `Summary`.

    Signals:
        cited: A citation was clicked (`Citation`, paths of the run).
        go_on: A run that a limit stopped is to be followed by one with more room (`Summary`).
        ask_again: The question of a run is to be asked once more (`Summary`).
        opened: A document of the run is to be shown (its path, paths of the run).
    """

    cited = Signal(object, object)
    go_on = Signal(object)
    ask_again = Signal(object)
    opened = Signal(str, object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._summary: Summary | None = None
        self._tree: RunTreeModel | None = None
        self._told: int | None = None
        self._draft = ""
        self._shown: tuple[Summary, tuple[str, ...]] | None = None
        self._buttons: dict[str, QAction] = {}
        self._icon = QLabel()
        self.status = TonedLabel("quiet")
        self.status.setWordWrap(False)
        bold = self.status.font()
        bold.setWeight(QFont.Weight.DemiBold)
        self.status.setFont(bold)
        self.status.setAccessibleName(tr("State of the run"))
        self._facts = QuietLabel()
        self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._question = QLabel()
        self._question.setTextFormat(Qt.TextFormat.PlainText)
        self._question.setWordWrap(True)
        self._question.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.page = ProseView(tr("Answer"))
        self.page.linked.connect(self._follow_link)
        self.raw = QPlainTextEdit()
        self.raw.setReadOnly(True)
        self.raw.setTabChangesFocus(True)
        self.raw.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.raw.setAccessibleName(tr("Answer as the model wrote it"))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.page)
        self._pages.addWidget(self.raw)
        self._pages.setMinimumHeight(6 * GRID)  # what stands above it may be long
        self.find_bar = FindBar(lambda: self.text_view)
        self.session = SessionList(engine)
        self.sources = ChangedSources(engine)
        self.coverage = CoverageLine(engine)
        self.coverage.opened.connect(self._open)
        self.coverage.changed.connect(self._fit_tools)
        self.more = _button(tr("Go on with more room"), tr("Go on from here with higher limits"))
        self.more.clicked.connect(lambda: self.go_on.emit(self._summary))
        self.again = _button(tr("Ask again"), tr("Ask the same question again"))
        self.again.clicked.connect(lambda: self.ask_again.emit(self._summary))
        self.copy = _button(tr("Copy details"), tr("Copy the details of the failure"))
        self.copy.clicked.connect(self._copy)
        self._link_question = LinkQuestion(self)
        self._link_question.agreed.connect(QDesktopServices.openUrl)
        self._patience = once(
            self, PATIENCE_MS, lambda: self._say(tr("Opening the answer that was on show…"))
        )
        self._lay_out()
        self.follow(None, None)

    def _lay_out(self) -> None:
        state, ways, self._tools = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (self._top, state, ways, self._tools):
            row.setSpacing(GRID)
        for widget in (self._icon, self.status):
            state.addWidget(widget)
        state.addStretch(1)
        self._top.addLayout(state)
        self._top.addWidget(self._facts, 1)
        for button in (self.more, self.again, self.copy):
            ways.addWidget(button)
        ways.addStretch(1)
        self._tools.addWidget(self.coverage, 1)
        self._tools.addStretch(0)  # while that is hidden
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.session)
        layout.addLayout(self._top)
        layout.addWidget(self._question)
        layout.addWidget(self.sources)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.find_bar)
        layout.addLayout(ways)
        layout.addLayout(self._tools)

    def minimumSizeHint(self) -> QSize:
        """As high as its lines of text need at this width, which a splitter would not ask about."""
        hint, layout = super().minimumSizeHint(), self.layout()
        needed = layout.totalMinimumHeightForWidth(self.width()) if layout is not None else 0
        return QSize(hint.width(), max(hint.height(), needed))

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Put buttons below the answer, and find in it with the key of that action."""
        self._buttons = {name: actions[action] for name, action in _BUTTONS.items()}
        for action in self._buttons.values():
            button = GrowingButton()
            button.setObjectName(_TOOL)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setAccessibleName(action.iconText())
            button.setMinimumWidth(button.iconSize().width() + GRID)
            self._tools.addWidget(button)
        self.addAction(actions["find_in_answer"])
        self.refresh_colours()
        self._allow()

    def follow(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        """Show another run."""
        self._patience.stop()
        if self._tree is not None:
            self._tree.changed.disconnect(self._progressed)
        self._summary, self._tree, self._told, self._draft = summary, tree, None, ""
        if tree is not None:
            tree.changed.connect(self._progressed)
        self.session.show_session(summary.run if summary else "")
        if summary is not None:
            self.update_summary(summary)
        else:
            self._be_empty()
        self._allow()

    def wait(self) -> None:
        """A run is about to be on show."""
        self._say("")
        self._patience.start()

    def _be_empty(self) -> None:
        """Before there is a run: what comes here, and what to do for it."""
        for widget in (self._icon, self.status, self._facts, self._question):
            widget.clear()
        for button in (self.more, self.again, self.copy):
            button.hide()
        self.coverage.count("")
        self._say(tr("Open a document and ask about it. The answer comes here, with the quotes it rests on."))

    def check_sources(self, run: Summary | None) -> None:
        """Say whether the documents of a run that has ended are still what they were, and what was not read."""
        ended = run.run if run is not None and not run.running else ""
        self.coverage.count(ended)
        self.sources.check("" if ended == SAMPLE else ended)

    def update_summary(self, summary: Summary) -> None:
        """Show what is known of the run now."""
        self._summary = summary
        self._show_status(summary)
        self._facts.setText(facts(summary))
        self._facts.setToolTip(means(summary))
        self._fit_facts()
        self._question.setText(numbers.beginning(summary.question, _QUESTION))
        self._question.setToolTip(f"<p style='white-space: pre-wrap'>{escape(summary.question)}</p>")
        self.copy.setVisible(summary.status in {"failed", "interrupted"})
        self.again.setVisible(summary.status in _AGAIN and summary.run != SAMPLE)
        self.more.setVisible(summary.status == "limit" and summary.run != SAMPLE)
        self.coverage.show_line(not summary.running)
        if summary.running:
            self._tell(self._tree.newest if self._tree else 0)
        else:
            self._told, self._draft = None, ""
            self._show_answer(summary)
        self._allow()

    def _show_answer(self, summary: Summary) -> None:
        """Lay the page out, unless that would only lose the place somebody is reading at."""
        shown, self._shown = self._shown, (summary, self._notes())
        self.page.follows = False
        if shown != self._shown:
            self.raw.setPlainText(summary.answer)
            self.page.show_blocks(self._blocks)

    def _blocks(self) -> Iterable[Block]:
        return answer_blocks(self._summary, self._notes()) if self._summary is not None else ()

    def _notes(self) -> tuple[str, ...]:
        """What was remarked about the run as a whole."""
        row = self._tree.row(ROOT) if self._tree else None
        return row.notes if row else ()

    def show_activity(self, notice: Notice) -> None:
        """Before the first step, say what the model is doing that keeps the run waiting."""
        waiting = self._summary is not None and self._summary.running and not self._told
        if waiting and notice.state in {"loading", "waiting"}:
            self._say(notice.text or tr("Loading the model {}…").format(notice.model))

    def refresh_colours(self) -> None:
        """Follow another colour scheme; the page does so by itself."""
        for name, action in self._buttons.items():
            action.setIcon(icon(name, self.palette().buttonText().color().name()))
        if self._summary is not None:
            self._show_status(self._summary)

    def _show_status(self, summary: Summary) -> None:
        look = run_look(summary.status)
        self._icon.setPixmap(look.icon(self.palette()).pixmap(2 * GRID))
        self.status.setText(look.word)
        self.status.set_tone(look.tone)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_facts()
        self._fit_tools()

    def _fit_facts(self) -> None:
        """What the run took stands beside its state if there is room for that, else below it."""
        words = sum(
            label.fontMetrics().horizontalAdvance(label.text()) for label in (self.status, self._facts)
        )
        beside = words + self._icon.sizeHint().width() + 5 * GRID <= self.width()
        directions, sides = QBoxLayout.Direction, Qt.AlignmentFlag
        self._top.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._facts.setAlignment((sides.AlignRight if beside else sides.AlignLeft) | sides.AlignVCenter)

    def _fit_tools(self) -> None:
        """The buttons say what they do if there is room for that, else their icons do."""
        both, icons = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        buttons = self.findChildren(QToolButton, _TOOL)
        for button in buttons:
            button.setToolButtonStyle(icons if button.defaultAction() is self._buttons["raw"] else both)
        words = self.fontMetrics().horizontalAdvance(self.coverage.plain)
        needed = sum(button.sizeHint().width() + GRID for button in buttons) + words + 2 * GRID
        if needed > self.width():
            for button in buttons:
                button.setToolButtonStyle(icons)

    def _progressed(self, span: int) -> None:
        """While it runs, say what it does: the step that began last; of one that writes the answer, show that."""
        if self._summary is None or self._tree is None or not self._summary.running:
            return
        row = self._tree.row(span)
        if row is not None and row.kind == "turn" and row.live and self._summary.strategy == CODELESS:
            self._show_draft(row.live)
        else:
            self._tell(self._tree.newest)

    def _show_draft(self, text: str) -> None:
        """What the model has written of its answer so far."""
        shown, self._draft = self._draft, text
        self._shown, self.page.follows = None, True
        if shown and text.startswith(shown):
            self.page.append_text(text[len(shown) :])
        else:
            self.page.show_text(text)
        self.raw.setPlainText(text)

    def _tell(self, span: int) -> None:
        row = self._tree.row(span) if span and self._tree else None
        if span != self._told and not self._draft:
            self._told = span
            self._say(doing(row) if row is not None else tr("Working…"))

    def _say(self, text: str) -> None:
        self._shown = None
        self.raw.clear()
        self.page.show_blocks(lambda: [paragraph(text)])

    def _allow(self) -> None:
        if "copy" in self._buttons:
            self._buttons["copy"].setEnabled(self._summary is not None and bool(self._summary.answer))

    def show_raw(self, raw: bool) -> None:
        """Show the answer as the model wrote it, or as the page it describes."""
        self._pages.setCurrentWidget(self.raw if raw else self.page)

    @property
    def text_view(self) -> TextView:
        """The page on show."""
        return self.raw if self._pages.currentWidget() is self.raw else self.page

    def copy_answer(self) -> None:
        """Copy the answer with its quotes, as Markdown."""
        if self._summary is not None:
            QGuiApplication.clipboard().setText(markdown(self._summary))

    def _follow_link(self, link: str) -> None:
        if not link.startswith(LINK):
            self._link_question.put(link)
        elif self._summary is not None:
            self.cited.emit(self._summary.evidence[int(link.removeprefix(LINK))], self._summary.paths)

    def _open(self, path: str) -> None:
        if self._summary is not None:
            self.opened.emit(path, self._summary.paths)

    def _copy(self) -> None:
        if self._summary is not None:
            QGuiApplication.clipboard().setText(report(self._summary))


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(name)
    button.hide()
    return button
