"""Long contexts handed to the host in a file: what comes out, and what a child that lies gets."""

from __future__ import annotations

import os
import socket
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.repl.handover import INLINE, HandoverError, Shelf, is_long, read
from tests.repl.conftest import Host, Run, descriptors


def handed(fd: int, described: list[object]) -> list[tuple[list[int], bool] | None]:
    return [one and (one["sizes"], one["several"]) for one in described]  # type: ignore[index]


CONTEXTS = st.lists(st.none() | st.text() | st.lists(st.text(), max_size=5), max_size=6)


@given(CONTEXTS)
def test_what_is_put_in_comes_out(contexts: list[str | list[str] | None]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, tempfile.TemporaryDirectory() as folder:
        written = Shelf(ours, folder).write(contexts)
        assert written is not None
        fd, described = written
        assert read(fd, handed(fd, described)) == contexts
        assert os.listdir(folder) == []  # noqa: PTH208 - it has no name


def test_a_file_that_is_not_what_was_said_is_refused() -> None:
    def file(text: bytes) -> int:
        with tempfile.TemporaryFile() as opened:
            opened.write(text)
            opened.flush()
            return os.dup(opened.fileno())

    with pytest.raises(HandoverError, match="shorter"):
        read(file(b"abc"), [([4], False)])
    with pytest.raises(HandoverError, match="decode"):
        read(file(b"\xff\xff"), [([2], False)])
    ours, theirs = os.pipe()
    with pytest.raises(HandoverError, match="no file"):
        read(ours, [([1], False)])
    os.close(theirs)


def test_short_contexts_stay_in_the_message() -> None:
    assert not is_long(["x" * INLINE, None])
    assert is_long(["x" * INLINE, ["y"]])


async def test_a_child_gets_a_long_context_whole(run: Run, host: Host) -> None:
    before = descriptors()
    result = await run("text = 'é\\ud800x' * 3_000_000\nrlm_query('How long?', context=text)")
    assert result.output == "'<How long?>'\n"
    (api, args) = host.calls[0]
    assert api == "rlm_query"
    assert args["contexts"] == ["é\ud800x" * 3_000_000]
    assert result.calls[0].api == "rlm_query"
    result = await run("rlm_query_batched(['a', 'b', 'c'], [['x' * 300_000, 'y'], None, ''])")
    assert host.calls[1][1]["contexts"] == [["x" * 300_000, "y"], None, ""]
    assert descriptors() <= before


async def test_longer_than_any_message(run: Run, host: Host) -> None:
    result = await run("rlm_query('?', context='z' * 80_000_000)")
    assert result.error == ""
    assert len(host.calls[0][1]["contexts"][0]) == 80_000_000


async def test_many_threads_hand_over_at_once(run: Run, host: Host) -> None:
    result = await run(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(40) as pool:\n"
        "    print(set(pool.map(lambda n: rlm_query(str(n), context=str(n) * 300_000), range(40))) == "
        "{f'<{n}>' for n in range(40)})"
    )
    assert result.output == "True\n"
    for _api, args in host.calls:
        assert args["contexts"] == [args["prompts"][0] * 300_000]


FORGED = """
import json, os, socket, struct
from rlm_desktop.repl.channel import Printed
def channel():
    return Printed.channel._connection._connection
def frame(message):
    body = json.dumps(message).encode()
    return struct.pack('>I', len(body)) + body
def call(number, sizes):
    args = {'prompts': ['?'], 'model': None, 'batched': False, 'contexts': [{'sizes': sizes, 'several': False}]}
    return frame({'type': 'call', 'id': number, 'api': 'rlm_query', 'args': args})
"""


async def test_a_file_that_never_came_ends_the_cell(run: Run) -> None:
    result = await run(FORGED + "channel().sendall(call(77, [10]))\nimport time; time.sleep(20)")
    assert result.status == "crash"
    assert "did not come" in result.error
    assert (await run("1 + 1")).output == "2\n"


async def test_more_files_than_there_may_be_end_the_cell(run: Run) -> None:
    code = "one = os.open('x', os.O_RDWR | os.O_CREAT)\nwhile True: socket.send_fds(channel(), [b''.join([])] or [b' '], [one] * 10)"
    code = code.replace(
        "[b''.join([])] or [b' ']", "[frame({'type': 'output', 'stream': 'stdout', 'text': ''})]"
    )
    before = len(descriptors())
    result = await run(FORGED + code)
    assert result.status == "crash"
    assert "files at a time" in result.error
    assert len(descriptors()) <= before


async def test_the_descriptor_of_something_else_ends_the_cell(run: Run, host: Host) -> None:
    before = len(descriptors())
    code = "ours, theirs = os.pipe()\nsocket.send_fds(channel(), [call(78, [10])], [ours])\nPrinted.channel._wait(78)"
    result = await run(FORGED + code)
    assert result.restored
    assert "what came with a message is no file" in result.error
    assert host.calls == []
    assert len(descriptors()) <= before
