"""The runs of this window: asking, stopping, and showing any run of the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from rlm_desktop.events import AnyEvent, CallDelta, CellOutput, Limits, Row, RunFinished, RunStarted
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.run.tree_model import PAGE, ROOT, RunTreeModel
from rlm_desktop.gui.wire import EngineError, Nothing, Notice, RunId, StatePage, Summary


class Question(msgspec.Struct, frozen=True):
    """What a person asks, of what, and with which means. Empty names leave the choice to the engine.

    ``follows`` is the run whose session the question goes on in, empty for a new one; ``unconfined`` says that the
    person agreed to code without a sandbox.
    """

    text: str
    paths: tuple[str, ...]
    model: str = ""
    strategy: str = "auto"
    limits: Limits = Limits()
    follows: str = ""
    unconfined: bool = False
    sub_model: str = ""


def fields_of(question: Question) -> dict[str, Any]:
    """A question as the engine takes it."""
    return {
        "paths": list(question.paths),
        "question": question.text,
        "model": question.model or None,
        "sub_model": question.sub_model or None,
        "strategy": question.strategy,
        "limits": msgspec.to_builtins(question.limits),
        "follows": question.follows or None,
        "unconfined": question.unconfined or None,
    }


LOOK_AGAIN_MS = 2000
"""How often a run that another window or the command line carries on is read again while it is on show."""


class Runs(QObject):
    """Keeps the tree and the summary of each run that was looked at.

    One run goes on at a time; any other may be looked at meanwhile, even one that goes on elsewhere.

    Signals:
        shown: Another run is on show (`Summary`, `RunTreeModel`), or none (``None``, ``None``).
        updated: What is known of the run on show changed (`Summary`).
        learned: Something new is known of a run, on show or not (`Summary`).
        accepted: The engine took a question and names its run (`str`).
        declined: The question that was asked could not be; it comes before `busy_changed` (`EngineError`).
        busy_changed: A run began or ended (`bool`).
        cut_short: The engine died in the midst of a run.
        refused: A question could not be asked, or a run not be shown (`EngineError`).
    """

    shown = Signal(object, object)
    updated = Signal(object)
    learned = Signal(object)
    accepted = Signal(str)
    declined = Signal(object)
    busy_changed = Signal(bool)
    cut_short = Signal()
    refused = Signal(object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        self._trees: dict[str, RunTreeModel] = {}
        self._summaries: dict[str, Summary] = {}
        self._on_show = ""
        self._busy = False
        self._running = self._lost = ""
        self._stopping = False
        self._asked_here: set[str] = set()
        self._elsewhere = QTimer(self)
        self._elsewhere.setInterval(LOOK_AGAIN_MS)
        self._elsewhere.timeout.connect(self._look_again)
        engine.happened.connect(self._happened)
        engine.noticed.connect(self._noticed)
        engine.died.connect(self._cut_short)

    @property
    def busy(self) -> bool:
        """Whether a run of this window goes on."""
        return self._busy

    @property
    def stopping(self) -> bool:
        """Whether the run was told to stop and has not yet."""
        return self._stopping

    @property
    def on_show(self) -> Summary | None:
        """The run that is looked at."""
        return self._summaries.get(self._on_show)

    def ask(self, question: Question) -> None:
        """Begin a run and look at it."""
        self._set_busy(True)
        self._engine.request("ask", RunId, self._asked, self._not_asked, **fields_of(question))

    def stop(self) -> None:
        """Stop the run that goes on; it is over when its last event says so."""
        if self._busy and not self._stopping:
            self._stopping = True
            self._cancel()

    def show(self, run: str) -> None:
        """Look at a run of the history, or at the one that goes on."""
        if run == self._on_show:
            return
        self._on_show = run
        self._elsewhere.stop()
        if run in self._trees and run in self._summaries:
            self.shown.emit(self._summaries[run], self._trees[run])
            self._watch(self._summaries[run])
        elif run not in self._trees:
            self._fetch(run, ROOT, 0)

    def forget(self, run: str) -> None:
        """A run was deleted; nothing of it is kept."""
        self._trees.pop(run, None)
        self._summaries.pop(run, None)
        if run == self._on_show:
            self._on_show = ""
            self._elsewhere.stop()
            self.shown.emit(None, None)

    def _asked(self, answer: RunId) -> None:
        self._adopt(answer.run)

    def _not_asked(self, error: EngineError) -> None:
        self.declined.emit(error)
        self._over()
        self.refused.emit(error)

    def _adopt(self, run: str) -> None:
        """The engine named the run that was asked for, in its answer or in the first event."""
        if self._running == run or not self._busy or run in self._summaries:
            return
        self._running = self._on_show = run
        self._asked_here.add(run)
        self.accepted.emit(run)
        self._tree(run)
        self._fetch(run, ROOT, 0)
        if self._stopping:
            self._cancel()

    def _cancel(self) -> None:
        if self._running:
            self._engine.request("cancel", Nothing, lambda _: None, lambda _: None, run=self._running)

    def _happened(self, event: AnyEvent, rows: Sequence[Row]) -> None:
        if isinstance(event, RunStarted):
            self._adopt(event.run)
        tree = self._trees.get(event.run)
        if tree is None:
            return
        streamed = event.chunk if isinstance(event, CallDelta | CellOutput) else ""
        tree.hear(rows, streamed, anew=isinstance(event, CallDelta) and event.anew)
        if isinstance(event, RunFinished):
            if event.run == self._running:
                self._over()
            self._fetch(event.run, ROOT, 0)

    def _tree(self, run: str) -> RunTreeModel:
        if run not in self._trees:
            # without a parent, so that it goes with the last view of it
            tree = self._trees[run] = RunTreeModel(run)
            tree.wanted.connect(lambda span, first: self._fetch(run, span, first))
        return self._trees[run]

    def _fetch(self, run: str, span: int, first: int) -> None:
        fields: dict[str, Any] = {"run": run, "span": span, "from": first, "count": PAGE}
        done: Callable[[StatePage], None] = lambda page: self._fetched(run, page)  # noqa: E731
        failed: Callable[[EngineError], None] = lambda error: self._not_fetched(run, error)  # noqa: E731
        self._engine.request("state", StatePage, done, failed, **fields)

    def _fetched(self, run: str, page: StatePage) -> None:
        # the sample was recorded under another id than the one it is asked for by
        summary = msgspec.structs.replace(page.run, run=run)
        former = self._summaries.get(run)
        if former is not None and self._elsewhere_only(former) and not summary.running:
            former = None
            del self._trees[run]  # its rows were not followed; they are read anew
            if page.row.span != ROOT:
                self._fetch(run, ROOT, 0)
        new = former is None
        self._summaries[run] = summary
        tree = self._tree(run)
        tree.take((page.row, *page.rows))
        self.learned.emit(summary)
        if run == self._on_show:
            if new:
                self.shown.emit(summary, tree)
            else:
                self.updated.emit(summary)
            self._watch(summary)

    def _elsewhere_only(self, summary: Summary) -> bool:
        """Whether a run goes on, but not in the engine of this window."""
        return summary.running and summary.run not in self._asked_here

    def _watch(self, summary: Summary) -> None:
        if not self._elsewhere_only(summary):
            self._elsewhere.stop()
        elif not self._elsewhere.isActive():
            self._elsewhere.start()

    def _look_again(self) -> None:
        if self._engine.alive:
            self._fetch(self._on_show, ROOT, 0)

    def _not_fetched(self, run: str, error: EngineError) -> None:
        for tree in self._trees.values():
            tree.forget_questions()
        if run == self._on_show and run not in self._summaries and self._engine.alive:
            self._on_show = ""  # so that it is asked for again when it is chosen again
            self.shown.emit(None, None)
        self.refused.emit(error)

    def _over(self) -> None:
        self._running, self._stopping = "", False
        self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)

    def _cut_short(self, _: str) -> None:
        for tree in self._trees.values():
            tree.forget_questions()
        if self._running in self._summaries:
            self._lose(self._running)
        if self._running:
            self.cut_short.emit()
        self._over()

    def _lose(self, run: str) -> None:
        """Show a run that nobody carries on as what the next engine will record it as."""
        self._lost = run
        seconds = self._trees[run].abandon()
        summary = msgspec.structs.replace(self._summaries[run], status="interrupted", seconds=seconds)
        self._summaries[run] = summary
        self.learned.emit(summary)
        if run == self._on_show:
            self.updated.emit(summary)

    def refresh(self) -> None:
        """Ask again for what the engine may know better, as after a restart of it."""
        if self._busy:
            return
        for run in (self._lost, self._on_show):
            self._trees.pop(run, None)
            self._summaries.pop(run, None)
        self._lost = ""
        if self._on_show:
            self._fetch(self._on_show, ROOT, 0)

    def _noticed(self, notice: Notice) -> None:
        if notice.kind == "unsaved":
            # no last event will come: it could not be stored, and nothing is shown that was not
            if notice.run == self._running:
                self._over()
            self.refused.emit(EngineError("user", notice.message, notice.hint))
