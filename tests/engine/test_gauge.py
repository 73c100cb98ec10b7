from __future__ import annotations

import asyncio

import pytest

from rlm_desktop.engine import gauge
from rlm_desktop.engine.gauge import Gauge
from rlm_desktop.errors import StoreError
from rlm_desktop.events import AnyEvent, CellProgress, Progress
from tests.engine.conftest import Ask, cell, final

PART, WHOLE = Progress(1, 3), Progress(3, 3)


class Recorder:
    """Keeps what is recorded."""

    run = "r"

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.recorded = asyncio.Event()
        self.failing = False

    def emit(self, event: AnyEvent) -> None:
        if self.failing:
            raise StoreError("The disk is full.")
        self.events.append(event)
        self.recorded.set()

    @property
    def told(self) -> list[Progress]:
        return [event.progress for event in self.events if isinstance(event, CellProgress)]


@pytest.fixture
async def recorder() -> Recorder:
    return Recorder()


def make(recorder: Recorder) -> Gauge:
    return Gauge(recorder, 2)  # type: ignore[arg-type]


async def test_a_flood_is_recorded_once_at_first_and_once_at_the_end(recorder: Recorder) -> None:
    made = make(recorder)
    for done in range(10_000):
        made.show(Progress(done, 10_000))
    assert recorder.told == [Progress(0, 10_000)]
    made.close()
    made.close()
    assert recorder.told == [Progress(0, 10_000), Progress(9_999, 10_000)]
    assert [(event.run, event.span) for event in recorder.events] == [("r", 2)] * 2


async def test_what_came_last_is_recorded_though_nothing_follows(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauge, "INTERVAL", 0.01)
    made = make(recorder)
    made.show(PART)
    made.show(WHOLE)
    recorder.recorded.clear()
    await asyncio.wait_for(recorder.recorded.wait(), 20)
    assert recorder.told == [PART, WHOLE]
    made.close()
    assert len(recorder.told) == 2


async def test_what_does_not_change_is_recorded_once(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauge, "INTERVAL", 0.0)
    made = make(recorder)
    for _ in range(10):
        made.show(PART)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert recorder.told == [PART]


async def test_a_full_disk_is_not_lost_on_the_way(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauge, "INTERVAL", 0.0)
    made = make(recorder)
    made.show(PART)
    recorder.failing = True
    made.show(WHOLE)
    async with asyncio.timeout(20):
        while made._rest is not None:  # the timer fires, and says nothing
            await asyncio.sleep(0)
    with pytest.raises(StoreError):
        made.show(PART)


async def test_the_progress_of_a_run(ask: Ask) -> None:
    code = (
        "for n in progress(range(500), label='pages'):\n    pass\nfor n in progress([1, 2]):\n    1 / (2 - n)"
    )
    asked = await ask({"root": [cell(code), final("A fox.")]}, strategy="rlm")
    told = [event.progress for event in asked.events if isinstance(event, CellProgress)]
    assert told[0] == Progress(0, 500, "pages")
    assert told[-1] == Progress(1, 2)
    first, *_rest = asked.rows("cell")
    assert (first.status, first.progress) == ("warning", Progress(1, 2))
