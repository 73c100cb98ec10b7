"""What was asked before, and what it took: questions to ask again, and runs to judge the next one by."""

from __future__ import annotations

import msgspec
from sqlite_utils import Database

from rlm_desktop.events import Limits, Usage


class Precedent(msgspec.Struct, frozen=True):
    """A run that came to an end of its own, or to one of its limits.

    Attributes:
        question: What was asked.
        paths: Of which documents.
        size: Bytes of those documents when the run began.
        limits: What it was allowed.
        limit: The limit that stopped it; empty for none.
        seconds: Wall-clock seconds it took.
        turns: Turns of the root.
        usage: Tokens and money of all its calls.
    """

    question: str
    paths: tuple[str, ...]
    size: int
    limits: Limits
    limit: str
    seconds: float
    turns: int
    usage: Usage


class _Source(msgspec.Struct):
    size: int


class _Start(msgspec.Struct):
    """What of a run's first event tells its size; the rest of it need not be decoded."""

    sources: tuple[_Source, ...]
    limits: Limits = Limits()


def list_precedents(db: Database, model: str, sub_model: str, strategy: str, count: int) -> list[Precedent]:
    """The newest runs with these means that were neither broken off nor failed."""
    rows = db.query(
        "SELECT runs.*, events.body FROM runs JOIN events ON events.run = runs.id AND events.seq = 1"
        " WHERE model = ? AND sub_model = ? AND strategy = ? AND deleted = 0"
        " AND status IN ('answered', 'not_found', 'limit') ORDER BY started DESC, id DESC LIMIT ?",
        (model, sub_model, strategy, count),
    )
    found = []
    for row in rows:
        start = msgspec.json.decode(row["body"], type=_Start)
        found.append(
            Precedent(
                question=row["question"],
                paths=msgspec.json.decode(row["paths"], type=tuple[str, ...]),
                size=sum(source.size for source in start.sources),
                limits=start.limits,
                limit=row["limit_hit"],
                seconds=row["seconds"],
                turns=row["turns"],
                usage=msgspec.json.decode(row["usage"], type=Usage),
            )
        )
    return found


def list_questions(db: Database, count: int) -> list[str]:
    """What was asked, each question once, the one asked last first."""
    rows = db.execute(
        "SELECT question FROM runs WHERE deleted = 0 GROUP BY question"
        " ORDER BY max(started) DESC, max(id) DESC LIMIT ?",
        (count,),
    )
    return [str(question) for (question,) in rows.fetchall()]
