"""The store keeps every event and text, finds what was cut short, and deletes without leftovers."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import (
    CellStarted,
    Citation,
    Limits,
    ModelRef,
    RunFinished,
    RunStarted,
    TurnFinished,
    TurnStarted,
    Usage,
    fold,
    text_hash,
)
from rlm_desktop.store import Store


def started(run: str = "r1", question: str = "why?") -> RunStarted:
    return RunStarted(
        run=run, span=0, seq=1, time=1_000_000, question=question, strategy="rlm", dialect="rlm-v1",
        prompt_version="1", models=(ModelRef("root", "m", "00"),), limits=Limits(), sources=(),
        sandbox="partial", program="0", paths=("/a",),
    )  # fmt: skip


def finished(run: str = "r1", seq: int = 2) -> RunFinished:
    return RunFinished(
        run=run, span=0, seq=seq, time=3_000_000, status="answered", answer="because",
        evidence=(Citation("/a", 1, 2, "q", True),), usage=Usage(1, 2), seconds=2.0,
    )  # fmt: skip


def put(store: Store, run: str, *texts: str) -> None:
    store.append(started(run))
    store.append(TurnStarted(run=run, span=1, seq=2, time=2, number=1, depth=0, label="t"))
    for seq, text in enumerate(texts, start=3):
        event = CellStarted(run=run, span=seq, parent=1, seq=seq, time=seq, code=text_hash(text), label="c")
        store.append(event, {event.code: text})


@pytest.fixture
def store(tmp_path: Path):
    with Store(tmp_path / "store.db", tmp_path) as opened:
        yield opened


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


def test_deleting_a_run_deletes_only_texts_no_other_run_uses(store: Store) -> None:
    put(store, "r1", "shared", "mine alone")
    put(store, "r2", "shared")
    store.delete("r1")
    assert store.text(text_hash("shared")) == "shared"
    with pytest.raises(StoreError):
        store.text(text_hash("mine alone"))
    assert list(store.events("r1")) == []
    store.delete("r2")
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


def test_a_run_of_a_living_engine_is_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", tmp_path) as first:
        put(first, "r1")
        with Store(tmp_path / "store.db", tmp_path) as second:
            assert second.summary("r1").status == "running"


def test_history_is_newest_first_and_paged(store: Store) -> None:
    for index in range(5):
        event = started(f"r{index}")
        store.append(RunStarted(**{f: getattr(event, f) for f in event.__struct_fields__} | {"time": index}))
    assert [run.run for run in store.runs(0, 2)] == ["r4", "r3"]
    assert [run.run for run in store.runs(4, 2)] == ["r0"]
    assert store.count() == 5


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
