"""The store keeps every event and text, finds what was cut short, and deletes without leftovers."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import CellStarted, Recording, TurnFinished, Usage, fold, text_hash
from rlm_desktop.store import Store
from tests.store.conftest import finished, put, started


def test_events_and_texts_come_back(store: Store) -> None:
    long = "ünïcode \ud800 " * 1000
    put(store, "r1", "short", long)
    store.append(finished(seq=5))
    assert [event.seq for event in store.events("r1")] == [1, 2, 3, 4, 5]
    assert [event.seq for event in store.events("r1", after=3)] == [4, 5]
    assert store.text(text_hash(long)) == long
    summary = store.summary("r1")
    assert (summary.status, summary.answer, summary.seconds) == ("answered", "because", 2.0)
    assert summary.evidence[0].quote == "q"
    assert fold(store.events("r1")).status == "answered"


def test_many_texts_come_at_once_and_those_that_are_gone_do_not(store: Store) -> None:
    texts = ["short", "ünïcode \ud800 " * 1000, ""]
    put(store, "r1", *texts)
    put(store, "r2", "another's")
    names = [text_hash(text) for text in texts]
    assert dict(store.texts([*names, text_hash("never kept"), names[0]])) == dict(
        zip(names, texts, strict=True)
    )
    assert list(store.texts([])) == []


def test_purging_a_run_deletes_only_texts_no_other_run_uses(store: Store) -> None:
    put(store, "r1", "shared", "mine alone")
    put(store, "r2", "shared")
    store.purge("r1")
    assert store.text(text_hash("shared")) == "shared"
    with pytest.raises(StoreError):
        store.text(text_hash("mine alone"))
    assert list(store.events("r1")) == []
    store.purge("r2")
    with pytest.raises(StoreError):
        store.text(text_hash("shared"))


def test_a_run_cut_short_is_interrupted_at_the_next_start(tmp_path: Path) -> None:
    first = Store(tmp_path / "store.db", tmp_path)
    put(first, "r1")
    first.append(TurnFinished(run="r1", span=1, seq=3, time=9_000_000, usage=Usage(prompt_tokens=7, calls=1)))
    first.close()
    with Store(tmp_path / "store.db", tmp_path) as second:
        summary = second.summary("r1")
        assert summary.status == "interrupted"
        assert summary.usage.prompt_tokens == 7
        assert summary.seconds == 8.0
        assert fold(second.events("r1")).status == "interrupted"
        assert list(second.events("r1"))[-1].time == 9_000_000


def test_a_run_of_a_living_engine_is_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", tmp_path) as first:
        put(first, "r1")
        with Store(tmp_path / "store.db", tmp_path) as second:
            assert second.summary("r1").status == "running"


def test_history_is_newest_first_and_paged(store: Store) -> None:
    for index in range(5):
        put(store, f"r{index}", time=index)
    assert [run.run for run in store.runs(0, 2)] == ["r4", "r3"]
    assert [run.run for run in store.runs(4, 2)] == ["r0"]
    assert store.count() == 5


def test_what_is_pinned_comes_first(store: Store) -> None:
    for index in range(4):
        put(store, f"r{index}", time=index)
    assert store.pin("r1", True).pinned
    store.pin("r2", True)
    assert [run.run for run in store.runs()] == ["r2", "r1", "r3", "r0"]
    assert store.resolve("last") == "r3"
    assert not store.pin("r2", False).pinned
    assert [run.run for run in store.runs()] == ["r1", "r3", "r2", "r0"]


def test_a_title_is_one_line_and_can_be_taken_back(store: Store) -> None:
    put(store, "r1")
    assert store.rename("r1", " The\nbig \ud800 question ").title == "The big ? question"
    assert store.summary("r1").title == "The big ? question"
    assert len(store.rename("r1", "x" * 10_000).title) == 200
    assert store.rename("r1", " ").title == ""
    assert store.summary("r1").question == "why?"


@pytest.mark.parametrize(
    "do",
    [Store.delete, Store.restore, Store.purge, lambda s, r: s.pin(r, True), lambda s, r: s.rename(r, "x")],
)
def test_a_run_that_is_not_there_is_named(store: Store, do: Callable[[Store, str], object]) -> None:
    with pytest.raises(UserError, match="no run r9"):
        do(store, "r9")


def test_a_session_is_listed_in_its_order(store: Store) -> None:
    store.append(started("r1", time=5))
    store.append(started("r3", time=7, session="r1", parent_run="r2"))
    store.append(started("r2", time=6, session="r1", parent_run="r1"))
    store.append(started("other", time=6))
    assert [(run.run, run.session, run.parent_run) for run in store.session("r3")] == [
        ("r1", "r1", ""),
        ("r2", "r1", "r1"),
        ("r3", "r1", "r2"),
    ]
    store.delete("r2")
    assert [run.run for run in store.session("r1")] == ["r1", "r3"]
    store.purge("r1")
    assert [run.run for run in store.session("r1")] == ["r3"]


def test_resolve_takes_a_unique_start_or_last(store: Store) -> None:
    put(store, "abc-1")
    put(store, "abd-2")
    assert store.resolve("abc") == "abc-1"
    assert store.resolve("last") == "abd-2"
    for name, problem in (("ab", "More than one"), ("x", "no run"), ("", "no run"), ("%", "no run")):
        with pytest.raises(UserError, match=problem):
            store.resolve(name)


def test_the_file_is_private(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", tmp_path):
        assert stat.S_IMODE((tmp_path / "store.db").stat().st_mode) == 0o600


def test_a_full_disk_is_said_and_keeps_what_was_there(store: Store) -> None:
    store.append(started())
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    text = "".join(chr(0x4E00 + n % 20000) for n in range(200_000))
    event = CellStarted(run="r1", span=1, seq=2, code=text_hash(text), label="c")
    with pytest.raises(StoreError, match="disk is full"):
        store.append(event, {event.code: text})
    assert [kept.seq for kept in store.events("r1")] == [1]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("x" * 5000)
    with pytest.raises(StoreError, match="damaged or not a database"):
        Store(tmp_path / "store.db", tmp_path)
    assert (tmp_path / "store.db").read_text() == "x" * 5000


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    Store(tmp_path / "store.db", tmp_path).close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("INSERT INTO _sqlite_migrations VALUES (NULL, 'rlm-desktop', '9999_later', '')")
    db.close()
    with pytest.raises(StoreError, match="newer version"):
        Store(tmp_path / "store.db", tmp_path)


def test_a_store_that_cannot_be_opened_leaves_no_lock(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", tmp_path) as store:
        put(store, "r1")
        store._db.execute("ALTER TABLE runs RENAME TO gone")
    with pytest.raises(StoreError, match="no such table"):
        Store(tmp_path / "store.db", tmp_path)
    assert list(tmp_path.glob("engine-*")) == []


def test_another_thread_has_the_same_store_while_this_one_goes_on(store: Store) -> None:
    store.append(started(), {})

    def apart() -> tuple[list[str], str]:
        with store.apart() as same:
            same.rename("r1", "Named elsewhere")
            return [run.run for run in same.runs()], same.owner.name

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(apart).result(20) == (["r1"], store.owner.name)
    assert store.summary("r1").title == "Named elsewhere"
    assert store.owner.another_lives("none") is False


def test_a_full_disk_keeps_nobody_from_reading_after_a_run_was_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Store(tmp_path / "store.db", tmp_path)
    put(first, "r1", "kept")
    first.close()

    def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "append", full)
        with Store(tmp_path / "store.db", tmp_path) as second:
            assert second.text(text_hash("kept")) == "kept"
            assert second.summary("r1").status == "running"
    with Store(tmp_path / "store.db", tmp_path) as third:
        assert third.summary("r1").status == "interrupted"


def test_a_log_that_is_damaged_keeps_nobody_from_the_others(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", tmp_path) as first:
        put(first, "r1")
        put(first, "r2")
        first._db.execute("UPDATE events SET body = x'7b7d' WHERE run = 'r1' AND seq = 2")
    with Store(tmp_path / "store.db", tmp_path) as second:
        assert second.summary("r2").status == "interrupted"
        assert [hit.run.run for hit in second.search("why").hits] == ["r2", "r1"]


def test_runs_recorded_elsewhere_are_taken_in_whole_or_not_at_all(store: Store, tmp_path: Path) -> None:
    whole = Recording((started("r1"), finished("r1", answer="first")), lambda _: "")
    cell = CellStarted(run="r2", span=1, seq=2, time=2, code=text_hash("lost"), label="c")

    def lost(_: str) -> str:
        with Store(tmp_path / "store.db", tmp_path) as other:
            assert other.runs() == [], "nobody sees half of it"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.take_in([whole, Recording((started("r2"), cell), lost)])
    assert store.runs() == []
    store.take_in([whole])
    assert [(run.run, run.answer) for run in store.runs()] == [("r1", "first")]
    assert store.search("first").total == 1
