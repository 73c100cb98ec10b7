"""A short story recorded, read back, and streamed into a real window."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from rlm_desktop.bench.section import Section
from rlm_desktop.bench.store.live import Live
from rlm_desktop.bench.store.measure import Open, Record, measure, write
from rlm_desktop.bench.store.plan import Plan
from rlm_desktop.bench.store.story import BATCH, beginning, middle, turns
from rlm_desktop.engine.recorder import Recorder
from rlm_desktop.events import fold, text_hash
from rlm_desktop.store import Store


async def sections(plan: Plan) -> list[Section]:
    return [section async for section in measure(plan, lambda _: None)]


def test_a_story_is_a_run_as_the_fold_knows_them(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", tmp_path / "locks") as store:
        write(Recorder("run", store, lambda *_: None), 1_000)
        events = list(store.events("run"))
        assert [event.seq for event in events] == list(range(1, 1_001))
        state = fold(events)
        assert state.finish is not None
        calls = [row for row in state.rows.values() if row.kind == "call"]
        assert len(calls) > BATCH
        assert store.text(calls[0].prompt[0].text).startswith("1.0: ")


def test_turns_alone_are_a_run_too(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", tmp_path / "locks") as store:
        write(Recorder("run", store, lambda *_: None), 2_002, story=turns)
        state = fold(store.events("run"))
    assert state.finish is not None
    assert [row.label for row in state.children(0)] == [f"Turn {number}" for number in range(1, 1_001)]
    assert len(state.below[0]) < 600


def test_it_is_the_same_each_time() -> None:
    first, second = (list(islice(middle("run", text_hash), 500)) for _ in range(2))
    assert first == second
    assert beginning("run", "Why?").question == "Why?"


async def test_recording_and_opening_are_measured() -> None:
    record, *opened = await sections(Plan(("record", "open"), events=1_000))
    assert isinstance(record, Record) and record.events == 1_000
    assert min(record.seconds, record.bare) > 0
    assert record.size > 0 and record.text > 100_000
    assert "of its time" in record.tables()[0].remarks[0]
    assert [one.name for one in opened] == ["a run of 1,000 events", "a run of 1,000 events, turns alone"]
    for one in opened:
        assert isinstance(one, Open)
        assert one.events == 1_000 and min(one.read, one.fold) > 0
        assert [row[0] for row in one.tables()[0].rows] == ["read", "fold", "both"]


async def test_a_window_is_fed_and_shows_a_long_run() -> None:
    (live,) = await sections(Plan(("live",), events=800, rate=200, seconds=1.0))
    assert isinstance(live, Live)
    assert 100 < live.fed.events <= 202  # the first and the last are not of the stream
    assert live.shown.rows > BATCH
    for gaps in (live.fed.gaps, live.shown.scrolling):
        assert 0 < gaps.p50 <= gaps.p99 <= gaps.longest
    assert [len(row) for row in live.tables()[0].rows] == [4, 4]
