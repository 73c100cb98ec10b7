"""Long messages written little by little: as `protocol.frame` writes them, and in nobody's way."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rlm_desktop.repl import protocol, writing
from rlm_desktop.repl.conversation import Conversation
from rlm_desktop.repl.line import SocketLine
from rlm_desktop.repl.own_time import OwnTime
from rlm_desktop.repl.protocol import FrameError
from tests.repl.conftest import GUARD
from tests.repl.test_patient import call, texts, values

messages = st.dictionaries(texts, values | st.lists(values, max_size=6).map(tuple))
DONE = dict.fromkeys(("error", "traceback", "draft"), "") | {"status": "ok", "ready": False, "variables": {}}


@given(messages, st.integers(0, 300), st.integers(1, 8))
@example({"long": "\U0001f600\ud83d" * 300 + "\ude00" * 50}, 0, 1)
@example({"many": [{"text": "x"}] * 50, "none": [], "tuple": ((), {})}, 100, 3)
def test_it_writes_what_the_other_does(message: protocol.Message, long: int, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(protocol, "LONG", long)
        patched.setattr(writing, "_PIECE", piece)
        assert b"".join(writing.frame(message)) == protocol.frame(message)


def refusal(write: Any, message: protocol.Message) -> str:
    try:
        write(message)
    except FrameError as error:
        return str(error).rpartition(" bytes, ")[2]
    return ""


@given(messages, st.integers(0, 20), st.integers(0, 200))
def test_it_refuses_what_is_too_much(message: protocol.Message, most: int, longest: int) -> None:
    body = protocol.dumps(message).decode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(protocol, "LONG", 0)
        patched.setattr(protocol, "MAX_VALUES", most)
        patched.setattr(protocol, "MAX_FRAME", longest)
        if protocol.count_values(body) > most or len(body) > longest:
            with pytest.raises(FrameError, match="at once"):
                writing.frame(message)
        else:
            writing.frame(message)


def test_long_is_what_takes_long_to_write() -> None:
    long = ["x" * protocol.LONG, [{}] * 10_000, dict.fromkeys(map(str, range(10_000))), [["y" * 999] * 300]]
    assert all(map(writing.is_long, long))
    assert all(writing.is_long({"value": value}) for value in long)
    assert not any(map(writing.is_long, (None, 1, "x" * 200_000, [1] * 1000, {"a": ["b"] * 100}, (), "")))


@pytest.mark.parametrize(("value", "elsewhere"), [("x" * 3_000_000, True), (["y" * 9] * 9, False)])
async def test_a_long_reply_is_written_elsewhere(
    monkeypatch: pytest.MonkeyPatch, value: object, elsewhere: bool
) -> None:
    writers = []

    def noticed(message: protocol.Message) -> list[bytes]:
        writers.append(threading.current_thread())
        return frame(message)

    frame = writing.frame
    monkeypatch.setattr(writing, "frame", noticed)
    ours, theirs = socket.socketpair()
    reader = protocol.FrameReader()
    replies: list[protocol.Message] = []

    def speak() -> None:
        theirs.sendall(call(1, ["?"]))
        while len(replies) < 2:  # the order, and the reply
            replies.extend(reader.feed(theirs.recv(1 << 20)))
        theirs.sendall(protocol.frame({"type": "done", **DONE, "dropped": 0, "threads": 0}))

    async def handler(_api: str, _args: dict[str, Any]) -> object:
        return value

    cell = Conversation(SocketLine(ours), handler, 10**6, on_output=None, on_progress=None)
    speaker = threading.Thread(target=speak)
    speaker.start()
    time = OwnTime(GUARD, lambda: theirs.shutdown(socket.SHUT_RDWR))
    async with asyncio.timeout(GUARD):
        done = await cell.run({"code": ""}, time)
    time.stop()
    cell.close()
    speaker.join()
    theirs.close()
    assert done is not None
    assert replies[1] == {"id": 1, "value": value}
    assert bool(writers) == elsewhere
    assert threading.main_thread() not in writers
