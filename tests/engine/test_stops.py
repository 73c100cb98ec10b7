"""What a person stops is told from what is stopped with everything else."""

from __future__ import annotations

import asyncio

import pytest

from rlm_desktop.engine.stops import Stopped, Stops
from rlm_desktop.errors import UserError


class Work:
    """Goes on until it is cut short, or allowed to end; counts how often it began and how it ended."""

    def __init__(self) -> None:
        self.began = 0
        self.cut_short = 0
        self.going = asyncio.Event()
        self.allowed = asyncio.Event()

    async def __call__(self) -> str:
        self.began += 1
        self.going.set()
        try:
            await self.allowed.wait()
        except asyncio.CancelledError:
            self.cut_short += 1
            raise
        return "done"


async def test_a_step_that_is_stopped_raises_and_its_task_goes_on() -> None:
    stops, work = Stops(), Work()

    async def row() -> str:
        try:
            return await stops.within(1, work)
        except Stopped:
            await asyncio.sleep(0)  # would raise if the task were still being cancelled
            return "stopped"

    task = asyncio.create_task(row())
    await work.going.wait()
    await asyncio.gather(stops.stop(1), stops.stop(1))
    assert await task == "stopped"
    assert (work.began, work.cut_short, task.cancelling()) == (1, 1, 0)


async def test_a_step_is_done_anew() -> None:
    stops, work, told = Stops(), Work(), []
    task = asyncio.create_task(stops.within(1, work, again=lambda: told.append(work.began)))
    await work.going.wait()
    work.going.clear()
    stops.repeat(1)
    await work.going.wait()
    work.allowed.set()
    assert await task == "done"
    assert (work.began, told) == (2, [1])


async def test_the_end_of_the_run_is_no_stop_of_a_step() -> None:
    stops, work = Stops(), Work()
    task = asyncio.create_task(stops.within(1, work))
    await work.going.wait()
    stopping = asyncio.create_task(stops.stop(1))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.gather(stopping, return_exceptions=True)


async def test_a_limit_on_time_is_no_stop_of_a_step() -> None:
    stops, work = Stops(), Work()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await stops.within(1, work)
    assert work.cut_short == 1


async def test_work_begins_before_anything_else_does() -> None:
    """The budget counts on it: calls that are admitted have begun before the first is refused."""
    stops, work = Stops(), Work()
    task = asyncio.create_task(stops.within(1, work))
    await asyncio.sleep(0)
    assert work.began == 1
    work.allowed.set()
    assert await task == "done"


async def test_what_does_not_go_on_cannot_be_stopped() -> None:
    stops, work = Stops(), Work()
    with pytest.raises(UserError, match="does not run any more"):
        await stops.stop(1)
    task = asyncio.create_task(stops.within(1, work))
    await work.going.wait()
    with pytest.raises(UserError, match="Only calls"):
        stops.repeat(1)
    work.allowed.set()
    assert await task == "done"
    with pytest.raises(UserError):
        stops.repeat(1)
