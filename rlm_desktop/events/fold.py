"""Fold events into the state of a run: the only interpreter of events.

The live tree, replay at event k, reports and the command line's ``show`` all read the `RunState`
that `fold` builds. `RunState.apply` takes one event in time proportional to the depth of its row and
returns the rows that changed, so that a view can repaint exactly those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from rlm_desktop.errors import StoreError
from rlm_desktop.events.groups import (
    batch_row,
    batch_span,
    count,
    crowd_row,
    end,
    has_room,
    is_complete,
    is_crowd,
    is_crowded,
)
from rlm_desktop.events.ranges import Extent, decode_ranges, encode_ranges, in_words
from rlm_desktop.events.row import CALL_STATUS, CELL_STATUS, LIVE_TAIL, RUN_STATUS, Row, RowKind, RowStatus
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
    RunFinished,
    RunStarted,
    TurnFinished,
    TurnStarted,
    Usage,
)

RUN_LABEL = 1_000
"""Characters of the question in the run's own row."""
_NOTHING = Usage()


class RunState:
    """The state of one run after some of its events.

    Attributes:
        start: The event that began the run; ``None`` before it.
        finish: The event that ended it; ``None`` while it runs.
        rows: Every row by span.
        below: Spans of the rows that stand directly below each row, in order; some may stand for many.
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
        """The rows that came from one row, in order: those that stand below it, and in place of groups theirs."""
        found: list[Row] = []
        for child in self.below.get(span, ()):
            row = self.rows[child]
            found += self.children(child) if row.kind == "group" else (row,)
        return found

    def above(self, row: Row) -> Row:
        """The row that another came from, past the groups it stands in."""
        row = self.rows[row.parent]
        while row.kind == "group":
            row = self.rows[row.parent]
        return row

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
                row = self._new(event, "run", event.question[:RUN_LABEL])
                self.rows[row.span] = row
                self.start = event
                self._names = [PurePath(source.path).name for source in event.sources]
                return [row]
            case TurnStarted():
                row = self._new(event, "turn", event.label, model=event.model, prompt=event.prompt)
                return [row, *self._hang(row)]
            case CellStarted():
                row = self._new(event, "cell", event.label)
                row.texts["code"] = event.code
                return [row, *self._hang(row)]
            case CallStarted():
                row = self._new(event, "call", event.label, model=event.model, prompt=event.prompt)
                row.call_kind = event.kind
                row.batch, row.batch_size = event.batch, event.batch_size
                above = self._gather(row, event)
                return [row, *self._hang(row), *above]
            case CellOutput() | CallDelta():
                row = self._row(event)
                kept = "" if isinstance(event, CallDelta) and event.anew else row.live
                row.live = (kept + event.chunk)[-LIVE_TAIL:]
                row.heard = row.heard or event.time
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
                return self._settle(row, event.usage)
            case CellFinished():
                row = self._close(event, CELL_STATUS[event.status], event.error)
                row.printed = event.printed or (encode_ranges(event.ranges) if event.ranges else "")
                row.searched = event.searched
                self._trace(row)
                row.detail = event.status
                if event.status == "ok":
                    row.progress = None
                if event.output:
                    row.texts["output"] = event.output
                return self._settle(row)
            case CallFinished():
                row = self._close(event, CALL_STATUS[event.status], event.error)
                row.sent = event.sent or (encode_ranges(event.ranges) if event.ranges else "")
                self._trace(row)
                row.detail = event.verdict
                _keep_replies(row, event)
                if event.status != "refused":
                    self.rows[0].subcalls += 1
                return self._settle(row, event.usage)
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
                row = self._close(event, RUN_STATUS[event.status], event.error)
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
        if not (row.printed or row.searched or row.sent):
            return
        names: Sequence[str] = ()
        if not self.in_child(row):
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

    def in_child(self, row: Row) -> bool:
        """Whether a row belongs to a child RLM, whose documents are the context it was given."""
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

    def _new(
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
        return Row(
            span=event.span,
            parent=event.parent,
            index=0,
            kind=kind,
            label=label,
            model=model,
            prompt=prompt,
            started=event.time,
        )

    def _gather(self, row: Row, event: CallStarted) -> list[Row]:
        """Let a call stand below the row of its batch, if it needs one; the rows above that changed for it."""
        span = batch_span(event)
        if not span:
            return []
        batch = self.rows.get(span)
        above: list[Row] = []
        if batch is None:
            batch = batch_row(event)
            above = self._hang(batch)
        if self.above(batch).span == event.parent:  # else the log says what cannot be
            row.parent = span
        return above

    def _hang(self, row: Row) -> list[Row]:
        """Put a new row below its parent, or where that has very many, below the last crowd of them.

        Returns:
            The rows above that changed, the nearest first.
        """
        parent = self.rows[row.parent]
        changed = [parent]
        siblings = self.below.setdefault(parent.span, [])
        if is_crowded(siblings) and not is_crowd(row):
            last = self.rows[siblings[-1]]
            changed = [last]
            if not has_room(last):
                last = crowd_row(parent, row)
                changed = [last, *self._hang(last)]
            parent = last
            siblings = self.below.setdefault(parent.span, [])
        row.parent, row.index = parent.span, len(siblings)
        siblings.append(row.span)
        parent.children = len(siblings)
        self.rows[row.span] = row
        return changed

    def _close(self, event: AnyEvent, status: RowStatus, error: str) -> Row:
        row = self._row(event)
        row.finished = event.time
        row.status = status
        row.error = error
        row.live = ""
        return row

    def _settle(self, row: Row, usage: Usage | None = None) -> list[Row]:
        """Let a row that ended count in those above it.

        Args:
            row: It has its status.
            usage: What it spent itself; ``None`` for rows that spend nothing.

        Returns:
            The rows that changed: itself, those above, the nearest first, and the groups below that end with it.
        """
        failed = row.status == "failed"
        if usage is not None:
            # most rows spend once and have nothing below them: an addition less each is a seventh of the time
            row.usage = usage if row.usage == _NOTHING else row.usage + usage
            row.total = usage if row.total == _NOTHING else row.total + usage
        row.failures += failed
        changed, above, direct = [row], row, True
        cut_short: list[Row] = []
        while above.span:
            above = self.rows[above.parent]
            direct = direct and above.kind == "group"
            if direct:
                count(above, row)
                if above.finished or is_complete(above):
                    cut_short += self._close_groups(above, row.finished)
                    end(above, row.finished, self._members(above))
            elif usage is None and not failed:
                break
            if usage is not None:
                above.total += usage
            above.failures += failed
            changed.append(above)
        return changed + cut_short + self._close_groups(row, row.finished)

    def _close_groups(self, row: Row, time: int) -> list[Row]:
        """What had not come below a row when it ended will not come any more."""
        closed: list[Row] = []
        for child in self.below.get(row.span, ()):
            group = self.rows[child]
            if group.kind == "group" and not group.finished:
                closed += self._close_groups(group, time)
                end(group, time, self._members(group))
                closed.append(group)
        return closed

    def _members(self, group: Row) -> Iterable[Row]:
        return (self.rows[child] for child in self.below[group.span])

    def _abandon(self, event: RunFinished) -> list[Row]:
        """Rows still open when the run ended were cut off with it."""
        open_rows = [row for row in self.rows.values() if not row.finished]
        for row in open_rows:
            row.status, row.finished, row.live = "cancelled", event.time, ""
        return open_rows


_LIMIT: dict[LimitName, str] = {
    "turns": "{:g} turns",
    "subcalls": "{:g} sub-calls",
    "tokens": "{:,.0f} tokens",
    "seconds": "{:g} seconds",
    "cost": "${:g}",
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
