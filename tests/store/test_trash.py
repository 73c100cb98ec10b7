"""What is deleted can be brought back, for a week; what is purged is gone from every byte of the file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import fold, text_hash
from rlm_desktop.store import Store
from tests.store.conftest import put, put_whole

DAY = 86_400_000_000


def names(runs) -> list[str]:
    return [run.run for run in runs]


def test_a_deleted_run_is_nowhere_to_be_seen(store: Store) -> None:
    put_whole(store, "abc", "a whale?")
    put_whole(store, "abd", "a whale?")
    store.delete("abd")
    assert names(store.runs()) == ["abc"]
    assert store.count() == 1
    assert store.search("whale").total == 1
    assert store.resolve("ab") == "abc"
    assert store.resolve("last") == "abc"
    for look in (store.summary, store.resolve, store.delete, lambda run: store.rename(run, "x")):
        with pytest.raises(UserError, match="no run abd"):
            look("abd")
    assert names(store.trash()) == ["abd"]


def test_undo_brings_back_the_run_deleted_last(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for run in ("r1", "r2", "r3"):
        put_whole(store, run, f"question of {run}", "the same code")
    clock = iter([5, 9, 3])  # set back after the second
    monkeypatch.setattr(time, "time_ns", lambda: next(clock) * 1000)
    for run in ("r2", "r3", "r1"):
        store.delete(run)
    assert names(store.trash()) == ["r1", "r3", "r2"]
    back = store.undo()
    assert back
    assert back == store.summary("r1")
    assert names([run for run in (store.undo(), store.undo()) if run]) == ["r3", "r2"]
    assert store.undo() is None
    assert store.search("code").total == 3
    assert fold(store.events("r2")).status == "answered"


def test_a_run_is_restored_with_all_it_had(store: Store) -> None:
    put_whole(store, "r1", output="printed")
    store.rename("r1", "Title")
    before = store.pin("r1", True)
    store.delete("r1")
    assert store.text(text_hash("printed")) == "printed"
    assert store.restore("r1") == before == store.summary("r1")


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("store.db*"))


def test_a_purged_run_leaves_no_word_behind(store: Store, tmp_path: Path) -> None:
    secrets = ("sesamequestion", "sesametitle", "sesamecode", "sesameoutput", "sesameanswer")
    question, title, code, output, answer = secrets
    for number in range(10):
        put_whole(store, f"r{number}", "other words", f"some code {number}", f"some output {number}", "yes")
    put_whole(store, "secret", question, code, output, answer)
    store.rename("secret", title)
    store.index()
    assert all(secret.encode() in bytes_of(tmp_path) for secret in secrets)
    store.delete("secret")
    store.purge("secret")
    assert not any(secret.encode() in bytes_of(tmp_path) for secret in secrets)
    store._db.execute("CREATE VIRTUAL TABLE words USING fts5vocab (search, row)")
    words = {word for (word,) in store._db.execute("SELECT term FROM words").fetchall()}
    assert "output" in words
    assert not words & set(secrets)
    assert store.trash() == []
    assert store.search("output").total == 10


def test_a_run_is_purged_without_the_detour(store: Store) -> None:
    put_whole(store, "r1", output="printed")
    store.purge("r1")
    assert (store.count(), store.trash(), store.undo()) == (0, [], None)
    with pytest.raises(StoreError):
        store.text(text_hash("printed"))


def test_the_trash_is_emptied_after_a_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened() -> Store:
        return Store(tmp_path / "store.db", tmp_path)

    with opened() as store:
        for run in ("old", "new", "kept"):
            put_whole(store, run, output=f"printed by {run}")
        store.delete("old")
        store.delete("new")
        store._db.execute(
            "UPDATE runs SET deleted = ? WHERE id = 'old'", (time.time_ns() // 1000 - 7 * DAY - 1,)
        )
        store._db.execute("UPDATE runs SET deleted = ? WHERE id = 'new'", (time.time_ns() // 1000 - 6 * DAY,))
    with opened() as store:
        assert names(store.trash()) == ["new"]
        with pytest.raises(StoreError):
            store.text(text_hash("printed by old"))
        assert store.text(text_hash("printed by new"))
        assert names(store.runs()) == ["kept"]
        store._db.execute("UPDATE runs SET deleted = 1 WHERE id = 'new'")

    def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr("rlm_desktop.store.trash.destroy", full)
    with opened() as store:
        assert names(store.runs()) == ["kept"]
        assert names(store.trash()) == ["new"]


def test_a_run_another_process_works_on_is_not_deleted(tmp_path: Path, store: Store) -> None:
    put(store, "r1")
    with Store(tmp_path / "store.db", tmp_path) as other:
        for do in (other.delete, other.purge):
            with pytest.raises(UserError, match="Another window or command"):
                do("r1")
    store.delete("r1")
    assert store.count() == 0
