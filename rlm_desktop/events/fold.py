"""Fold events into the state of a run: the only interpreter of events.

The live tree, replay at event k, reports and the command line's ``show`` all read the `RunState`
that `fold` builds. `RunState.apply` takes one event in time proportional to the depth of its row and
returns the rows that changed, so that a view can repaint exactly those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Literal

import msgspec

from rlm_desktop.errors import StoreError
from rlm_desktop.events.ranges import Extent, decode_ranges, encode_ranges, in_words
from rlm_desktop.events.types import (
    AnyEvent,
    CallDelta,
    CallFinished,
    CallStarted,
    CellFinished,
    CellOutput,
    CellProgress,
    CellStarted,
    LimitName,
    LimitReached,
    MessageRef,
    Note,
    Progress,
    RangeText,
    RunFinished,
    RunStarted,
    TextHash,
    TurnFinished,
    TurnStarted,
    Usage,
)

RowKind = Literal["run", "turn", "cell", "call"]
RowStatus = Literal["running", "done", "warning", "failed", "cancelled"]
RUN_LABEL = 1_000
"""Characters of the question in the run's own row."""
LIVE_TAIL = 32 * 1024
"""Characters of streamed text a running row keeps; the whole text is stored when the row ends."""


class Row(msgspec.Struct, kw_only=True):
    """One row of the tree: the run, a turn, a cell or a call.

    Attributes:
        span: Id of the row in its run; 0 is the run.
        parent: Id of the row above.
        index: Position among its parent's children, from 0.
        children: How many rows stand directly below.
        usage: What this row itself spent.
        total: What this row and everything below it spent.
        started: UTC microseconds; 0 before the row begins.
        finished: UTC microseconds; 0 while it runs.
        prompt: The messages a turn or call sent.
        texts: Hash of each long text by role: ``code``, ``output``, ``thinking``, ``reply``.
        live: Tail of the text streamed so far; empty once the row is finished.
        notes: What the loop remarked about this row.
        progress: How far a cell says it has come, or had come when it failed.
        printed: What of the documents a cell showed the model that wrote it.
        searched: What a cell found in them and showed no model.
        sent: What of them a turn's prompt, or the prompt or context of a call, is made of.
        provenance: The same in a sentence; for the run, what any model has seen.
    """

    span: int
    parent: int
    index: int
    kind: RowKind
    label: str
    status: RowStatus = "running"
    detail: str = ""
    model: str = ""
    call_kind: str = ""
    batch: int = 0
    batch_size: int = 1
    children: int = 0
    usage: Usage = Usage()
    total: Usage = Usage()
    started: int = 0
    finished: int = 0
    error: str = ""
    prompt: tuple[MessageRef, ...] = ()
    texts: dict[str, TextHash] = msgspec.field(default_factory=dict)
    live: str = ""
    notes: tuple[str, ...] = ()
    progress: Progress | None = None
    printed: RangeText = ""
    searched: RangeText = ""
    sent: RangeText = ""
    provenance: str = ""


class RunState:
    """The state of one run after some of its events.

    Attributes:
        start: The event that began the run; ``None`` before it.
        finish: The event that ended it; ``None`` while it runs.
        rows: Every row by span.
        below: Spans of the children of each row, in order.
        seen: What of the documents any model has seen, or a child RLM was given.
        seq: Number of the last event applied.
    """

    def __init__(self) -> None:
        self.start: RunStarted | None = None
        self.finish: RunFinished | None = None
        self.limit: LimitReached | None = None
        self.rows: dict[int, Row] = {}
        self.below: dict[int, list[int]] = {}
        self.seen = Extent()
        self._names: Sequence[str] = ()
        self.seq = 0

    @property
    def status(self) -> str:
        """``running``, or the outcome the run ended with."""
        return self.finish.status if self.finish else "running"

    def children(self, span: int) -> list[Row]:
        """The rows directly below one row, in order."""
        return [self.rows[child] for child in self.below.get(span, ())]

    def apply(self, event: AnyEvent) -> list[Row]:
        """Take in the next event.

        Returns:
            The rows that changed: the event's own row first, then those above whose totals moved.

        Raises:
            StoreError: The event does not follow the last one (a gap, or a row nobody opened).
        """
        if event.seq != self.seq + 1:
            raise StoreError(f"Event {event.seq} of run {event.run} does not follow event {self.seq}.")
        changed = self._apply(event)
        self.seq = event.seq
        return changed

    def _apply(self, event: AnyEvent) -> list[Row]:
        match event:
            case RunStarted():
                row = self._open(event, "run", event.question[:RUN_LABEL])
                self.start = event
                self._names = [PurePath(source.path).name for source in event.sources]
                return [row]
            case TurnStarted():
                row = self._open(event, "turn", event.label, model=event.model, prompt=event.prompt)
                return [row, self.rows[event.parent]]
            case CellStarted():
                row = self._open(event, "cell", event.label)
                row.texts["code"] = event.code
                return [row, self.rows[event.parent]]
            case CallStarted():
                row = self._open(event, "call", event.label, model=event.model, prompt=event.prompt)
                row.call_kind = event.kind
                row.batch, row.batch_size = event.batch, event.batch_size
                return [row, self.rows[event.parent]]
            case CellOutput() | CallDelta():
                row = self._row(event)
                kept = "" if isinstance(event, CallDelta) and event.anew else row.live
                row.live = (kept + event.chunk)[-LIVE_TAIL:]
                return [row]
            case CellProgress():
                row = self._row(event)
                row.progress = event.progress
                return [row]
            case TurnFinished():
                cancelled = event.finish_reason == "cancelled"
                row = self._close(
                    event, "cancelled" if cancelled else "failed" if event.error else "done", event.error
                )
                _keep_replies(row, event)
                if event.nudge:
                    row.notes += (event.nudge,)
                row.sent = event.sent
                self._trace(row)
                return self._spend(row, event.usage)
            case CellFinished():
                row = self._close(event, _CELL_STATUS[event.status], event.error)
                row.printed = event.printed or encode_ranges(event.ranges)
                row.searched = event.searched
                self._trace(row)
                row.detail = event.status
                if event.status == "ok":
                    row.progress = None
                if event.output:
                    row.texts["output"] = event.output
                return [row]
            case CallFinished():
                row = self._close(event, _CALL_STATUS[event.status], event.error)
                row.sent = event.sent or encode_ranges(event.ranges)
                self._trace(row)
                row.detail = event.verdict
                _keep_replies(row, event)
                return self._spend(row, event.usage)
            case LimitReached():
                row = self._row(event)
                row.notes += (f"The limit of {_limit(event)} was reached.",)
                if not event.span:
                    self.limit = event
                return [row]
            case Note():
                row = self._row(event)
                row.notes += (event.text,)
                return [row]
            case RunFinished():
                row = self._close(event, _RUN_STATUS[event.status], event.error)
                self.finish = event
                row.detail = event.status
                row.provenance = self.account
                return [row, *self._abandon(event)]

    @property
    def account(self) -> str:
        """What of the documents any model has seen, in a sentence; empty if nothing."""
        sources = self.start.sources if self.start else ()
        if not self.seen or not sources:
            return ""
        parts = self.seen.documents
        size = sum(source.size for source in sources)
        share = min(1.0, self.seen.characters / max(1, size))  # bytes are at least as many as characters
        return (
            f"Models have seen {self.seen.characters:,} characters of {len(parts):,} of "
            f"{len(sources):,} document{'s' * (len(sources) != 1)}, {_about(share)} of their text."
        )

    def _trace(self, row: Row) -> None:
        """Take in what a row tells of the documents; what a child RLM reads is a context of its own."""
        names: Sequence[str] = ()
        if not self._in_child(row):
            shown = decode_ranges(row.printed) + decode_ranges(row.sent)
            self.seen.add(shown)
            names = self._names
        told = (
            ("Shown to the model", row.printed),
            ("Found and not shown", row.searched),
            ("Sent", row.sent),
        )
        parts = [f"{words} {in_words(Extent(decode_ranges(text)), names)}." for words, text in told if text]
        row.provenance = " ".join(parts)

    def _in_child(self, row: Row) -> bool:
        while row.span:
            row = self.rows[row.parent]
            if row.call_kind == "rlm":
                return True
        return False

    def _row(self, event: AnyEvent) -> Row:
        try:
            return self.rows[event.span]
        except KeyError:
            raise StoreError(f"Event {event.seq} of run {event.run} names an unknown row.") from None

    def _open(
        self,
        event: AnyEvent,
        kind: RowKind,
        label: str,
        *,
        model: str = "",
        prompt: tuple[MessageRef, ...] = (),
    ) -> Row:
        if event.span in self.rows:
            raise StoreError(f"Event {event.seq} of run {event.run} opens a row that was opened before.")
        if kind != "run" and event.parent not in self.rows:
            raise StoreError(f"Event {event.seq} of run {event.run} names an unknown parent row.")
        siblings = self.below.setdefault(event.parent, []) if kind != "run" else []
        row = Row(
            span=event.span,
            parent=event.parent,
            index=len(siblings),
            kind=kind,
            label=label,
            model=model,
            prompt=prompt,
            started=event.time,
        )
        self.rows[event.span] = row
        if kind != "run":
            siblings.append(event.span)
            self.rows[event.parent].children = len(siblings)
        return row

    def _close(self, event: AnyEvent, status: RowStatus, error: str) -> Row:
        row = self._row(event)
        row.finished = event.time
        row.status = status
        row.error = error
        row.live = ""
        return row

    def _spend(self, row: Row, usage: Usage) -> list[Row]:
        row.usage += usage
        row.total += usage
        changed = [row]
        while row.span:
            row = self.rows[row.parent]
            row.total += usage
            changed.append(row)
        return changed

    def _abandon(self, event: RunFinished) -> list[Row]:
        """Rows still open when the run ended were cut off with it."""
        open_rows = [row for row in self.rows.values() if not row.finished]
        for row in open_rows:
            row.status, row.finished, row.live = "cancelled", event.time, ""
        return open_rows


_CELL_STATUS: dict[str, RowStatus] = {
    "ok": "done",
    "error": "warning",
    "timeout": "failed",
    "memory": "failed",
    "crash": "failed",
    "cancelled": "cancelled",
}
_CALL_STATUS: dict[str, RowStatus] = {
    "ok": "done",
    "error": "failed",
    "cancelled": "cancelled",
    "refused": "warning",
}
_LIMIT: dict[LimitName, str] = {
    "turns": "{:g} turns",
    "subcalls": "{:g} sub-calls",
    "tokens": "{:,.0f} tokens",
    "seconds": "{:g} seconds",
    "cost": "${:g}",
}
_RUN_STATUS: dict[str, RowStatus] = {
    "answered": "done",
    "not_found": "done",
    "limit": "warning",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "failed",
}


def _keep_replies(row: Row, event: TurnFinished | CallFinished) -> None:
    """What the model said, and what it thought before."""
    if event.thinking:
        row.texts["thinking"] = event.thinking
    if event.reply:
        row.texts["reply"] = event.reply


def _about(share: float) -> str:
    return f"about {100 * share:.0f} %" if share >= 0.01 else "less than 1 %"


def _limit(event: LimitReached) -> str:
    words = _LIMIT[event.which].format(event.value)
    return words.removesuffix("s") if event.value == 1 else words


def fold(events: Iterable[AnyEvent]) -> RunState:
    """The state of a run after these events, which start with its first."""
    state = RunState()
    for event in events:
        state.apply(event)
    return state
