"""A store of an earlier version is brought up to date, with everything in it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from rlm_desktop.events import CellStarted, encode, fold, text_hash
from rlm_desktop.store import Store, database
from rlm_desktop.store.texts import insert_texts
from tests.store.conftest import finished, put_whole, started


@pytest.fixture
def first_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store as the first version left it: a run that ended and one that was cut short."""
    path = tmp_path / "store.db"
    scripts = database._scripts()
    with monkeypatch.context() as patch:
        patch.setattr(database, "_scripts", lambda: {"0001_runs": scripts["0001_runs"]})
        db = database.open_database(path)
    for run, ended in (("r1", True), ("r2", False)):
        cell = CellStarted(run=run, span=1, seq=2, time=2, code=text_hash("grep"), label="c")
        end = finished(run, 3, "It was Enoch.")
        db.execute(
            "INSERT INTO runs (id, question, status, started, strategy, model, sub_model, paths, answer, owner)"
            " VALUES (?, 'Who begat him?', ?, 1000000, 'rlm', 'm', 'm', '[\"/a\"]', ?, 'engine-1.lock')",
            (run, *(("answered", end.answer) if ended else ("running", ""))),
        )
        for event in [started(run, "Who begat him?"), cell, end][: 2 + ended]:
            db.execute("INSERT INTO events VALUES (?, ?, ?)", (run, event.seq, encode(event)))
        insert_texts(db, run, {text_hash("grep"): "grep"})
    db.close()
    return path


def test_a_store_of_the_first_version_keeps_its_runs_and_is_searched(first_version: Path) -> None:
    with Store(first_version, first_version.parent) as store:
        assert {run.run: run.status for run in store.runs()} == {"r1": "answered", "r2": "interrupted"}
        summary = store.summary("r1")
        assert (summary.session, summary.parent_run, summary.title, summary.pinned) == ("r1", "", "", False)
        assert summary.sandbox == "partial", "which its first event says"
        assert fold(store.events("r1")).status == "answered"
        assert store.search("begat").total == 2
        assert [hit.run.run for hit in store.search("enoch").hits] == ["r1"]
        assert {(hit.run.run, hit.where) for hit in store.search("grep").hits} == {
            ("r1", "code"),
            ("r2", "code"),
        }
        store._db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    with Store(first_version, first_version.parent) as store:
        assert store.count() == 2


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    """Each transaction takes its turn from its first statement on, so that neither is refused."""

    def work(name: str) -> None:
        with Store(tmp_path / "store.db", tmp_path) as store:
            for number in range(20):
                put_whole(store, f"{name}{number}", f"question {number}", f"code {name}", "output")
                store.rename(f"{name}{number}", f"title {number}")
                assert store.search(f"code {name}").total == number + 1

    failures: list[BaseException] = []

    def guarded(name: str) -> None:
        try:
            work(name)
        except BaseException as error:  # handed to the test
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failures
    with Store(tmp_path / "store.db", tmp_path) as store:
        assert store.count() == 40
        store._db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
