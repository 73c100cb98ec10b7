"""Long messages read little by little: as `protocol.loads` reads them, and in nobody's way."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rlm_desktop.repl import conversation, patient, protocol
from rlm_desktop.repl.conversation import MOST_TEXTS, Conversation
from rlm_desktop.repl.line import SocketLine
from rlm_desktop.repl.own_time import OwnTime
from rlm_desktop.repl.protocol import FrameError, FrameReader
from tests.repl.conftest import GUARD

texts = st.text(st.characters()) | st.text(st.sampled_from('a"\\/\n\0é\ud83d\ude00\U0001f600u'), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**90), 10**90) | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=12,
)


@given(
    st.dictionaries(
        texts, values.filter(lambda value: "NaN" not in (s := json.dumps(value)) and "Inf" not in s)
    )
)
@example({"long": "\U0001f600\ud83d" * 3000 + "a" * 5000})
def test_it_reads_what_is_written(message: protocol.Message) -> None:
    body = protocol.dumps(message)
    assert patient.loads(body) == protocol.loads(body)


@given(st.dictionaries(texts, values), st.binary(max_size=4), st.integers(0), st.integers(0, 4))
def test_a_spoilt_one_is_read_alike_or_refused(
    message: protocol.Message, noise: bytes, at: int, cut: int
) -> None:
    body = protocol.dumps(message)
    at %= len(body)
    spoilt = body[:at] + noise + body[at + cut :]
    try:
        read = patient.loads(memoryview(spoilt))
    except FrameError:
        return
    assert json.dumps(read) == json.dumps(protocol.loads(spoilt))


@given(st.dictionaries(texts, values, max_size=6), st.integers(0, 20))
def test_it_counts_values_as_the_other_does(message: protocol.Message, most: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(protocol, "MAX_VALUES", most)
        body = protocol.dumps(message)
        count = sum(map(protocol._TEXT.sub("", body.decode()).count, "[{,:"))
        if count > most:
            with pytest.raises(FrameError, match=r"more than|nothing that can be read"):
                patient.loads(body)
        elif b"NaN" not in body and b"Infinity" not in body:
            patient.loads(body)


NONSENSE = (
    *(b"", b"[]", b"1", b'"x"', b"{", b"{}x", b"{} {}", b"\xff", b"[" * 100_000),
    *(b'{"a":"', b'{"a":"\\u12"}', b'{"a":"\n"}', b'{"a":"\xff"}', b'{"a",1}'),
    *(b'{"a":1' + b"0" * 100 + b"}", b'{"a":01}', b'{"a":nul}'),
)


@pytest.mark.parametrize("body", NONSENSE)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError):
        patient.loads(body)


async def conversed(
    stream: bytes, monkeypatch: pytest.MonkeyPatch
) -> tuple[Conversation, list[str], list[str]]:
    """A conversation with a cell that sends this, hears what there is to hear and hangs up; calls and printed texts."""
    monkeypatch.setattr(conversation, "LONG", 1000)
    monkeypatch.setattr(protocol, "LONG", 1000)
    ours, theirs = socket.socketpair()
    heard: list[str] = []
    asked: list[str] = []

    async def handler(api: str, args: dict[str, Any]) -> object:
        asked.append(args["prompts"][0][:1])
        return [{"text": ""} for _ in args["prompts"]]

    def speak() -> None:
        theirs.sendall(stream)
        theirs.shutdown(socket.SHUT_WR)
        while theirs.recv(1 << 16):
            pass

    cell = Conversation(
        SocketLine(ours), handler, 10**6, on_output=lambda _, text: heard.append(text[:1]), on_progress=None
    )
    speaker = threading.Thread(target=speak)
    speaker.start()
    time = OwnTime(GUARD, lambda: theirs.shutdown(socket.SHUT_RDWR))
    async with asyncio.timeout(GUARD):
        await cell.run({}, time)
    time.stop()
    cell.close()
    speaker.join()
    theirs.close()
    return cell, asked, heard


def printed(text: str) -> bytes:
    return protocol.frame({"type": "output", "stream": "stdout", "text": text})


def call(number: int, prompts: list[str]) -> bytes:
    args = {"prompts": prompts, "model": None, "batched": True}
    return protocol.frame({"type": "call", "id": number, "api": "llm_query", "args": args})


async def test_long_messages_keep_their_order_and_are_read_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = []
    loads = patient.loads

    def noticed(body: memoryview) -> protocol.Message:
        readers.append(threading.current_thread())
        return loads(body)

    monkeypatch.setattr(patient, "loads", noticed)
    stream = [
        printed(f"{mark}{'x' * size}")
        for mark, size in zip("abcdef", [0, 5000, 1, 300_000, 900, 1000], strict=True)
    ]
    _, _, heard = await conversed(b"".join(stream), monkeypatch)
    assert heard == list("abcdef")
    assert len(readers) == 3
    assert threading.main_thread() not in readers


async def test_too_many_texts_are_refused_and_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = call(1, ["a"] * (MOST_TEXTS + 1)) + call(2, ["b"] * MOST_TEXTS)
    cell, asked, _ = await conversed(stream, monkeypatch)
    assert asked == ["b"]
    assert cell.failed_calls == MOST_TEXTS + 1


def test_a_long_frame_is_not_copied_and_those_around_it_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LONG", 100)
    messages = [{"a": "x" * size} for size in (1, 200, 2, 300, 3)]
    stream = b"".join(map(protocol.frame, messages))
    reader = FrameReader()
    whole = list(reader.cut(stream[:-2]))
    assert [type(body) for body in whole] == [bytearray, memoryview, bytearray, memoryview]
    whole += reader.cut(stream[-2:])
    assert list(map(protocol.loads, whole)) == messages
