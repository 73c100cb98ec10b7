"""The full-text index: which texts of a run can be found.

It has a row for each text (`search_parts`). A question is indexed when it is asked, a title when it is given, the rest
when the run has ended, so that recording a run costs no more for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

from sqlite_utils import Database

from rlm_desktop.errors import StoreError
from rlm_desktop.events import AnyEvent, CellFinished, CellStarted, TextHash, decode

Part = Literal["question", "title", "answer", "code", "output"]


def index_question(db: Database, run: str) -> None:
    """Let a run be found by its question; part of the caller's transaction."""
    _add(db, run, "question")


def index_title(db: Database, run: str, title: str) -> None:
    """Give a run its title, and let it be found by it; part of the caller's transaction."""
    _remove(db, run, "title")
    db.execute("UPDATE runs SET title = ? WHERE id = ?", (title, run))
    if title:
        _add(db, run, "title")


def index_ended(db: Database, run: str) -> None:
    """Let a run that has ended be found by its answer, code and outputs, once; one transaction of the caller's."""
    if not db.execute("UPDATE runs SET indexed = 1 WHERE id = ? AND indexed = 0", (run,)).rowcount:
        return
    _add(db, run, "answer")
    for part, text_hash, span in _cell_texts(db, run):
        _add(db, run, part, text_hash, span)


def not_indexed(db: Database) -> list[str]:
    """The runs that have ended and can be found by their questions only."""
    rows = db.execute("SELECT id FROM runs WHERE indexed = 0 AND status <> 'running' AND deleted = 0")
    return [run for (run,) in rows.fetchall()]


def forget(db: Database, run: str) -> None:
    """Take a run out of the index; part of the caller's transaction, while its texts are still there."""
    _remove(db, run)


def _add(db: Database, run: str, part: Part, text_hash: TextHash = "", span: int = 0) -> None:
    row = db.execute(
        "INSERT INTO search_parts (run, part, hash, span) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        (run, part, text_hash, span),
    ).fetchone()
    if row:
        db.execute("INSERT INTO search (rowid, text) SELECT id, text FROM search_texts WHERE id = ?", row)


def _remove(db: Database, run: str, part: Part | None = None) -> None:
    rows = db.execute("SELECT id FROM search_parts WHERE run = ?1 AND part = ifnull(?2, part)", (run, part))
    for row in rows.fetchall():
        db.execute("DELETE FROM search WHERE rowid = ?", row)  # first: it reads which words to take out
        db.execute("DELETE FROM search_parts WHERE id = ?", row)


def _cell_texts(db: Database, run: str) -> Iterator[tuple[Part, TextHash, int]]:
    """Code and outputs of a run; only these events are decoded, since most of a long log is streamed text."""
    rows = db.execute(
        "SELECT body FROM events WHERE run = ? AND"
        " (instr(substr(body, 1, 40), ?) OR instr(substr(body, 1, 40), ?)) ORDER BY seq",
        (run, b'"cell.started"', b'"cell.finished"'),
    )
    for (body,) in rows.fetchall():
        with suppress(StoreError):  # one that cannot be read must not keep every other run from being found
            yield from _named(decode(body))


def _named(event: AnyEvent) -> Iterator[tuple[Part, TextHash, int]]:
    match event:
        case CellStarted(code=code, span=span):
            yield "code", code, span
        case CellFinished(output=output, span=span) if output:
            yield "output", output, span
