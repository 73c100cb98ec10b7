"""What the history shows of a run without folding its events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from rlm_desktop.errors import StoreError
from rlm_desktop.events import Citation, RunFinished, RunStarted, RunState, Usage


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history.

    Attributes:
        started: ISO 8601, UTC.
        seconds: Wall-clock seconds.
        title: The person's own name for the run, empty when it has none.
        pinned: Whether it stays at the top of the list.
        session: Id of the first run of its session.
        parent_run: The run it follows up, empty when it follows none.
        sandbox: How far its code was confined: ``full``, ``partial`` or ``none``.
    """

    run: str
    question: str
    status: str
    started: str
    seconds: float
    strategy: str
    model: str
    sub_model: str
    cost_usd: float
    paths: tuple[str, ...]
    answer: str
    evidence: tuple[Citation, ...]
    usage: Usage
    error: str
    hint: str
    limit: str
    turns: int
    title: str = ""
    pinned: bool = False
    session: str = ""
    parent_run: str = ""
    sandbox: str = ""


def summary_of(row: dict[str, Any]) -> RunSummary:
    """The summary in one row of the table ``runs``."""
    usage = msgspec.json.decode(row["usage"], type=Usage)
    return RunSummary(
        run=row["id"],
        question=row["question"],
        status=row["status"],
        started=_iso(row["started"]),
        seconds=row["seconds"],
        strategy=row["strategy"],
        model=row["model"],
        sub_model=row["sub_model"],
        cost_usd=usage.cost_usd,
        paths=msgspec.json.decode(row["paths"], type=tuple[str, ...]),
        answer=row["answer"],
        evidence=msgspec.json.decode(row["evidence"], type=tuple[Citation, ...]),
        usage=usage,
        error=row["error"],
        hint=row["hint"],
        limit=row["limit_hit"],
        turns=row["turns"],
        title=row["title"],
        pinned=bool(row["pinned"]),
        session=row["session"],
        parent_run=row["parent_run"],
        sandbox=row["sandbox"],
    )


def summarise(state: RunState) -> RunSummary:
    """The summary of a run as folded so far: after its last event, the one the history keeps.

    While the run is going its seconds end with the last row that began or ended. What a person did with the run
    (its title, a pin) is no event.

    Raises:
        StoreError: No event was folded yet.
    """
    start = _beginning(state)
    names = {model.role: model.name for model in start.models}
    going = state.finish is None
    end = state.finish or interruption(state)
    return RunSummary(
        run=start.run,
        question=start.question,
        status=state.status,
        started=_iso(start.time),
        seconds=end.seconds,
        strategy=start.strategy,
        model=names.get("root", ""),
        sub_model=names.get("sub", names.get("root", "")),
        cost_usd=end.usage.cost_usd,
        paths=start.paths,
        answer=end.answer,
        evidence=end.evidence,
        usage=end.usage,
        error="" if going else end.error,
        hint="" if going else end.hint,
        limit=state.limit.which if state.limit else "",
        turns=end.turns,
        session=start.session or start.run,
        parent_run=start.parent_run,
        sandbox=start.sandbox,
    )


def interruption(state: RunState) -> RunFinished:
    """The event that ends a run whose process is gone, but for its time.

    Raises:
        StoreError: No event was folded yet.
    """
    start = _beginning(state)
    last = max(row.finished or row.started for row in state.rows.values())
    return RunFinished(
        run=start.run,
        span=0,
        seq=state.seq + 1,
        status="interrupted",
        usage=state.rows[0].total,
        seconds=(last - start.time) / 1e6,
        error="The program ended while this run was going.",
        hint="Ask again; what had been found until then is in the tree.",
        turns=sum(row.kind == "turn" for row in state.children(0)),
    )


def _beginning(state: RunState) -> RunStarted:
    if state.start is None:
        raise StoreError("A run without its first event has no summary.")
    return state.start


def _iso(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat(timespec="milliseconds")
