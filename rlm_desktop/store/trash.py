"""The trash: a run that is deleted can be brought back for a week, and is then gone for good."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database

from rlm_desktop.store.index import forget
from rlm_desktop.store.summary import RunSummary, summary_of
from rlm_desktop.store.texts import drop_unused_texts

KEPT_DAYS = 7
_DAY = 86_400_000_000
"""Microseconds."""


def discard(db: Database, run: str, now: int) -> None:
    """Put a run into the trash, where it is the one that was deleted last even if the clock went back."""
    db.execute(
        "UPDATE runs SET deleted = max(?, (SELECT max(deleted) + 1 FROM runs)) WHERE id = ? AND deleted = 0",
        (now, run),
    )


def bring_back(db: Database, run: str) -> None:
    """Take a run out of the trash."""
    db.execute("UPDATE runs SET deleted = 0 WHERE id = ?", (run,))


def list_trash(db: Database) -> list[RunSummary]:
    """What can be brought back, the run deleted last first."""
    return [summary_of(row) for row in db.query("SELECT * FROM runs WHERE deleted > 0 ORDER BY deleted DESC")]


def expired(db: Database, now: int) -> list[str]:
    """The runs that were in the trash for long enough."""
    rows = db.execute(
        "SELECT id FROM runs WHERE deleted BETWEEN 1 AND ? AND status <> 'running'", (now - KEPT_DAYS * _DAY,)
    )
    return [run for (run,) in rows.fetchall()]


def destroy(db: Database, runs: Sequence[str]) -> None:
    """Delete runs for good, with the texts that no other run uses; part of the caller's transaction.

    SQLite overwrites what it deletes (see `open_database`). The index only notes that a row is gone and keeps its
    words until it is merged, which is therefore done at once (``secure-delete`` came with SQLite 3.42).
    """
    for run in runs:
        forget(db, run)
        db.execute("DELETE FROM runs WHERE id = ?", (run,))
    drop_unused_texts(db)
    db.execute("INSERT INTO search (search) VALUES ('optimize')")


def empty_log(db: Database) -> None:
    """Leave nothing of what was destroyed in the write-ahead log, unless another process is reading it."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
