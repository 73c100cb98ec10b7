"""The host's ear, given what no honest child says: it ends the conversation, and that is all that ever happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.repl import protocol, wire
from rlm_desktop.repl.conversation import MOST_CALLS, MOST_SEARCHES, Conversation
from rlm_desktop.repl.line import SocketLine
from rlm_desktop.repl.own_time import OwnTime
from rlm_desktop.repl.protocol import FrameError, FrameReader, Message
from rlm_desktop.repl.results import CallFailure

GUARD = 20.0
OUTPUT = 1_000
QUERY = {"model": None, "batched": True}

texts = st.text(st.characters(), max_size=20) | st.text('"\\[]{},:/ \ud800', max_size=20)
numbers = st.integers() | st.sampled_from([-1, 2**31, 2**53, 2**53 + 1, 2**64, 10**4000]) | st.floats()
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def call(api: str, **args: st.SearchStrategy[Any]) -> st.SearchStrategy[Message]:
    return st.fixed_dictionaries(
        {
            "type": st.just("call"),
            "id": st.integers(0, 2**53),
            "api": st.just(api),
            "args": st.fixed_dictionaries(args),
        }
    )


query = {"prompts": st.lists(texts, max_size=3), "model": st.none() | texts, "batched": st.booleans()}
dones = st.fixed_dictionaries(
    {
        "type": st.just("done"),
        "status": st.sampled_from(["ok", "error", "memory"]),
        "error": texts,
        "traceback": texts,
        "ready": st.booleans(),
        "draft": texts,
        "variables": st.dictionaries(texts, texts, max_size=3),
        "dropped": st.integers(0, 2**53),
        "threads": st.integers(0, 2**53),
    }
)
outputs = st.fixed_dictionaries(
    {"type": st.just("output"), "stream": st.sampled_from(["stdout", "stderr"]), "text": texts}
)
progresses = st.fixed_dictionaries(
    {"type": st.just("progress"), "done": st.integers(0), "total": st.none() | st.integers(0), "label": texts}
)
calls = (
    call("find", query=texts, k=st.integers())
    | call("grep", pattern=texts, k=st.integers())
    | call("llm_query", **query)
    | call(
        "rlm_query", **query, contexts=st.lists(st.none() | texts | st.lists(texts, max_size=2), max_size=3)
    )
    | call("read", question=texts, passages=st.lists(st.fixed_dictionaries({"text": texts}), max_size=3))
)
controls = st.fixed_dictionaries(
    {"type": st.sampled_from(["state", "restored", "failed", "added"])},
    optional={"pid": numbers, "fresh": st.booleans(), "status": numbers, "error": texts},
)
valid = dones | outputs | progresses | calls


@st.composite
def spoilt(draw: st.DrawFn, messages: st.SearchStrategy[Message] = valid) -> Message:
    """A message with a field missing, added or replaced, there or within its arguments."""
    message = dict(draw(messages))
    inner = message
    if isinstance(message.get("args"), dict) and draw(st.booleans()):
        inner = message["args"] = dict(message["args"])
    name = draw(st.sampled_from(sorted(inner)) | texts) if inner else draw(texts)
    if draw(st.booleans()):
        inner[name] = draw(anything)
    else:
        inner.pop(name, None)
    return message


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A frame with some of its bytes changed, cut out or doubled, its length right or wrong."""
    data = bytearray(framed(draw(valid)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    if draw(st.booleans()):
        data[:4] = struct.pack("!I", max(len(data) - 4, 0))
    return bytes(data)


def framed(message: Message) -> bytes:
    body = json.dumps(message).encode()
    return struct.pack("!I", len(body)) + body


streams = st.lists(
    valid.map(framed) | spoilt().map(framed) | anything.map(lambda v: framed(v)) | mutated() | st.binary(max_size=30),
    max_size=8,
).map(b"".join)  # fmt: skip
cuts = st.lists(st.integers(1, 60), min_size=1, max_size=10)


def pieces(data: bytes, cutting: list[int]) -> list[bytes]:
    cut, at = [], 0
    while at < len(data):
        step = cutting[len(cut) % len(cutting)]
        cut.append(data[at : at + step])
        at += step
    return cut


@given(streams, cuts)
def test_any_stream_is_messages_and_then_perhaps_a_frame_error(data: bytes, cutting: list[int]) -> None:
    reader, taken = FrameReader(), 0
    with contextlib.suppress(FrameError):
        for piece in pieces(data, cutting):
            for message in reader.feed(piece):
                assert isinstance(message, dict)
                taken += 1
    whole = []
    with contextlib.suppress(FrameError):
        whole.extend(FrameReader().feed(data))
    assert len(whole) == taken


@given(valid)
def test_what_an_honest_child_says_is_understood(message: Message) -> None:
    (received,) = FrameReader().feed(framed(message))
    assert received == message
    contexts = message.get("args", {}).get("contexts")
    if contexts is None or len(contexts) == len(message["args"]["prompts"]):
        with contextlib.suppress(FrameError):  # a progress that is out of bounds
            wire.cell_message(received)


@given(spoilt() | st.dictionaries(texts, anything))
def test_a_spoilt_message_is_one_of_ours_or_a_frame_error(message: Message) -> None:
    with contextlib.suppress(FrameError):
        checked = wire.cell_message(message)
        assert isinstance(checked, wire.Output | wire.Progress | wire.Call | wire.Done)


@given(controls | spoilt(controls) | st.dictionaries(texts, anything))
def test_a_spoilt_control_message_is_one_of_ours_or_a_frame_error(message: Message) -> None:
    with contextlib.suppress(FrameError):
        checked = wire.control_message(message)
        assert isinstance(checked, wire.State | wire.Restored | wire.Failed | wire.Added)


@given(dones, texts, st.integers(0, 3000))
def test_an_end_is_cut_to_what_the_api_gives(message: Message, text: str, times: int) -> None:
    names = {f"{n}{text}" * 3: text * times for n in range(300)}
    message |= {
        "error": text * times,
        "traceback": text * 10 * times,
        "draft": text * times,
        "variables": names,
    }
    done = wire.cell_message(message)
    assert isinstance(done, wire.Done)
    cut = done.within(OUTPUT)
    assert len(cut.error) <= 2_000
    assert len(cut.traceback) <= 21_000
    assert len(cut.draft) <= OUTPUT + 2_000
    assert len(cut.variables) <= 200
    assert all(len(name) <= 2_000 and len(value) <= 2_000 for name, value in cut.variables.items())


def marks(value: Any) -> int:
    """How many brackets that open, commas and colons stand in the JSON text of a value, outside its texts."""
    if isinstance(value, dict):
        return 1 + max(len(value) - 1, 0) + len(value) + sum(map(marks, value.values()))
    if isinstance(value, list):
        return 1 + max(len(value) - 1, 0) + sum(map(marks, value))
    return 0


@given(st.dictionaries(texts, anything, max_size=6), st.integers(5, 20))
def test_a_bomb_is_refused_and_nothing_else(message: Message, most: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(protocol, "MAX_VALUES", most)
        body = json.dumps(message).encode()
        count = marks(message)
        if count > most:
            with pytest.raises(FrameError, match=r"more than|not JSON"):
                protocol.loads(body)
        elif count < most:
            with contextlib.suppress(FrameError):  # numbers of more digits than Python reads
                protocol.loads(body)
                return
            with pytest.raises(FrameError, match="not JSON"):
                protocol.loads(body)


@given(st.binary(max_size=60) | controls.map(protocol.dumps), st.integers(0, 40))
def test_a_packet_leaves_no_descriptor_behind(data: bytes, count: int) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    read, write = os.pipe()
    with ours, theirs:
        socket.send_fds(theirs, [data], [write] * count)
        os.close(write)
        with contextlib.suppress(FrameError):
            packet = protocol.receive_packet(ours)
            assert packet is not None or not data
            for fd in packet[1] if packet else ():
                os.close(fd)
    os.set_blocking(read, False)
    assert os.read(read, 1) == b""  # no writer is left
    os.close(read)


async def converse(stream: list[bytes], hang_up: bool) -> Conversation:
    """A conversation with a peer that says this whatever it hears, then hangs up or falls silent."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    loop = asyncio.get_running_loop()

    async def handler(api: str, args: dict[str, Any]) -> object:
        await asyncio.sleep(0)
        if args.get("k") == 0:
            raise CallFailure("none")
        return [{"text": ""} for _ in args.get("prompts", args.get("passages", "x"))]

    async def peer() -> None:
        for piece in stream:
            await loop.sock_sendall(theirs, piece)
            await asyncio.sleep(0)
        if hang_up:
            theirs.shutdown(socket.SHUT_WR)
        while await loop.sock_recv(theirs, 1 << 16):
            pass

    conversation = Conversation(
        SocketLine(ours), handler, OUTPUT, on_output=lambda _s, _t: None, on_progress=lambda _p: None
    )
    speaking = asyncio.create_task(peer())
    silence = OwnTime(0.05, theirs.close if hang_up else lambda: theirs.shutdown(socket.SHUT_RDWR))
    try:
        async with asyncio.timeout(GUARD):
            done = await conversation.run({"code": "", "number": 1, "history": []}, silence)
    finally:
        silence.stop()
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        conversation.close()
        theirs.close()
    assert done is None or not (conversation.fault or conversation.hung_up)
    assert len(conversation.output) <= OUTPUT + 100
    return conversation


@settings(max_examples=200)
@given(streams, cuts, st.booleans())
def test_a_conversation_ends_and_raises_nothing(data: bytes, cutting: list[int], hang_up: bool) -> None:
    asyncio.run(converse(pieces(data, cutting), hang_up))


def test_calls_without_end_are_a_fault() -> None:
    find = {"type": "call", "id": 1, "api": "find", "args": {"query": "x", "k": 1}}
    conversation = asyncio.run(converse([framed(find) * (MOST_CALLS + 1)], hang_up=True))
    assert f"more than {MOST_CALLS:,} calls" in conversation.fault


async def test_few_replies_wait_for_a_cell_that_takes_none() -> None:
    ours, theirs = socket.socketpair()
    answered = 0

    async def handler(_api: str, _args: dict[str, Any]) -> object:
        nonlocal answered
        answered += 1
        return [{"text": "x" * 2**22}]

    find = {"type": "call", "api": "find", "args": {"query": "x", "k": 1}}
    theirs.sendall(b"".join(framed(find | {"id": number}) for number in range(100)))
    conversation = Conversation(SocketLine(ours), handler, OUTPUT, on_output=None, on_progress=None)
    over = OwnTime(0.2, lambda: theirs.shutdown(socket.SHUT_RDWR))
    async with asyncio.timeout(GUARD):
        assert await conversation.run({"code": "", "number": 1, "history": []}, over) is None
    assert answered == MOST_SEARCHES
    over.stop()
    conversation.close()
    theirs.close()


@pytest.mark.parametrize("value", ["[]", "{}", '""', '"a"', "null", "1"])
def test_a_frame_full_of_small_values_is_refused_unread(value: str) -> None:
    many = protocol.MAX_VALUES + 1
    with pytest.raises(FrameError, match="more than"):
        protocol.loads(f'{{"a":[{",".join([value] * many)}]}}'.encode())
