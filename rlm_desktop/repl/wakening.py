"""What wakes a loop of asyncio where no process may make sockets; standard library only.

A pair of sockets of its own is where a cell could leave descriptors under way: they count against every process of the
user, whose own would be refused, and what they hold is nowhere to be seen.
"""

from __future__ import annotations

import os
import socket


class _End:
    """One end of a pipe, with what asyncio asks of a socket."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        return self._fd

    def setblocking(self, flag: bool) -> None:
        os.set_blocking(self._fd, flag)

    def recv(self, size: int) -> bytes:
        return os.read(self._fd, size)

    def send(self, data: bytes) -> int:
        return os.write(self._fd, data)

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close


def _pair(*_kind: object) -> tuple[_End, _End]:
    """Two ends, of which the second sends and the first receives, as those of asyncio do."""
    receiving, sending = os.pipe()
    return _End(receiving), _End(sending)


def install() -> None:
    """Give pipes to whoever asks for a pair of sockets."""
    socket.socketpair = _pair  # type: ignore[assignment]
