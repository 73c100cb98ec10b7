from __future__ import annotations

import asyncio
import threading

import pytest

from rlm_desktop.repl.through import see_through
from tests.repl.conftest import GUARD


async def test_it_gives_what_the_function_gives() -> None:
    assert await see_through(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await see_through(divmod, 7, 0)


async def test_who_is_cancelled_waits_for_its_end() -> None:
    begun, may_end = threading.Event(), threading.Event()
    ended = []

    def last() -> None:
        begun.set()
        ended.append(may_end.wait(GUARD))

    waiting = asyncio.create_task(see_through(last))
    await asyncio.to_thread(begun.wait, GUARD)
    waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, GUARD)
    assert ended == [True]


async def test_what_is_cancelled_before_a_thread_is_free_runs_all_the_same() -> None:
    ran = threading.Event()
    waiting = asyncio.create_task(see_through(ran.set))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, GUARD)
    assert ran.is_set()
