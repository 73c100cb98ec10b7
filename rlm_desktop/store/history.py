"""Write events and texts, read them back: the only door to the SQLite file."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from copy import copy
from pathlib import Path
from types import TracebackType

import msgspec
from sqlite_utils import Database

from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import (
    AnyEvent,
    LimitReached,
    Recording,
    RunFinished,
    RunStarted,
    TextHash,
    decode,
    encode,
    fold,
    sendable,
)
from rlm_desktop.events.recording import named_texts
from rlm_desktop.store import index, runs, trash
from rlm_desktop.store.database import connect, in_plain_words, open_database, start_up_lock, writing
from rlm_desktop.store.owner import Owner
from rlm_desktop.store.precedents import Precedent, list_precedents, list_questions
from rlm_desktop.store.search import SearchPage, find_runs
from rlm_desktop.store.summary import RunSummary, interruption
from rlm_desktop.store.texts import insert_texts, load_text, load_texts

LONGEST_TITLE = 200
"""Characters."""


class Store:
    """The history of runs. Each method is one transaction; failures are `StoreError`.

    A run in the trash is in no list and found by no search; every method but those of the trash treats it as if
    it were not there.

    Args:
        path: The SQLite file; created when missing.
        locks: Folder of lock files. This process holds one while it lives, so that the next start
            can tell a run that is still going from one that was cut short.

    Attributes:
        owner: This process as the owner of the runs it records.
    """

    def __init__(self, path: Path, locks: Path) -> None:
        self.path = path
        self._db: Database = open_database(path)
        self.owner = Owner(locks)
        try:
            self._tidy()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let go of the lock."""
        self._db.close()
        self.owner.release()

    @contextmanager
    def apart(self) -> Iterator[Store]:
        """The same store for another thread, while this one goes on; SQLite's connections stay with their thread."""
        twin = copy(self)
        with self._reading():
            twin._db = connect(self.path)
        try:
            yield twin
        finally:
            twin._db.close()

    def _reading(self) -> AbstractContextManager[None]:
        return in_plain_words(self.path)

    def _writing(self) -> AbstractContextManager[None]:
        return writing(self._db, self.path)

    # -- events and texts ------------------------------------------------------------------------

    def append(self, event: AnyEvent, texts: Mapping[TextHash, str] | None = None) -> None:
        """Commit one event together with the texts it names.

        Args:
            event: The next event of its run.
            texts: Texts by hash that this run names for the first time.
        """
        with self._writing():
            self._insert(event, texts or {})

    def take_in(self, recordings: Iterable[Recording]) -> None:
        """Commit runs that were recorded elsewhere: all of them, or none, whatever ends this process meanwhile."""
        with self._writing():
            for recording in recordings:
                known: set[TextHash] = set()
                for event in recording.events:
                    new = set(named_texts(event)) - known
                    self._insert(event, {name: recording.text(name) for name in new})
                    known |= new

    def _insert(self, event: AnyEvent, texts: Mapping[TextHash, str]) -> None:
        """Part of the caller's transaction."""
        if isinstance(event, RunStarted):
            runs.insert_run(self._db, event, self.owner.name)
            index.index_question(self._db, event.run)
        elif isinstance(event, LimitReached) and not event.span:
            runs.note_limit(self._db, event)
        elif isinstance(event, RunFinished):
            runs.finish_run(self._db, event)
        insert_texts(self._db, event.run, texts)
        self._db.execute(
            "INSERT INTO events (run, seq, body) VALUES (?, ?, ?)", (event.run, event.seq, encode(event))
        )

    def events(self, run: str, after: int = 0) -> Iterator[AnyEvent]:
        """Events of a run in order, from the one after ``after``."""
        with self._reading():
            rows = self._db.execute(
                "SELECT body FROM events WHERE run = ? AND seq > ? ORDER BY seq", (run, after)
            ).fetchall()
        for (body,) in rows:
            yield decode(body)

    def text(self, text_hash: TextHash) -> str:
        """The text with this hash."""
        with self._reading():
            return load_text(self._db, text_hash)

    def texts(self, names: Collection[TextHash]) -> Iterator[tuple[TextHash, str]]:
        """Those of the texts with these hashes that are there, one by one, with their hashes and in any order."""
        with self._reading():
            yield from load_texts(self._db, names)

    # -- the list --------------------------------------------------------------------------------

    def runs(self, start: int = 0, count: int = 50) -> list[RunSummary]:
        """A page of the history: what is pinned, then the rest, newest first."""
        with self._reading():
            return runs.list_runs(self._db, start, count)

    def count(self) -> int:
        """How many runs the history holds."""
        with self._reading():
            return int(self._db.execute("SELECT count(*) FROM runs WHERE deleted = 0").fetchone()[0])

    def session(self, run: str) -> list[RunSummary]:
        """The runs of a run's session, itself among them, in the order they were asked."""
        with self._reading():
            return runs.list_session(self._db, run)

    def summary(self, run: str) -> RunSummary:
        """The summary of one run; raises `UserError` when there is no such run."""
        with self._reading():
            return runs.load_summary(self._db, run)

    def resolve(self, name: str) -> str:
        """The id of the run meant by an id, the unique start of one, or ``last``.

        Raises:
            UserError: No run, or more than one, is meant.
        """
        with self._reading():
            return runs.resolve_run(self._db, name)

    def questions(self, count: int) -> list[str]:
        """What was asked, each question once, the one asked last first."""
        with self._reading():
            return list_questions(self._db, count)

    def precedents(self, model: str, sub_model: str, strategy: str, count: int) -> list[Precedent]:
        """The newest runs with these means that were neither broken off nor failed."""
        with self._reading():
            return list_precedents(self._db, model, sub_model, strategy, count)

    def search(self, text: str, start: int = 0, count: int = 50) -> SearchPage:
        """The runs that have every word of a text, in their questions, titles, answers, code or outputs.

        Of a run that is still going only the question and the title are searched, and of each text the first
        `SEARCHED` characters.

        Args:
            text: Words, the last of which may go on, and phrases in quotes; nothing in it is syntax.
            start: The first hit of the page.
            count: Hits of the page at most.
        """
        self.index()
        with self._reading(), self._db.atomic():  # one and the same state of the store for every statement
            return find_runs(self._db, text, start, count)

    def index(self) -> None:
        """Let every run that has ended be found by its answer, code and outputs.

        It takes a second for 20 MB of outputs, so that a run is indexed only after its end is stored and shown.
        """
        with self._reading():
            missing = index.not_indexed(self._db)
        for run in missing:
            with self._writing():
                index.index_ended(self._db, run)

    # -- what a person does with a run -----------------------------------------------------------

    def rename(self, run: str, title: str) -> RunSummary:
        """Give a run a name of the person's own, or with an empty one its question back.

        Raises:
            UserError: There is no such run.
        """
        title = " ".join(sendable(title).split())[:LONGEST_TITLE]
        with self._writing():
            runs.load_summary(self._db, run)
            index.index_title(self._db, run, title)
            return runs.load_summary(self._db, run)

    def pin(self, run: str, pinned: bool) -> RunSummary:
        """Keep a run at the top of the list, or no longer.

        Raises:
            UserError: There is no such run.
        """
        with self._writing():
            self._db.execute("UPDATE runs SET pinned = ? WHERE id = ? AND deleted = 0", (pinned, run))
            return runs.load_summary(self._db, run)

    # -- deleting --------------------------------------------------------------------------------

    def delete(self, run: str) -> None:
        """Put a run into the trash, from which `undo` brings it back.

        Raises:
            UserError: There is no such run, or another process works on it.
        """
        with self._writing():
            runs.load_summary(self._db, run)
            self._check_free(run)
            trash.discard(self._db, run, _now())

    def undo(self) -> RunSummary | None:
        """Bring back the run that was deleted last; ``None`` when the trash is empty."""
        with self._writing():
            deleted = trash.list_trash(self._db)
            if not deleted:
                return None
            trash.bring_back(self._db, deleted[0].run)
            return deleted[0]

    def restore(self, run: str) -> RunSummary:
        """Bring back a run from the trash.

        Raises:
            UserError: There is no such run.
        """
        with self._writing():
            trash.bring_back(self._db, run)
            return runs.load_summary(self._db, run)

    def trash(self) -> list[RunSummary]:
        """What can be brought back, the run deleted last first."""
        with self._reading():
            return trash.list_trash(self._db)

    def purge(self, run: str) -> None:
        """Delete a run for good, from the trash or not, with the texts that no other run uses.

        Raises:
            UserError: There is no such run, or another process works on it.
        """
        self._destroy([run])

    def _destroy(self, gone: list[str]) -> None:
        if not gone:
            return
        with self._writing():
            for run in gone:
                self._check_free(run)
            trash.destroy(self._db, gone)
        with self._reading():
            trash.empty_log(self._db)

    def _check_free(self, run: str) -> None:
        """Refuse to touch a run that another living process works on, and one that is not there."""
        row = self._db.execute("SELECT status, owner FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise runs.no_such_run(run)
        if row[0] == "running" and self.owner.another_lives(row[1]):
            raise UserError(f"Another window or command works on run {run}.", "Stop it there first.")

    # -- what an earlier process left to do ------------------------------------------------------

    def _tidy(self) -> None:
        with in_plain_words(self.path), start_up_lock(self.path):
            self._interrupt_orphans()
            with suppress(StoreError):  # a full disk keeps the trash, and nobody from reading
                self._destroy(trash.expired(self._db, _now()))

    def _interrupt_orphans(self) -> None:
        """End the runs whose process is gone as ``interrupted``."""
        rows = self._db.execute("SELECT id, owner FROM runs WHERE status = 'running'").fetchall()
        for run, owner in rows:
            if not self.owner.another_lives(owner):
                with suppress(
                    StoreError
                ):  # a full disk, or one log that is damaged, keeps nobody from the others
                    events = tuple(self.events(run))
                    # its steps went on no longer than that: who opens the history again may do so in a year
                    self.append(msgspec.structs.replace(interruption(fold(events)), time=events[-1].time))


def _now() -> int:
    return time.time_ns() // 1000
