"""Cells that do not end well: the host survives, the variables survive."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.repl import forking
from rlm_desktop.repl.host import ContextFile, Repl, ReplLimits
from rlm_desktop.repl.results import LOST, UNDONE
from tests.repl.conftest import GUARD, Host, Run, Start, both, descendants, execute
from tests.repl.processes import parent


@both
@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("import os\nos._exit(3)", "crash", "exit code 3"),
        ("import ctypes\nctypes.string_at(0)", "crash", "SIGSEGV"),
        ("import os\nos.abort()", "crash", "SIG"),
        ("import os\nos.closerange(3, 200)", "crash", "exit code 1"),
        (
            "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n  def __repr__(self): return repr(self)\nrepr(A())",
            "crash",
            "SIG",
        ),
        ("while True: pass", "timeout", "longer than 0.3 seconds"),
        ("import time\ntime.sleep(1000)", "timeout", "longer than 0.3 seconds"),
        ("'a' * 40 + 'b' == __import__('re').match('(a|aa)+$', 'a' * 60 + 'b')", "timeout", "longer"),
    ],
)
async def test_a_cell_that_dies_is_undone(run: Run, code: str, status: str, said: str) -> None:
    before = await run("x = {'kept': 1}\nanswer['content'] = 'draft'")
    result = await run(f"x['kept'] = 2\nprint('so far')\n{code}", timeout=0.3)
    assert (result.status, result.restored, result.output) == (status, True, "so far\n")
    assert said in result.error
    assert result.variables == before.variables
    assert (await run("x, answer['content']")).output == "({'kept': 1}, 'draft')\n"


@both
async def test_deaths_one_after_the_other(run: Run) -> None:
    await run("x = 1")
    for _ in range(5):
        assert (await run("x += 1\nimport os\nos._exit(0)")).restored
        assert (await run("x += 1")).status == "ok"
    assert (await run("x")).output == "6\n"


@both
async def test_too_much_memory(run: Run) -> None:
    result = await run("kept = 1\nhuge = [bytes(10**8) for _ in range(100)]")
    assert (result.status, result.restored) == ("memory", False)
    assert (await run("kept")).output == "1\n"
    result = await run("grow = []\nwhile True: grow.append(' ' * 10**6)")
    assert result.status == "memory"
    assert (await run("del grow\nkept")).output == "1\n"


TO_THE_LAST_PAGE = """
import mmap
maps, size = [], 2**40
while size >= 4096:
    try: maps.append(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    except (OSError, MemoryError): size //= 2
blocks = []
while True: blocks.append('%010d' % len(blocks) * 10)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the host watches the memory of cells")
@both
async def test_no_memory_at_all_is_left_by_a_cell_that_ends(run: Run) -> None:
    await run("kept = 1")
    result = await run(TO_THE_LAST_PAGE)
    assert (result.status, result.restored) == ("memory", False)
    assert {"maps", "blocks"} <= set(result.variables)
    result = await run("del blocks, maps\nkept")
    assert (result.output, result.error) == ("1\n", "")


async def test_a_cell_whose_process_dies_when_it_has_ended_is_undone_and_told(run: Run) -> None:
    await run("x = 1")
    result = await run(
        "x = 2\nimport os\nfrom rlm_desktop.repl import state\nstate.State._commit = lambda self: os._exit(3)"
    )
    assert (result.status, result.error) == ("ok", "")
    result = await run("x")
    assert (result.output, result.error) == ("1\n", UNDONE)
    assert (await run("x")).error == ""


def kill_the_first() -> None:
    """Kill the process that started all the others."""
    (first,) = (pid for pid in descendants(os.getpid()) if parent(pid) == os.getpid())
    os.kill(first, signal.SIGKILL)


async def test_what_was_lost_is_told_even_where_documents_are_brought(repl: Repl, tmp_path: Path) -> None:
    await execute(repl, "x = 1")
    kill_the_first()
    async with asyncio.timeout(GUARD):
        while repl._child.alive:  # type: ignore[attr-defined]  # until the news has come
            await asyncio.sleep(0.01)
    (tmp_path / "b.txt").write_text("more")
    await repl.add([ContextFile(str(tmp_path / "b.txt"), "b.txt", "utf-8")])
    result = await execute(repl, "'x' in globals()")
    assert (result.output, result.error) == ("False\n", LOST)


@both
async def test_cpu_time_is_limited(start: Start) -> None:
    repl = await start(limits=ReplLimits(cpu_seconds=2))
    result = await execute(repl, "while True: pass")
    assert (result.status, result.restored) == ("timeout", True)
    assert "CPU time" in result.error


@both
async def test_a_flood_of_output_is_cut(start: Start) -> None:
    repl = await start(limits=ReplLimits(output_chars=1_000))
    received: list[str] = []
    result = await execute(
        repl, "for i in range(200_000): print('flood')", on_output=lambda _s, text: received.append(text)
    )
    assert result.status == "ok"
    assert len("".join(received)) == 1_000
    assert result.output.endswith("[1,199,000 more characters were printed and not kept]")
    assert "not kept" not in (await execute(repl, "print('fine')")).output


@both
async def test_one_huge_print(run: Run) -> None:
    result = await run("print('x' * 10**8)")
    assert result.status == "ok"
    assert result.output.endswith("[99,900,001 more characters were printed and not kept]")


@both
async def test_waiting_for_the_host_costs_no_time(run: Run, host: Host) -> None:
    host.release.clear()
    running = asyncio.create_task(run("llm_query('slow')", timeout=0.05))
    await asyncio.wait_for(host.called.wait(), GUARD)
    expired = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, expired.set)
    await expired.wait()
    host.release.set()
    assert (await running).output == "'<slow>'\n"


@both
@pytest.mark.parametrize("code", ["while True: pass", "llm_query('slow')", "import time\ntime.sleep(1000)"])
async def test_cancelling_stops_the_cell(repl: Repl, host: Host, code: str) -> None:
    host.release.clear()
    await execute(repl, "x = 1")
    printed = asyncio.Event()
    running = asyncio.create_task(
        repl.execute(f"x = 2\nprint('on')\n{code}", timeout=100, on_output=lambda _s, _t: printed.set())
    )
    await asyncio.wait_for(printed.wait(), GUARD)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 5)
    assert (await execute(repl, "x")).output == "1\n"


@both
async def test_cancelling_at_once(repl: Repl) -> None:
    await execute(repl, "x = 1")
    for turns in range(6):
        running = asyncio.create_task(repl.execute("x = 2\nwhile True: pass", timeout=100))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, 5)
    result = await execute(repl, "x")
    assert (result.output, result.error) == ("1\n", "")


@both
async def test_what_the_handler_raises_ends_the_cell(start: Start) -> None:
    async def broken(_api: str, _args: dict[str, Any]) -> object:
        raise ZeroDivisionError("a bug of ours")

    repl = await start(handler=broken)
    await execute(repl, "x = 1")
    with pytest.raises(ZeroDivisionError, match="ours"):
        await execute(repl, "x = 2\nllm_query('a')")
    assert (await execute(repl, "x")).output == "1\n"


async def test_threads_left_behind_cost_the_checkpoint(run: Run) -> None:
    await run(
        "import threading\nstop = threading.Event()\nthread = threading.Thread(target=stop.wait)\nthread.start()"
    )
    assert (await run("x = 1\nthread.is_alive()")).output == "True\n"
    result = await run("import os\nos._exit(1)")
    assert (result.status, result.restored, result.variables) == ("crash", False, {})
    assert LOST in result.error
    assert (await run("SHOW_VARS()")).output == "no variables yet\n"
    assert (await run("context")).output == "'the text'\n"


async def test_a_state_that_dies_between_cells_is_told(repl: Repl) -> None:
    await execute(repl, "x = 1")
    state = repl._child.state  # type: ignore[attr-defined]
    async with asyncio.timeout(GUARD):
        while parent(state) != os.getsid(state):  # until its checkpoint is gone, and the keeper adopts it
            await asyncio.sleep(0)
    os.kill(state, signal.SIGKILL)
    result = await execute(repl, "context")
    if LOST not in result.error:  # the cell ran before the news came; or it was handed to the dead
        result = await execute(repl, "context")
    assert LOST in result.error
    assert (await execute(repl, "'x' in globals()")).output == "False\n"


async def test_a_first_process_that_dies_is_replaced(repl: Repl) -> None:
    await execute(repl, "x = 1")
    kill_the_first()
    result = await execute(repl, "context")
    if result.status == "crash":  # it was handed over before the death was noticed
        result = await execute(repl, "context")
    assert result.output == "'the text'\n"


CONTROL = """
import os, socket, stat
fds = []
for fd in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode): fds.append(fd)
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    "data",
    [
        "b'\\xff' * 100",
        "b'\\x00\\x00\\x00\\x02[]'",
        "b'\\x7f\\xff\\xff\\xff'",
        "(17).to_bytes(4, 'big') + b'{\"type\":\"reboot\"}'",
        '(45).to_bytes(4, \'big\') + b\'{"type":"started","pid":1,"checkpoint":false}\'',
        '(50).to_bytes(4, \'big\') + b\'{"type":"call","id":1,"api":"os.system","args":{}}\'',
    ],
)
async def test_nonsense_on_the_channel_ends_the_cell(run: Run, data: str) -> None:
    await run("x = 1")
    result = await run(
        f"x = 2\n{CONTROL}\nfor fd in fds:\n"
        f"    if socket.socket(fileno=os.dup(fd)).type == socket.SOCK_STREAM: os.write(fd, {data})\n"
        "while True: pass"
    )
    assert (result.status, result.restored) == ("crash", True), result
    assert "own descriptors" in result.error
    assert (await run("x")).output == "1\n"


@pytest.mark.parametrize(
    "data",
    [
        "b'nonsense'",
        'b\'{"type":"failed","error":"forged"}\'',
        'b\'{"type":"restored","status":0}\'',
        'b\'{"type":"state","pid":1,"fresh":true}\'',
        'b\'{"type":"state","pid":99999999999999999999,"fresh":true}\'',
    ],
)
async def test_forged_control_packets_hurt_nobody_else(run: Run, data: str) -> None:
    await run(
        f"{CONTROL}\nfor fd in fds:\n"
        f"    if socket.socket(fileno=os.dup(fd)).type == socket.SOCK_SEQPACKET: os.write(fd, {data})"
    )
    for _ in range(2):
        await run("import os\nos._exit(0)")
    assert (await run("context")).output == "'the text'\n"


@pytest.mark.parametrize(
    "data",
    [
        '{"type":"failed","error":"forged"}',
        '{"type":"restored","status":0}',
        '{"type":"state","fresh":true}',
        '{"type":"running","checkpoint":false}',
        '{"type":"ready"}',
    ],
)
async def test_what_a_cell_says_in_the_name_of_others_is_not_heard(run: Run, data: str) -> None:
    await run("x = 1")
    forging = (
        f"{CONTROL}\nfor fd in fds:\n"
        f"    if socket.socket(fileno=os.dup(fd)).type == socket.SOCK_SEQPACKET: os.write(fd, {data.encode()})\n"
    )
    result = await run(forging)
    assert (result.status, result.error, result.checkpoint) == ("ok", "", True)
    result = await run(f"x = 2\n{forging}os._exit(3)")
    assert (result.restored, result.checkpoint) == (True, True)
    assert "exit code 3" in result.error
    result = await run("x")
    assert (result.output, result.error) == ("1\n", "")


async def test_a_death_between_cells_is_not_taken_for_that_of_the_next(run: Run) -> None:
    await run("x = 1")
    await run("import os\nfrom rlm_desktop.repl import state\nstate.State._commit = lambda self: os._exit(3)")
    result = await run("import os\nos._exit(4)")
    assert result.restored
    assert "exit code 4" in result.error
    assert result.error.endswith(UNDONE)
    assert (await run("x")).error == ""


HOST_THAT_DIES = """
import asyncio, sys
from pathlib import Path
from rlm_desktop.repl.host import *
async def main():
    repl = await Repl.start(Context("str", texts=("t",)), scratch=Path(sys.argv[1]), handler=None, limits=ReplLimits())
    await repl.execute("print(1)\\nwhile True: pass", timeout=1000, on_output=lambda s, t: print(t, flush=True))
asyncio.run(main())
"""


async def test_nothing_survives_the_host(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOST_THAT_DIES, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        below = [os.pidfd_open(pid) for pid in descendants(process.pid)]
        assert (
            len(below) >= 5
        )  # zygote, holder, keeper, the checkpoint, the cell, and bubblewrap if it is there
        process.kill()
    loop = asyncio.get_running_loop()
    for pidfd in below:
        ended = asyncio.Event()
        loop.add_reader(pidfd, ended.set)
        await asyncio.wait_for(ended.wait(), GUARD)
        loop.remove_reader(pidfd)
        os.close(pidfd)


async def test_a_state_that_is_deaf_to_documents_is_given_up(
    repl: Repl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await execute(repl, "from rlm_desktop.repl.state import State\nState._receive = lambda *_: None")
    more = tmp_path / "more.txt"
    more.write_text("more")
    with monkeypatch.context() as patched, pytest.raises(UserError, match="does not answer"):
        patched.setattr(forking, "_PATIENCE", 0.2)
        async with asyncio.timeout(GUARD):
            await repl.add([ContextFile(str(more), "more.txt", "utf-8")])
    assert (await execute(repl, "context")).output == "'the text'\n"
    await repl.add([ContextFile(str(more), "more.txt", "utf-8")])
    assert (await execute(repl, "context")).output == "['the text', 'more']\n"


async def test_sockets_that_wait_for_nothing_lose_no_variable(repl: Repl) -> None:
    await execute(repl, "known = 1")
    every = (
        "import os\nfor fd in range(3, 64):\n    try: os.set_blocking(fd, False)\n    except OSError: pass\n"
    )
    for ends in ("", "0 / 0", "os._exit(1)"):
        await execute(repl, every + ends)
        assert (await execute(repl, "known")).output == "1\n"
