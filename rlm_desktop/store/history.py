"""Write events and texts, read them back: the only door to the SQLite file."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

import msgspec
from filelock import FileLock, Timeout
from sqlite_utils import Database

from rlm_desktop.errors import UserError
from rlm_desktop.events import (
    AnyEvent,
    LimitReached,
    RunFinished,
    RunStarted,
    TextHash,
    decode,
    encode,
    fold,
)
from rlm_desktop.store.database import in_plain_words, open_database, start_up_lock
from rlm_desktop.store.summary import RunSummary, summary_of
from rlm_desktop.store.texts import drop_unused_texts, insert_texts, load_text


def no_such_run(run: str) -> UserError:
    """What to say about a run that is not in the history."""
    return UserError(f"There is no run {run}.", "See the history with: rlm-desktop runs")


class Store:
    """The history of runs. Each method is one transaction; failures are `StoreError`.

    Args:
        path: The SQLite file; created when missing.
        locks: Folder of lock files. This process holds one while it lives, so that the next start
            can tell a run that is still going from one that was cut short.
    """

    def __init__(self, path: Path, locks: Path) -> None:
        self.path = path
        self._locks = locks
        self._db: Database = open_database(path)
        self._owner = FileLock(locks / f"engine-{os.getpid()}-{secrets.token_hex(3)}.lock")
        self._name = Path(self._owner.lock_file).name
        self._owner.acquire(timeout=0)
        self._interrupt_orphans()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let go of the lock."""
        self._db.close()
        self._owner.release()
        Path(self._owner.lock_file).unlink(missing_ok=True)

    # -- writing ---------------------------------------------------------------------------------

    def append(self, event: AnyEvent, texts: Mapping[TextHash, str] | None = None) -> None:
        """Commit one event together with the texts it names.

        Args:
            event: The next event of its run.
            texts: Texts by hash that this run names for the first time.
        """
        with in_plain_words(self.path), self._db.atomic():
            if isinstance(event, RunStarted):
                self._insert_run(event)
            elif isinstance(event, LimitReached) and not event.span:
                self._db.execute("UPDATE runs SET limit_hit = ? WHERE id = ?", (event.which, event.run))
            elif isinstance(event, RunFinished):
                self._finish_run(event)
            if texts:
                insert_texts(self._db, event.run, texts)
            self._db.execute(
                "INSERT INTO events (run, seq, body) VALUES (?, ?, ?)", (event.run, event.seq, encode(event))
            )

    def _insert_run(self, event: RunStarted) -> None:
        names = {model.role: model.name for model in event.models}
        self._db.table("runs").insert(
            {
                "id": event.run,
                "question": event.question,
                "status": "running",
                "started": event.time,
                "strategy": event.strategy,
                "model": names.get("root", ""),
                "sub_model": names.get("sub", names.get("root", "")),
                "paths": msgspec.json.encode(event.paths).decode(),
                "owner": self._name,
            }
        )

    def _finish_run(self, event: RunFinished) -> None:
        self._db.table("runs").update(
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

    def delete(self, run: str) -> None:
        """Delete a run, its events, and the texts no other run uses.

        Raises:
            UserError: There is no such run, or another process works on it.
        """
        with in_plain_words(self.path):
            row = self._db.execute("SELECT status, owner FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise no_such_run(run)
        if row[0] == "running" and row[1] != self._name and self._alive(row[1]):
            raise UserError(f"Another window or command works on run {run}.", "Stop it there first.")
        with in_plain_words(self.path), self._db.atomic():
            self._db.execute("DELETE FROM runs WHERE id = ?", (run,))
            drop_unused_texts(self._db)

    # -- reading ---------------------------------------------------------------------------------

    def events(self, run: str, after: int = 0) -> Iterator[AnyEvent]:
        """Events of a run in order, from the one after ``after``."""
        with in_plain_words(self.path):
            rows = self._db.execute(
                "SELECT body FROM events WHERE run = ? AND seq > ? ORDER BY seq", (run, after)
            ).fetchall()
        for (body,) in rows:
            yield decode(body)

    def text(self, text_hash: TextHash) -> str:
        """The text with this hash."""
        with in_plain_words(self.path):
            return load_text(self._db, text_hash)

    def runs(self, start: int = 0, count: int = 50) -> list[RunSummary]:
        """A page of the history, newest first."""
        with in_plain_words(self.path):
            rows = list(
                self._db.query(
                    "SELECT * FROM runs ORDER BY started DESC, id DESC LIMIT ? OFFSET ?", (count, start)
                )
            )
        return [summary_of(row) for row in rows]

    def unfinished(self) -> list[RunSummary]:
        """The runs that are going, here or in another process."""
        with in_plain_words(self.path):
            return [summary_of(row) for row in self._db.query("SELECT * FROM runs WHERE status = 'running'")]

    def count(self) -> int:
        """How many runs the history holds."""
        with in_plain_words(self.path):
            return int(self._db.execute("SELECT count(*) FROM runs").fetchone()[0])

    def summary(self, run: str) -> RunSummary:
        """The summary of one run; raises `UserError` when there is no such run."""
        with in_plain_words(self.path):
            rows = list(self._db.query("SELECT * FROM runs WHERE id = ?", (run,)))
        if not rows:
            raise no_such_run(run)
        return summary_of(rows[0])

    def resolve(self, name: str) -> str:
        """The id of the run meant by an id, the unique start of one, or ``last``.

        Raises:
            UserError: No run, or more than one, is meant.
        """
        with in_plain_words(self.path):
            if name == "last":
                rows = self._db.execute("SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT 1")
            else:
                rows = self._db.execute(
                    "SELECT id FROM runs WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2", (name,)
                )
            found = [row[0] for row in rows.fetchall()] if name else []
        if len(found) == 1:
            return str(found[0])
        problem = "More than one run begins with" if found else "There is no run"
        raise UserError(f"{problem} {name or 'of that name'}.", "See the history with: rlm-desktop runs")

    # -- runs cut short --------------------------------------------------------------------------

    def _interrupt_orphans(self) -> None:
        """End the runs whose engine is gone as ``interrupted``."""
        with in_plain_words(self.path), start_up_lock(self.path):
            rows = self._db.execute("SELECT id, owner FROM runs WHERE status = 'running'").fetchall()
            for run, owner in rows:
                if not self._alive(owner):
                    self._interrupt(run)

    def _alive(self, owner: str) -> bool:
        path = self._locks / owner
        if not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return True
        path.unlink(missing_ok=True)
        return False

    def _interrupt(self, run: str) -> None:
        state = fold(self.events(run))
        began = state.rows[0].started if state.rows else 0
        last = max((row.finished or row.started for row in state.rows.values()), default=began)
        self.append(
            RunFinished(
                run=run,
                span=0,
                seq=state.seq + 1,
                time=time.time_ns() // 1000,
                status="interrupted",
                usage=state.rows[0].total,
                seconds=(last - began) / 1e6,
                error="The program ended while this run was going.",
                hint="Ask again; what had been found until then is in the tree.",
                turns=sum(row.kind == "turn" for row in state.children(0)),
            )
        )
