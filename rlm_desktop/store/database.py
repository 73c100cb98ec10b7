"""Open the SQLite file: WAL mode, numbered migrations, and failures in plain words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from filelock import FileLock, Timeout
from sqlite_utils import Database, Migrations

from rlm_desktop.errors import StoreError
from rlm_desktop.store.texts import searchable

BUSY_SECONDS = 10.0
"""How long a write waits for another process's write."""


def start_up_lock(path: Path) -> FileLock:
    """Held by one process at a time while it migrates the store or ends the runs of the dead."""
    return FileLock(path.with_suffix(".lock"), timeout=BUSY_SECONDS)


def _scripts() -> dict[str, str]:
    """The SQL files of ``store/migrations`` by name, in the order of their numbers; append only."""
    folder = resources.files("rlm_desktop.store") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
    return {file.name.removesuffix(".sql"): file.read_text("utf-8") for file in files}


def _migrate(db: Database, path: Path) -> None:
    scripts = _scripts()
    migrations = Migrations("rlm-desktop")
    for name, script in scripts.items():
        _register(migrations, name, script)
    if any(applied.name not in scripts for applied in migrations.applied(db)):
        raise StoreError(
            f"The history in {path} was written by a newer version of this program.",
            "Update it, or choose another place with --data-dir.",
        )
    migrations.apply(db)


def _register(found: Migrations, name: str, script: str) -> None:
    def run(db: Database) -> None:
        for statement in _statements(script):
            db.execute(statement)

    found(name=name)(run)


def _statements(script: str) -> Iterator[str]:
    """Split a script, since ``executescript`` would end the migration's transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Turn SQLite's failures into a `StoreError` that names the file and a way out."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreError(*_explain(error, path)) from error
    except Timeout as error:
        raise StoreError(f"Another program keeps {path} locked.", "Close it and try again.") from error


@contextmanager
def writing(db: Database, path: Path) -> Iterator[None]:
    """One transaction that writes, failures in plain words.

    It takes its turn at once: one that begins by reading is refused, and not kept waiting, when another process
    writes before it does (SQLITE_BUSY_SNAPSHOT).
    """
    with in_plain_words(path):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            db.rollback()
            raise


def _explain(error: sqlite3.DatabaseError, path: Path) -> tuple[str, str]:
    text = str(error)
    code = getattr(error, "sqlite_errorname", "")
    if code == "SQLITE_FULL" or "full" in text:
        return (
            f"The disk is full, so the history in {path} could not be written.",
            "Free some space or choose another place with --data-dir, then ask again.",
        )
    if code.startswith("SQLITE_IOERR"):
        return (
            f"The disk refused to write the history in {path}.",
            "Check the disk and its free space, then ask again.",
        )
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"The history in {path} cannot be written.", "Choose another place with --data-dir."
    if code in {"SQLITE_NOTADB", "SQLITE_CORRUPT"}:
        return (
            f"The history in {path} is damaged or not a database ({text}).",
            "Move the file away; a new one is made at the next start.",
        )
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"Another program keeps {path} locked.", "Close it and try again."
    return f"The history in {path} failed: {text}.", ""


def open_database(path: Path) -> Database:
    """Open or create the store, private to its user, and bring it up to date.

    Raises:
        StoreError: The file cannot be opened, is damaged, or is from a newer version.
    """
    with in_plain_words(path):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(
                f"The history in {path} cannot be opened: {error.strerror}.",
                "Choose another place with --data-dir.",
            ) from error
        db = connect(path)
        try:
            with start_up_lock(path):
                db.enable_wal()
                _migrate(db, path)
        except BaseException:
            db.close()
            raise
    return db


def connect(path: Path) -> Database:
    """A connection to a store that is up to date, for the thread that opens it."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA trusted_schema = ON")  # a view of ours calls `searchable`
        connection.create_function("searchable", 2, searchable, deterministic=True)
        return Database(connection)
    except BaseException:
        connection.close()
        raise
