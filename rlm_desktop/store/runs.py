"""The table ``runs``: a summary of each run beside its events. What is in the trash is seen by nobody else."""

from __future__ import annotations

import msgspec
from sqlite_utils import Database

from rlm_desktop.errors import UserError
from rlm_desktop.events import LimitReached, RunFinished, RunStarted
from rlm_desktop.store.summary import RunSummary, summary_of


def no_such_run(run: str) -> UserError:
    """What to say about a run that is not in the history."""
    return UserError(f"There is no run {run}.", "See the history with: rlm-desktop runs")


def insert_run(db: Database, event: RunStarted, owner: str) -> None:
    """Begin a run; part of the caller's transaction.

    Args:
        db: The store.
        event: Its first event.
        owner: Name of the lock of the process that runs it.
    """
    names = {model.role: model.name for model in event.models}
    db.table("runs").insert(
        {
            "id": event.run,
            "question": event.question,
            "status": "running",
            "started": event.time,
            "strategy": event.strategy,
            "model": names.get("root", ""),
            "sub_model": names.get("sub", names.get("root", "")),
            "paths": msgspec.json.encode(event.paths).decode(),
            "owner": owner,
            "session": event.session or event.run,
            "parent_run": event.parent_run,
            "sandbox": event.sandbox,
        }
    )


def note_limit(db: Database, event: LimitReached) -> None:
    """Note the limit that stopped a run; part of the caller's transaction."""
    db.execute("UPDATE runs SET limit_hit = ? WHERE id = ?", (event.which, event.run))


def finish_run(db: Database, event: RunFinished) -> None:
    """Note how a run ended; part of the caller's transaction."""
    db.table("runs").update(
        event.run,
        {
            "status": event.status,
            "seconds": event.seconds,
            "answer": event.answer,
            "evidence": msgspec.json.encode(event.evidence).decode(),
            "usage": msgspec.json.encode(event.usage).decode(),
            "error": event.error,
            "hint": event.hint,
            "turns": event.turns,
        },
    )


def load_summary(db: Database, run: str) -> RunSummary:
    """The summary of one run.

    Raises:
        UserError: There is no such run.
    """
    for row in db.query("SELECT * FROM runs WHERE id = ? AND deleted = 0", (run,)):
        return summary_of(row)
    raise no_such_run(run)


def list_runs(db: Database, start: int, count: int) -> list[RunSummary]:
    """A page of the history: what is pinned, then the rest, newest first."""
    rows = db.query(
        "SELECT * FROM runs WHERE deleted = 0 ORDER BY pinned DESC, started DESC, id DESC LIMIT ? OFFSET ?",
        (count, start),
    )
    return [summary_of(row) for row in rows]


def list_session(db: Database, run: str) -> list[RunSummary]:
    """The runs of a run's session, in the order they were asked; its first run, which names it, may be gone."""
    rows = db.query(
        "SELECT * FROM runs WHERE session = ifnull((SELECT session FROM runs WHERE id = ?1), ?1) AND deleted = 0"
        " ORDER BY started, id",
        (run,),
    )
    return [summary_of(row) for row in rows]


def resolve_run(db: Database, name: str) -> str:
    """The id of the run meant, see `Store.resolve`.

    Raises:
        UserError: No run, or more than one, is meant.
    """
    if name == "last":
        rows = db.execute("SELECT id FROM runs WHERE deleted = 0 ORDER BY started DESC, id DESC LIMIT 1")
    else:
        rows = db.execute(
            "SELECT id FROM runs WHERE substr(id, 1, length(?1)) = ?1 AND deleted = 0 LIMIT 2", (name,)
        )
    found = [row[0] for row in rows.fetchall()] if name else []
    if len(found) == 1:
        return str(found[0])
    problem = "More than one run begins with" if found else "There is no run"
    raise UserError(f"{problem} {name or 'of that name'}.", "See the history with: rlm-desktop runs")
