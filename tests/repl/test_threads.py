"""What becomes of the threads of cells."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rlm_desktop.repl import threads
from rlm_desktop.repl.control import Packet
from rlm_desktop.repl.launch import Child
from rlm_desktop.repl.threads import Threads
from rlm_desktop.repl.wire import Running
from tests.repl.conftest import Run, Start, execute


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads have time to end however busy the machine is."""
    monkeypatch.setattr(threads, "_PATIENCE", 20.0)
    monkeypatch.setattr(threads, "_WAY_HOME", 20.0)


@pytest.mark.usefixtures("patient")
def test_idle_workers_go_home_and_their_pool_hires_others() -> None:
    mine = Threads()
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert sorted(pool.map(abs, range(-3, 1))) == [0, 1, 2, 3]
            assert mine.count > 0
            assert mine.settle() == 0


@pytest.mark.usefixtures("patient")
def test_workers_of_dropped_pools_end() -> None:
    mine = Threads()
    pool = ThreadPoolExecutor(4)
    list(pool.map(abs, range(4)))
    del pool
    assert mine.settle() == 0


@pytest.mark.usefixtures("patient")
def test_a_pool_that_was_shut_down_stays_shut_down() -> None:
    mine = Threads()
    pool = ThreadPoolExecutor(1)
    pool.submit(abs, 1)
    pool.shutdown(wait=False)
    assert mine.settle() == 0
    with pytest.raises(RuntimeError, match="after shutdown"):
        pool.submit(abs, 1)


def test_nothing_is_taken_from_a_pool_while_another_thread_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_PATIENCE", 0.005)
    mine, go_on = Threads(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        pool.submit(abs, 1).result()
        worker = threading.Thread(target=go_on.wait)
        worker.start()
        assert mine.settle() == 2
        go_on.set()
        worker.join()
        monkeypatch.setattr(threads, "_PATIENCE", 20.0)
        monkeypatch.setattr(threads, "_WAY_HOME", 20.0)
        assert mine.settle() == 0


def test_waiting_work_is_done_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_PATIENCE", 0.005)
    mine, go_on = Threads(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        futures = [pool.submit(go_on.wait), pool.submit(abs, -2)]
        assert mine.settle() == 1
        go_on.set()
        assert futures[1].result(20) == 2
        monkeypatch.setattr(threads, "_PATIENCE", 20.0)
        monkeypatch.setattr(threads, "_WAY_HOME", 20.0)
        assert mine.settle() == 0


def test_a_cell_without_threads_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waited"))
    assert Threads().settle() == 0


async def test_sixteen_threads_ask_and_print_whole_lines(run: Run) -> None:
    result = await run(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def ask(n):\n"
        "    for i in range(5): print(n, i, llm_query(str(n)))\n"
        "with ThreadPoolExecutor(16) as pool: list(pool.map(ask, range(16)))\n"
        "print('end')"
    )
    *lines, last = result.output.splitlines()
    assert last == "end"
    assert sorted(lines) == sorted(f"{n} {i} <{n}>" for n in range(16) for i in range(5))
    for n in range(16):
        assert [line.split()[1] for line in lines if line.split()[0] == str(n)] == list("01234")
    assert result.threads == 0


async def test_lines_nobody_has_ended_are_printed_at_the_end(run: Run) -> None:
    result = await run(
        "import threading, sys\n"
        "ready, leave = threading.Event(), threading.Event()\n"
        "def begin():\n"
        "    print('begun', end='')\n"
        "    ready.set(); leave.wait(20)\n"
        "thread = threading.Thread(target=begin); thread.start(); ready.wait(20)\n"
        "print('mine'); print('at once', end='', flush=True)\n"
        "print('wrong', file=sys.stderr)"
    )
    assert (result.output, result.threads) == ("mine\nat oncewrong\nbegun", 1)
    assert (await run("leave.set(); thread.join()")).checkpoint is False
    assert (await run("1")).checkpoint


async def test_a_pool_left_open_costs_no_checkpoint(run: Run) -> None:
    code = "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(8)\nlist(pool.map(str, range(8)))"
    assert (await run(code)).threads == 0
    after = await run("import os\n''.join(pool.map(llm_query, 'ab'))")
    assert (after.output, after.checkpoint, after.threads) == ("'<a><b>'\n", True, 0)
    assert (await run("os._exit(3)")).restored
    assert (await run("list(pool.map(llm_query, 'ab'))")).output == "['<a>', '<b>']\n"


async def test_exceptions_in_threads_are_shown(run: Run) -> None:
    result = await run("import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()")
    assert result.output.startswith("Exception in thread")
    assert result.output.endswith("ZeroDivisionError: division by zero\n")


async def test_threads_started_by_hand_are_counted(run: Run) -> None:
    result = await run(
        "import _thread\nlock = _thread.allocate_lock()\nlock.acquire()\n_thread.start_new_thread(lock.acquire, ())"
    )
    assert (result.status, result.threads) == ("ok", 1)
    assert not (await run("lock.release()")).checkpoint


async def test_a_cell_that_ends_at_once_is_known_to_have_had_no_way_back(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear = Child._hear

    def late(child: Child, packet: Packet | None) -> None:
        """Hear on the control socket what a busy loop reads there after the end of the cell, from its channel."""
        is_late = packet is not None and isinstance(packet.news, Running)
        asyncio.get_running_loop().call_later(0.1 * is_late, hear, child, packet)

    monkeypatch.setattr(Child, "_hear", late)
    repl = await start()
    begin = "import threading\nleave = threading.Event()\nthreading.Thread(target=leave.wait).start()"
    assert (await execute(repl, begin)).checkpoint
    assert not (await execute(repl, "leave.set()")).checkpoint
