"""What the history shows of a run without folding its events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from rlm_desktop.events import Citation, Usage


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history. ``started`` is ISO 8601 UTC, ``seconds`` wall-clock seconds."""

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


def summary_of(row: dict[str, Any]) -> RunSummary:
    """The summary in one row of the table ``runs``."""
    usage = msgspec.json.decode(row["usage"], type=Usage)
    return RunSummary(
        run=row["id"],
        question=row["question"],
        status=row["status"],
        started=datetime.fromtimestamp(row["started"] / 1e6, UTC).isoformat(timespec="milliseconds"),
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
    )
