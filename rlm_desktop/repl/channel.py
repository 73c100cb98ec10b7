"""The child's end of a cell's channel: what it prints, and the calls the host answers."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from typing import Any, Protocol

from rlm_desktop.repl.api import CallError
from rlm_desktop.repl.handover import Shelf, is_long
from rlm_desktop.repl.protocol import FrameError, FrameReader, Message, frame
from rlm_desktop.repl.threads import Threads

_PIECE = 64 * 1024
"""Most characters of output in one frame."""
_PROMPT = 500
"""So many writes of a cell are sent at once; a cell that prints more has them gathered."""
_LINE = 4096
"""Characters of a line that a thread may keep to itself until the line is ended."""
_GATHER = 0.02
"""Seconds for which they are gathered."""


class Connection(Protocol):
    """What a channel goes through: a socket of its own, or its turn on a pipe."""

    def receive(self) -> list[Message]:
        """Wait for messages of the host; raises `ConnectionError` when there will be none."""

    def sendall(self, data: bytes, /) -> None:
        """Send frames; raises `OSError` after `close`."""

    def close(self) -> None:
        """Hang up."""


class SocketConnection:
    """A channel with a stream socket of its own."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = FrameReader()
        self.sendall, self.close = connection.sendall, connection.close

    def receive(self) -> list[Message]:
        """The messages that were completed by what came."""
        data = self._connection.recv(1 << 16)
        if not data:
            raise ConnectionError("the cell has ended")
        return list(self._reader.feed(data))


class Channel:
    """One cell's connection to the host, used by all of the cell's threads.

    Args:
        connection: What it goes through.
        output_chars: Characters of output to send; what is printed beyond is only counted.
        shelf: Where long contexts are put for the host, if files can be handed over.
    """

    def __init__(self, connection: Connection, output_chars: int, shelf: Shelf | None = None) -> None:
        self._connection = connection
        self._shelf = shelf
        self._room = output_chars
        self.dropped = 0
        self._sending = threading.RLock()
        self._turn = threading.Condition()
        self._someone_reads = False
        self._replies: dict[int, Message] = {}
        self._calls = 0
        self._pending: list[str] = []
        self._pending_chars = 0
        self._stream = "stdout"
        self._writes = 0
        self._flushed = time.monotonic()

    def send(self, message: Message, fd: int | None = None) -> None:
        """Send one frame after everything printed so far, and a descriptor with it if there is one.

        Raises:
            FrameError: The message is too long.
        """
        data = frame(message)
        with self._sending:
            self.flush()
            if fd is not None and self._shelf:
                self._shelf.send(data, fd)
            else:
                self._connection.sendall(data)

    def receive(self) -> Message:
        """The next frame from the host; only for the cell's code, before anything is called."""
        while not (messages := self._connection.receive()):
            pass
        return messages[0]

    def write(self, stream: str, text: str) -> None:
        """Send printed text, gathering it when there is much of it."""
        with self._sending:
            if stream != self._stream:
                self.flush()
                self._stream = stream
            kept = text[: self._room]
            self._room -= len(kept)
            self.dropped += len(text) - len(kept)
            if kept:
                self._pending.append(kept)
                self._pending_chars += len(kept)
            self._writes += 1
            prompt = kept.endswith("\n") and self._writes < _PROMPT
            if prompt or self._pending_chars > _PIECE or time.monotonic() - self._flushed > _GATHER:
                self.flush()

    def flush(self) -> None:
        """Send the printed text gathered so far."""
        with self._sending:
            text = "".join(self._pending)
            self._pending.clear()
            self._pending_chars = 0
            for at in range(0, len(text), _PIECE):
                self._connection.sendall(
                    frame({"type": "output", "stream": self._stream, "text": text[at : at + _PIECE]})
                )
            self._flushed = time.monotonic()

    def call(self, api: str, args: dict[str, Any]) -> Any:
        """Ask the host and wait for its result.

        Raises:
            CallError: It could not do it, or the question is too long to be sent.
        """
        if self._shelf is None or not is_long(args.get("contexts") or ()):
            return self._ask(api, args, None)
        with self._shelf.room:
            fd, described = self._shelf.write(args["contexts"]) or (None, args["contexts"])
            return self._ask(api, args | {"contexts": described}, fd)

    def _ask(self, api: str, args: dict[str, Any], fd: int | None) -> Any:
        """Ask with a file or without, which is closed as soon as it is on its way."""
        with self._turn:
            self._calls += 1
            number = self._calls
        try:
            self.send({"type": "call", "id": number, "api": api, "args": args}, fd)
        except FrameError as error:
            raise CallError(f"this is too much for one call ({error}); make several") from error
        finally:
            if fd is not None:
                os.close(fd)
        reply = self._wait(number)
        if "failure" in reply:
            raise CallError(reply["failure"])
        return reply["value"]

    def _wait(self, number: int) -> Message:
        """The reply to one call. One of the waiting threads reads for all of them."""
        with self._turn:
            while number not in self._replies:
                if self._someone_reads:
                    self._turn.wait()
                    continue
                self._someone_reads = True
                self._turn.release()
                replies: list[Message] = []
                try:
                    replies = self._connection.receive()
                finally:
                    self._turn.acquire()
                    self._someone_reads = False
                    self._replies.update((reply["id"], reply) for reply in replies)
                    self._turn.notify_all()
            return self._replies.pop(number)

    def finish(self, message: Message) -> None:
        """Send the last frame and hang up; threads a cell has left behind print into nothing from now on."""
        with self._sending:
            self.send(message)
            self._connection.close()


class Printed(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of the cells: hands what is written to the channel of the running cell."""

    encoding = "utf-8"
    errors = "strict"
    channel: Channel | None = None

    def __init__(self, stream: str, threads: Threads) -> None:
        self._name = stream
        self._threads = threads
        self._begun: dict[int, str] = {}

    def write(self, text: str) -> int:
        """Print a text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        channel = Printed.channel
        if channel is not None:
            lines = self._whole_lines(text) if self._threads.count or self._begun else text
            if lines:
                channel.write(self._name, lines)
        return len(text)

    def _whole_lines(self, text: str) -> str:
        """What of a text can be sent so that the lines of several threads do not mix."""
        if not self._threads.count:  # the threads that began them have ended
            text = "".join(self._begun.values()) + text
            self._begun.clear()
            return text
        me = threading.get_ident()
        text = self._begun.pop(me, "") + text
        end = text.rfind("\n") + 1
        if len(text) - end > _LINE:
            return text
        if end < len(text):
            self._begun[me] = text[end:]
        return text[:end]

    def flush(self) -> None:
        """Send what was gathered."""
        if Printed.channel is not None:
            if begun := self._begun.pop(threading.get_ident(), ""):
                Printed.channel.write(self._name, begun)
            Printed.channel.flush()

    def finish(self) -> None:
        """Send the lines that nobody has ended."""
        begun = "".join(list(self._begun.values()))
        self._begun.clear()
        if begun and Printed.channel is not None:
            Printed.channel.write(self._name, begun)

    def writable(self) -> bool:
        """Always."""
        return True
