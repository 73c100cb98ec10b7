"""The host's end of a cell's channel: bytes both ways, and files from the child."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections import deque
from collections.abc import Awaitable, Sequence
from typing import Protocol

from rlm_desktop.repl.handover import UNREAD
from rlm_desktop.repl.protocol import FrameError


class Line(Protocol):
    """The host's end of a channel: a socket of the cell's own, or its turn on a pipe."""

    def receive(self) -> Awaitable[bytes]:
        """Some bytes of the child; empty when it has hung up."""

    def take_file(self) -> int | None:
        """The descriptor that came first of those that were not taken; if any did."""

    def send(self, pieces: Sequence[bytes], /) -> Awaitable[None]:
        """Send all bytes of all of them; raises `OSError` when nobody is there any more."""

    def close(self) -> None:
        """Hang up."""


class SocketLine:
    """A channel with a stream socket of its own."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._files: deque[int] = deque()

    async def receive(self) -> bytes:
        """Some bytes of the child; the files that came with them wait for `take_file`.

        Raises:
            FrameError: More files come than an honest child sends, or something that is none.
        """
        while True:
            try:
                data, fds, _flags, _address = socket.recv_fds(
                    self._connection, 1 << 18, UNREAD, socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                await self._readable()
                continue
            self._files.extend(fds)
            if len(self._files) > UNREAD:
                raise FrameError(f"more than {UNREAD} files at a time")
            if not all(stat.S_ISREG(os.fstat(fd).st_mode) for fd in fds):
                raise FrameError("what came with a message is no file")
            return data

    async def _readable(self) -> None:
        something = asyncio.Event()
        self._loop.add_reader(self._connection, something.set)
        try:
            await something.wait()
        finally:
            self._loop.remove_reader(self._connection)

    def take_file(self) -> int | None:
        """The descriptor that came first of those that were not taken."""
        return self._files.popleft() if self._files else None

    async def send(self, pieces: Sequence[bytes]) -> None:
        """Send all bytes of all of them."""
        for piece in pieces:
            await self._loop.sock_sendall(self._connection, piece)

    def close(self) -> None:
        """Hang up."""
        while (fd := self.take_file()) is not None:
            os.close(fd)
        self._connection.close()
