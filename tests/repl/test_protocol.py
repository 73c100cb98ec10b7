from __future__ import annotations

import contextlib
import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.repl import protocol

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
messages = st.dictionaries(st.text(), values)


@given(st.lists(messages, max_size=5), st.lists(st.integers(1, 40), min_size=1))
def test_frames_survive_any_cutting(sent: list[protocol.Message], cuts: list[int]) -> None:
    stream = b"".join(map(protocol.frame, sent))
    reader = protocol.FrameReader()
    received = []
    at = 0
    while at < len(stream):
        step = cuts[at % len(cuts)]
        received += reader.feed(stream[at : at + step])
        at += step
    assert received == sent


def test_lone_surrogates_survive() -> None:
    message = {"text": "\ud800 and \udcff"}
    assert list(protocol.FrameReader().feed(protocol.frame(message))) == [message]


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_a_frame_error(data: bytes) -> None:
    reader = protocol.FrameReader(limit=100)
    with contextlib.suppress(protocol.FrameError):
        assert all(isinstance(message, dict) for message in reader.feed(data))


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b'"x"', b"{", b"\xff", b"[" * 100_000, b"{} {}"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(protocol.FrameError):
        list(protocol.FrameReader().feed(len(body).to_bytes(4, "big") + body))


@pytest.mark.parametrize("end", ["", "\\", "\\\n"])
def test_a_text_without_an_end_is_looked_through_once(end: str) -> None:
    quotes = '\\"' * 2**22  # once for each of them would take an hour
    with pytest.raises(protocol.FrameError, match="more than"):
        protocol.loads(f"{',' * (protocol.MAX_VALUES + 1)}{quotes}{end}".encode())


def test_an_oversized_frame_is_refused_before_it_is_read() -> None:
    with pytest.raises(protocol.FrameError, match="at most"):
        next(protocol.FrameReader().feed((protocol.MAX_FRAME + 1).to_bytes(4, "big")))


def test_what_stands_before_nonsense_is_delivered() -> None:
    messages = protocol.FrameReader().feed(protocol.frame({"a": 1}) + b"\xff" * 4)
    assert next(messages) == {"a": 1}
    with pytest.raises(protocol.FrameError):
        next(messages)


def test_a_message_too_long_to_send_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_FRAME", 20)
    with pytest.raises(protocol.FrameError, match="at most 20"):
        protocol.frame({"text": "x" * 20})


def test_packets_carry_descriptors() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        read, write = os.pipe()
        protocol.send_packet(ours, {"a": 1}, [write])
        os.close(write)
        packet = protocol.receive_packet(theirs)
        assert packet is not None
        message, fds = packet
        assert message == {"a": 1}
        os.write(fds[0], b"through")
        assert os.read(read, 10) == b"through"
        os.close(fds[0])
        os.close(read)
        ours.close()
        assert protocol.receive_packet(theirs) is None


def test_descriptors_of_a_malformed_packet_are_closed() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    read, write = os.pipe()
    with ours, theirs:
        socket.send_fds(ours, [b"nonsense"], [write])
        os.close(write)
        with pytest.raises(protocol.FrameError):
            protocol.receive_packet(theirs)
    assert os.read(read, 1) == b""  # no writer is left
    os.close(read)
