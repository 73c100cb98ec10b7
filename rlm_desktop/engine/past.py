"""The cells of a session's earlier questions, as the history has them, for a REPL that lacks their variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rlm_desktop.documents.corpus import Document
from rlm_desktop.engine.context_file import context_file
from rlm_desktop.events import (
    CellFinished,
    CellStarted,
    Note,
    Recording,
    RunStarted,
    Source,
    TurnFinished,
    TurnStarted,
)
from rlm_desktop.repl.host import Context
from rlm_desktop.repl.journal import CellRecord, Grown, PastCell, Step, decode
from rlm_desktop.repl.results import LOST, UNDONE

GONE = "The variables of the earlier questions are gone: this REPL is a new one."
NOT_RECORDED = "What it takes to compute them again was not recorded."
DELETED = "They cannot be computed again, since one of the questions was deleted."
CHANGED = "They cannot be computed again, since the documents are no longer the same."
_STAYED = frozenset({"ok", "error", "memory"})
Turns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Past:
    """What it takes to have the variables of the earlier questions again.

    Attributes:
        steps: Their cells, and where documents were added.
        kind: What ``context`` was at the first of them.
        documents: How many documents it had then.
        before: How many it had at the last.
        turns: Replies and observations up to the last, for the REPL's ``history``.
        lost: One sentence on why they cannot be run again; empty if they can.
    """

    steps: tuple[Step, ...] = ()
    kind: Literal["str", "list"] = "list"
    documents: int = 0
    before: int = 0
    turns: Turns = ()
    lost: str = ""

    @property
    def cells(self) -> list[PastCell]:
        """The cells among the steps."""
        return [step for step in self.steps if isinstance(step, PastCell)]

    @property
    def seconds(self) -> float:
        """What the cells took themselves."""
        return sum(cell.record.seconds for cell in self.cells)

    def context(self, documents: Sequence[Document]) -> Context:
        """What ``context`` was at the first cell, of the documents as they are now."""
        return Context(self.kind, tuple(map(context_file, documents[: self.documents])))


def past_of(recordings: Sequence[Recording], now: RunStarted, documents: Sequence[Document]) -> Past:
    """What the runs of a session left in their REPL.

    Args:
        recordings: The runs, in the order they were asked.
        now: The run that goes on with them.
        documents: Its documents, in the order of its sources.
    """
    gathering = _Gathering(documents)
    runs = set()
    for recording in recordings:
        start = recording.events[0]
        if not isinstance(start, RunStarted):
            return Past(lost=DELETED)
        gathering.begin(
            start, follows_one_that_is_gone=bool(start.parent_run) and start.parent_run not in runs
        )
        runs.add(start.run)
        gathering.read(recording)
    return gathering.end(now)


@dataclass
class _Gathering:
    """Goes through the runs; whatever made their REPL a new one makes it forget."""

    documents: Sequence[Document]
    start: RunStarted | None = None
    steps: list[Step] = field(default_factory=list)
    turns: Turns = ()
    kind: Literal["str", "list"] = "list"
    first: int = 0
    lost: str = ""

    @property
    def sources(self) -> tuple[Source, ...]:
        """What the last run was about."""
        return self.start.sources if self.start else ()

    def begin(self, start: RunStarted, *, follows_one_that_is_gone: bool) -> None:
        """The next run."""
        held, self.start = self.sources, start
        if not _extends(start.sources, held):
            self.forget()
        elif not self.steps:
            self._start_here()
        elif len(start.sources) > len(held):
            self._grow(len(held), len(start.sources))
        if follows_one_that_is_gone:
            self.lost = DELETED

    def forget(self) -> None:
        """The REPL was a new one from here on."""
        self.steps, self.turns, self.lost = [], (), ""
        self._start_here()

    def _start_here(self) -> None:
        self.first = len(self.sources)
        self.kind = _kind(self.sources, self.start.paths if self.start else ())

    def _grow(self, start: int, end: int) -> None:
        self.steps.append(Grown(tuple(map(context_file, self.documents[start:end]))))

    def read(self, recording: Recording) -> None:
        """The cells of a run."""
        earlier = self.turns
        for event, code, told in _of_the_root(recording):
            if isinstance(event, Note):
                if event.text.startswith(GONE) or LOST in event.text:
                    self.forget()
                    earlier = ()
                continue
            if LOST in event.error:
                self.forget()
            elif UNDONE in event.error and self.steps and isinstance(self.steps[-1], PastCell):
                self.steps.pop()
            self.turns = earlier + told
            if event.status in _STAYED and not event.restored:
                self._take(event, code, recording.text)

    def _take(self, event: CellFinished, code: str, text: Callable[[str], str]) -> None:
        record = CellRecord()
        if event.calls:
            record = decode(text(event.calls))
        elif event.host_calls:
            self.lost = NOT_RECORDED
        self.steps.append(PastCell(len(self.steps) + 1, code, self.turns, event.status, event.error, record))

    def end(self, now: RunStarted) -> Past:
        """What there is to run, for a run with these sources."""
        cells = any(isinstance(step, PastCell) for step in self.steps)
        if not cells and not self.lost:
            return Past()
        if not _extends(now.sources, self.sources):
            return Past(lost=CHANGED)
        if self.lost:
            return Past(lost=self.lost)
        before = len(self.sources)
        if before < len(now.sources):
            self._grow(before, len(now.sources))
        return Past(tuple(self.steps), self.kind, self.first, before, self.turns)


def _of_the_root(recording: Recording) -> Iterator[tuple[CellFinished | Note, str, Turns]]:
    """The ends of the root's cells with their codes and the turns before; and the remarks on the run itself."""
    text = recording.text
    turns: set[int] = set()
    codes: dict[int, str] = {}
    told: Turns = ()
    reply = ""
    for event in recording.events:
        match event:
            case TurnStarted(depth=0, parent=0):
                turns.add(event.span)
                if reply and len(event.prompt) > 2 and event.prompt[-2].role == "assistant":
                    told += ((text(reply), text(event.prompt[-1].text)),)
                reply = ""
            case TurnFinished() if event.span in turns:
                reply = event.reply
            case CellStarted() if event.parent in turns:
                codes[event.span] = event.code
            case CellFinished() if event.span in codes:
                yield event, text(codes[event.span]), told
            case Note(span=0):
                yield event, "", told


def _extends(sources: tuple[Source, ...], held: tuple[Source, ...]) -> bool:
    """Whether documents were at most added to those that were held."""
    return list(map(_text_of, held)) == list(map(_text_of, sources[: len(held)]))


def _text_of(source: Source) -> tuple[str, str]:
    return source.path, source.sha256


def _kind(sources: tuple[Source, ...], paths: tuple[str, ...]) -> Literal["str", "list"]:
    """What ``context`` is: one file that was named is a ``str``."""
    return "str" if len(sources) == 1 and paths == (sources[0].path,) else "list"
