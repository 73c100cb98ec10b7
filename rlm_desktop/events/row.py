"""The row: what a view shows of a run, of a turn, a cell or a call, or of many of them at once."""

from __future__ import annotations

from typing import Literal

import msgspec

from rlm_desktop.events.types import MessageRef, Progress, RangeText, TextHash, Usage

RowKind = Literal["run", "turn", "cell", "call", "group"]
RowStatus = Literal["running", "done", "warning", "failed", "cancelled"]
LIVE_TAIL = 32 * 1024
"""Characters of streamed text a running row keeps; the whole text is stored when the row ends."""


class Row(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """One row of the tree: the run, a turn, a cell, a call, or a group of rows (`events.groups`).

    Attributes:
        span: Id of the row in its run; 0 is the run.
        parent: Id of the row above.
        index: Position among its parent's children, from 0.
        children: How many rows stand directly below.
        usage: What this row itself spent.
        total: What this row and everything below it spent.
        failures: How many turns, cells and calls failed, this row and everything below it.
        subcalls: Of the run: how many calls below it have ended, those not counted that were refused.
        started: UTC microseconds; 0 before the row begins.
        heard: UTC microseconds of the first text it streamed; 0 before.
        finished: UTC microseconds; 0 while it runs.
        prompt: The messages a turn or call sent.
        texts: Hash of each long text by role: ``code``, ``output``, ``thinking``, ``reply``.
        live: Tail of the text streamed so far; empty once the row is finished.
        notes: What the loop remarked about this row.
        progress: How far a cell says it has come, or had come when it failed; of a batch, how many calls have ended.
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
    failures: int = 0
    subcalls: int = 0
    started: int = 0
    heard: int = 0
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


CELL_STATUS: dict[str, RowStatus] = {
    "ok": "done",
    "error": "warning",
    "timeout": "failed",
    "memory": "failed",
    "crash": "failed",
    "cancelled": "cancelled",
}
CALL_STATUS: dict[str, RowStatus] = {
    "ok": "done",
    "error": "failed",
    "cancelled": "cancelled",
    "refused": "warning",
}
RUN_STATUS: dict[str, RowStatus] = {
    "answered": "done",
    "not_found": "done",
    "limit": "warning",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "failed",
}
