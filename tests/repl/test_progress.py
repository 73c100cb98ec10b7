from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import pytest

from rlm_desktop.events import Progress as Told
from rlm_desktop.repl import progress
from rlm_desktop.repl.progress import Bar, Progress
from tests.repl.conftest import Run

Said = list[tuple[int, int | None, str]]


@pytest.fixture
def said() -> Said:
    return []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def bar(said: Said) -> Bar:
    return Bar(lambda *told: said.append(told))


def test_the_items_come_through_and_the_beginning_and_the_end_are_told(bar: Bar, said: Said) -> None:
    assert list(Progress(lambda: bar, "abc", label="letters")) == ["a", "b", "c"]
    assert said == [(0, 3, "letters"), (3, 3, "letters")]
    assert len(Progress(lambda: bar, "abc")) == 3


def test_at_most_four_a_second_are_told(bar: Bar, said: Said, clock: list[float]) -> None:
    for _ in Progress(lambda: bar, iter(range(1000))):
        clock[0] += 0.01
    assert [done for done, _total, _label in said] == [0, *range(25, 1000, 25), 1000]


def test_short_loops_one_after_the_other_are_not_all_told(bar: Bar, said: Said, clock: list[float]) -> None:
    for _ in range(1000):
        for _ in Progress(lambda: bar, "ab"):
            clock[0] += 0.0005
    assert len(said) <= 2 * (1 / progress.INTERVAL + progress.BURST + 1)


def test_the_outer_loop_is_shown_and_not_the_inner(bar: Bar, said: Said, clock: list[float]) -> None:
    for _ in Progress(lambda: bar, range(2), label="outer"):
        for _ in Progress(lambda: bar, range(3), label="inner"):
            clock[0] += 1
    assert said == [(0, 2, "outer"), (1, 2, "outer"), (2, 2, "outer")]


def test_a_loop_that_is_left_tells_how_far_it_came(bar: Bar, said: Said) -> None:
    for item in Progress(lambda: bar, range(10)):
        if item == 4:
            break
    assert said == [(0, 10, ""), (4, 10, "")]
    list(Progress(lambda: bar, [], label="next"))
    assert bar._owner == {}


def test_async_for(bar: Bar, said: Said) -> None:
    async def letters() -> AsyncIterator[str]:
        for letter in "abc":
            yield letter

    async def loop() -> list[str]:
        return [letter async for letter in Progress(lambda: bar, letters(), 3.0)]

    assert asyncio.run(loop()) == ["a", "b", "c"]
    assert said == [(0, 3, ""), (3, 3, "")]


def test_threads_do_not_mix(bar: Bar, said: Said, clock: list[float]) -> None:
    together = threading.Barrier(4)

    def work(name: str) -> None:
        together.wait(20)
        for _ in Progress(lambda: bar, range(50), label=name):
            clock[0] += 1
        together.wait(20)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for name in {label for _done, _total, label in said}:
        counts = [done for done, _total, label in said if label == name]
        assert counts == sorted(counts)
        assert counts[-1] == 50
    assert said


def test_what_cannot_be_a_total_is_refused(bar: Bar) -> None:
    with pytest.raises(ValueError, match="0 or more, not -1"):
        Progress(lambda: bar, [], -1)
    assert Progress(lambda: bar, [], 2**70, "x" * 999).total == 2**53
    assert len(Progress(lambda: bar, [], label="x" * 999).label) == 60
    with pytest.raises(TypeError, match="not iterable"):
        list(Progress(lambda: bar, 5))


async def test_the_host_is_told(run: Run) -> None:
    told: list[Told] = []
    result = await run(
        "print('first')\nfor n in progress(range(1000), label='pages \\ud800'): pass\nn",
        on_progress=told.append,
    )
    assert result.output == "first\n999\n"
    assert told == [Told(0, 1000, "pages ?"), Told(1000, 1000, "pages ?")]


async def test_a_loop_goes_on_in_the_next_cell(run: Run) -> None:
    told: list[Told] = []
    await run("pages = iter(progress('abc'))\nnext(pages)", on_progress=told.append)
    result = await run("for page in progress([1]): pass\nlist(pages)", on_progress=told.append)
    assert result.output == "['b', 'c']\n"
    assert told == [Told(0, 3), Told(0, 1), Told(1, 1)]


async def test_a_variable_of_this_name_is_kept(run: Run) -> None:
    await run("progress = 0.5")
    assert (await run("progress")).output == "0.5\n"
