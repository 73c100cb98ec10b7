"""What the host and the REPL child say to each other; standard library only, used on both sides.

Two kinds of descriptors connect them:

- a *control* socket (``SOCK_SEQPACKET``, one JSON object a packet) for the first process, for each holder of documents
  and for each REPL; that of a REPL starts cells and tells who is its current state. Descriptors of documents and
  channels travel on it, and the kernel tells the host which process sent a packet;
- a *channel* for each cell (a stream of frames) carries its code, output, calls and end. A cell that is
  killed in the middle of a frame spoils its own channel and nothing else.

A frame is the length of its body as four big-endian bytes, then the body, a JSON object.
"""

from __future__ import annotations

import json
import re
import socket
import struct
from array import array
from collections.abc import Iterator
from typing import Any

Message = dict[str, Any]

MAX_FRAME = 64 * 2**20
"""Most bytes of a frame's body; a longer one is refused before it is read."""
LONG = 2**18
"""Bytes of a body from which on reading it takes long enough to be in others' way: `patient`."""
MAX_VALUES = 2**18
"""Most values in a frame: 64 MiB of empty lists or texts of one letter would unpack to gigabytes."""
MAX_PACKET = 128 * 2**10
"""Most bytes of a control packet, below the kernel's default socket buffer of 208 KiB."""
MAX_PACKET_FDS = 32
"""Most descriptors one control packet carries; the kernel would take 253."""
LONGEST_LABEL = 60
"""Most characters of what a cell calls the things whose progress it shows."""
EXIT_MEMORY = 71
"""Exit status of a cell whose process had no memory left to say so."""

_LENGTH = struct.Struct("!I")
_CREDENTIALS = struct.Struct("iII")  # struct ucred: process, user, group
# One that does not end reaches to the end: the search for the next would else begin anew at each of its quotes.
_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


class FrameError(ValueError):
    """The bytes are not a frame, or the frame is too long."""


def dumps(message: Message) -> bytes:
    """The message as ASCII JSON, so that lone surrogates survive the way."""
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def loads(body: bytes | bytearray | memoryview) -> Message:
    """The message that `dumps` wrote.

    Raises:
        FrameError: The body is not a JSON object.
    """
    try:
        text = str(body, "ascii")
        _refuse_bomb(text)
        message = json.loads(text)
    except FrameError:
        raise
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise FrameError("not a JSON object")
    return message


def _refuse_bomb(text: str) -> None:
    """Raise `FrameError` for a JSON text of more than `MAX_VALUES` values, at no cost for one that is short."""
    if len(text) <= MAX_VALUES:
        return
    texts = text.count('"') - text.count(
        '\\"'
    )  # at least one for each: no backslash stands before its beginning
    if texts > 2 * MAX_VALUES:
        refuse(0, texts // 2)
    if _values(text) > MAX_VALUES:
        refuse(0, count_values(text))


def _values(text: str) -> int:
    """At least the number of values: each but the outermost follows one of these marks."""
    return sum(map(text.count, "[{,:"))


def count_values(text: str) -> int:
    """Values in a JSON text but the outermost, as `MAX_VALUES` counts them."""
    return _values(_TEXT.sub("", text))


def refuse(size: int, values: int) -> None:
    """Raise `FrameError` for a body of more bytes or values than may be."""
    if size > MAX_FRAME:
        raise FrameError(f"{size:,} bytes, at most {MAX_FRAME:,} can be sent at once")
    if values > MAX_VALUES:
        raise FrameError(f"more than {MAX_VALUES:,} values, too many to be sent at once")


def head(size: int) -> bytes:
    """What stands before a body of so many bytes."""
    return _LENGTH.pack(size)


def frame(message: Message) -> bytes:
    """The message with its length in front.

    Raises:
        FrameError: It is longer than `MAX_FRAME` or has more than `MAX_VALUES` values.
    """
    body = dumps(message)
    refuse(len(body), 0)
    _refuse_bomb(body.decode("ascii"))
    return head(len(body)) + body


class FrameReader:
    """Cuts a stream of bytes, fed in pieces of any size, into messages."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Every message completed by these bytes, in order; to be taken to the end before more is fed.

        Raises:
            FrameError: A frame, after those given, is too long or not a JSON object; the stream is of no use any more.
        """
        return map(loads, self.cut(data))

    def cut(self, data: bytes) -> Iterator[bytearray | memoryview]:
        """The same, each message still to be read by `loads`; a long one is not copied.

        Raises:
            FrameError: A frame, after those given, is too long.
        """
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            if length > self._limit:
                raise FrameError(f"a frame of {length:,} bytes, at most {self._limit:,} are allowed")
            end = start + _LENGTH.size + length
            if len(self._buffer) < end:
                break
            if length > LONG:
                body = memoryview(self._buffer)[start + _LENGTH.size : end]
                self._buffer, start = self._buffer[end:], 0  # little, as this frame was completed just now
                yield body
                continue
            yield self._buffer[start + _LENGTH.size : end]
            start = end
        del self._buffer[:start]


def sign_packets(control: socket.socket) -> None:
    """Have the kernel say from now on which process sent each packet that arrives here; see `receive_signed`."""
    control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)


def receive_signed(control: socket.socket) -> tuple[Message, list[int], int] | None:
    """The next control packet, its descriptors, and the process that sent it by the kernel's word and in our numbers.

    ``None`` when the other side is gone.

    Raises:
        FrameError: The packet is malformed; its descriptors are closed.
    """
    space = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(4 * MAX_PACKET_FDS)
    data, notes, flags, _address = control.recvmsg(MAX_PACKET, space, socket.MSG_CMSG_CLOEXEC)
    fds, sender = array("i"), 0
    for level, kind, content in notes:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
        elif (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            sender = _CREDENTIALS.unpack(content[: _CREDENTIALS.size])[0]
    if not data and not notes:
        return None
    try:
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise FrameError("a packet longer than any that is sent")
        return loads(data), list(fds), sender
    except FrameError:
        for fd in fds:
            socket.close(fd)
        raise


def send_packet(control: socket.socket, message: Message, fds: list[int] | None = None) -> None:
    """Send one control packet, with descriptors for the other side if there are any."""
    socket.send_fds(control, [dumps(message)], fds or [])


def receive_packet(control: socket.socket) -> tuple[Message, list[int]] | None:
    """The next control packet and the descriptors it brought; ``None`` when the other side is gone.

    Raises:
        FrameError: The packet is malformed; its descriptors are closed.
    """
    data, fds, _flags, _address = socket.recv_fds(control, MAX_PACKET, MAX_PACKET_FDS)
    if not data and not fds:
        return None
    try:
        return loads(data), fds
    except FrameError:
        for fd in fds:
            socket.close(fd)
        raise
