"""What a run found and how: the answer and the details, and the ways from them to the documents and to new questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from rlm_desktop.events import Citation, Limits
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.answer_panel import AnswerPanel
from rlm_desktop.gui.findings.details_panel import DetailsPanel
from rlm_desktop.gui.findings.raw_texts import RawTexts
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.library.document_pane import DocumentPane
from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.run.runs import Question
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.wire import SAMPLE, EngineError, Summary
from rlm_desktop.gui.wire.documents import Document

_FIRST = Limits()
_SAMPLE_ELSEWHERE = EngineError(
    "user",
    later("The documents of the sample do not come with the program."),
    later("Its steps show what was read of them."),
)


class Findings(QObject):
    """Holds both panels and shows in the documents what they speak of.

    Args:
        engine: Where the texts are.
        library: Finds documents, and opens those that are not open any more.
        documents: Shows them.
        choices: Where it is kept how texts are shown.

    Attributes:
        answer: Shows the answer.
        details: Shows one step.
        limits: Tells the limits as they are set, which the questions offered begin with.

    Signals:
        refused: Something cannot be shown (`EngineError`).
        wanted: A question is offered, to be asked as it is or after it was changed (`Question`).
    """

    refused = Signal(object)
    wanted = Signal(object)

    def __init__(
        self, engine: EngineClient, library: Library, documents: DocumentPane, choices: Choices
    ) -> None:
        super().__init__()
        self.answer = AnswerPanel(engine)
        self.details = DetailsPanel(engine)
        self.limits: Callable[[], Limits] = Limits
        self._library, self._documents = library, documents
        self._summary: Summary | None = None
        self._raw = RawTexts(choices, self)
        self._raw.changed.connect(self.answer.show_raw)
        self._raw.changed.connect(self.details.show_raw)
        self.answer.cited.connect(self._cite)
        self.answer.opened.connect(self.show_lines)
        self.answer.go_on.connect(self._go_on)
        self.answer.ask_again.connect(self._ask_again)
        self.details.read_range.connect(self._read)

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What the actions about answers and details do, by name."""
        return {
            "copy_answer": self.answer.copy_answer,
            "find_in_answer": self.answer.find_bar.ask,
            "find_in_details": self.details.find_bar.ask,
            "not_read": self.answer.coverage.open,
            **self._raw.handlers,
        }

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the actions."""
        self.answer.offer(actions)
        self.details.offer(actions)
        self._raw.offer(actions)
        coverage = self.answer.coverage
        coverage.changed.connect(lambda: actions["not_read"].setEnabled(bool(coverage.plain)))
        actions["not_read"].setEnabled(False)

    def follow(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        """Show another run."""
        self._summary = summary
        self.answer.follow(summary, tree)
        self.details.follow(tree)

    def refresh_colours(self) -> None:
        """Follow another colour scheme."""
        self.answer.refresh_colours()
        self.details.refresh_colours()

    def show_lines(self, path: str, among: Sequence[str], first: int = 0, last: int = 0) -> None:
        """Show a document of the run on show.

        Args:
            path: The document.
            among: What it was opened with.
            first: The first line to mark, from 1; 0 for none.
            last: The last.
        """
        if self._summary is not None and self._summary.run == SAMPLE:
            self.refused.emit(_SAMPLE_ELSEWHERE)
            return

        def show(document: Document) -> None:
            view = self._documents.show_document(document)
            if first:
                view.show_lines(first, last)

        self._library.find(path, among, show)

    def _cite(self, citation: Citation, paths: Sequence[str]) -> None:
        self.show_lines(citation.path, paths, citation.start_line, citation.end_line)

    def _read(self, path: str, first: int, last: int) -> None:
        if self._summary is not None:
            self.show_lines(path, self._summary.paths, first, last)

    def _go_on(self, summary: Summary) -> None:
        text = tr("Go on where the limit stopped you, and answer the question: {}").format(summary.question)
        self._offer(summary, text, more(self.limits(), summary.limit), summary.run)

    def _ask_again(self, summary: Summary) -> None:
        self._offer(summary, summary.question, self.limits())

    def _offer(self, summary: Summary, text: str, limits: Limits, follows: str = "") -> None:
        """Offer a question with the means of a run."""
        sub_model = "" if summary.sub_model == summary.model else summary.sub_model
        question = Question(text, summary.paths, summary.model, summary.strategy, limits, follows)
        self.wanted.emit(msgspec.structs.replace(question, sub_model=sub_model))


def more(limits: Limits, reached: str | None) -> Limits:
    """Limits with twice the room where a run had too little of it.

    Args:
        limits: As they are set.
        reached: The limit that was reached, as a summary names it.
    """
    name = "cost_usd" if reached == "cost" else reached
    if name not in {"turns", "subcalls", "tokens", "seconds", "cost_usd"}:
        return limits
    room = getattr(limits, name) or getattr(_FIRST, name)
    return msgspec.structs.replace(limits, **{name: room and room * 2})
