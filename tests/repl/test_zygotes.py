"""Trees that several REPLs share: one that is given up takes nothing from the others, and leaves nothing."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.zygotes import Zygotes
from tests.repl.conftest import GUARD, Start, execute
from tests.repl.processes import descendants

STEPS = [0, 1, 2, 3, 5, 8, 13]
"""Turns of the event loop after which something else happens."""


@pytest.fixture
async def zygotes(tmp_path: Path) -> Zygotes:
    return Zygotes(tmp_path / "scratch")


async def turns(steps: int) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)


@pytest.mark.parametrize("level", ["partial", None])
async def test_giving_up_a_start_leaves_the_neighbour_alone(
    start: Start, zygotes: Zygotes, level: str | None
) -> None:
    neighbour = await start(zygotes=zygotes, level=level)
    await execute(neighbour, "mine = 7")
    processes = set(descendants(os.getpid()))
    for steps in STEPS:
        started = asyncio.ensure_future(start(zygotes=zygotes, level=level))
        await turns(steps)
        started.cancel()
        await asyncio.wait([started])
        if not started.cancelled():
            await started.result().close()
        async with asyncio.timeout(GUARD):
            while not set(descendants(os.getpid())) <= processes:  # its keeper ends after the rest
                await asyncio.sleep(0.01)
    result = await execute(neighbour, "mine")
    assert (result.output, result.error) == ("7\n", "")


@pytest.mark.parametrize("steps", STEPS)
async def test_the_last_may_end_while_another_starts(start: Start, zygotes: Zygotes, steps: int) -> None:
    last = await start(zygotes=zygotes)
    ending = asyncio.create_task(last.close())
    await turns(steps)
    assert (await execute(await start(zygotes=zygotes), "context")).output == "'the text'\n"
    await ending


async def test_a_start_that_fails_leaves_the_neighbour_alone(
    start: Start, zygotes: Zygotes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OSError

    neighbour = await start(zygotes=zygotes)
    await execute(neighbour, "mine = 7")
    with monkeypatch.context() as patched, pytest.raises(OSError):
        patched.setattr("rlm_desktop.repl.zygote.Zygote._keep", fail)
        await start(zygotes=zygotes)
    assert (await execute(neighbour, "mine")).output == "7\n"


HOGGING = """
import _socket, os, socket, stat
def is_socket(fd):
    try: return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError: return False
mine = [socket.socket(fileno=os.dup(fd)) for fd in list(filter(is_socket, range(3, 64)))]
(control,) = (one for one in mine if one.type == socket.SOCK_SEQPACKET)
try: pair = _socket.socketpair()
except PermissionError: print('none of its own')
control.send(b'so that nobody listens any more')
try:
    while True:
        for data in (b'', b'{}'): socket.send_fds(control, [data], [0] * 120)
except OSError: pass
"""


async def test_no_neighbour_keeps_descriptors_under_way(start: Start, zygotes: Zygotes) -> None:
    neighbour = await start(zygotes=zygotes)
    result = await execute(neighbour, HOGGING)
    assert (result.status, result.output, result.error) == ("ok", "none of its own\n", "")
    for _ in range(3):
        assert (await execute(await start(zygotes=zygotes), "context")).output == "'the text'\n"
    assert (await execute(neighbour, "context")).output == "'the text'\n"


async def test_no_room_for_a_folder_is_said(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"has no folder: .*file takes none"):
        await start(scratch=tmp_path / "file")


async def test_documents_whose_paths_are_as_long_as_can_be(start: Start, tmp_path: Path) -> None:
    folder = tmp_path
    while len(os.fsencode(folder)) < 3500:
        folder /= "я" * 120
    folder.mkdir(parents=True)
    files = []
    for number in range(20):
        path = folder / f"{number}.txt"
        path.write_text(str(number))
        files.append(ContextFile(str(path), str(path), "utf-8", path.stat().st_size))
    repl = await start(Context("list", tuple(files)))
    result = await execute(repl, "context == [str(n) for n in range(20)], len(documents[19].path)")
    assert result.output == f"(True, {len(files[19].path)})\n"
