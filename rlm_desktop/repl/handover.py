"""Long texts handed to the host in a file without a name instead of a message; standard library only."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
import threading
from collections.abc import Sequence
from typing import Any

INLINE = 256 * 1024
"""Characters of contexts that a message may hold; more go into a file, if the channel takes one."""
LARGEST = 512 * 2**20
"""Bytes of one file."""
UNREAD = 16
"""Files that may wait for the host."""
_PIECE = 1 << 20
Contexts = Sequence["str | list[str] | None"]


class HandoverError(Exception):
    """What was handed over is not what was said."""


class Shelf:
    """Where a cell puts texts for the host.

    Args:
        connection: Its channel.
        folder: The scratch folder.

    Attributes:
        room: Held for each file that the host has not answered.
    """

    def __init__(self, connection: socket.socket, folder: str) -> None:
        self._connection = connection
        self._folder = folder
        self.room = threading.Semaphore(UNREAD)

    def write(self, contexts: Contexts) -> tuple[int, list[Any]] | None:
        """The descriptor of a file with these texts, and what to send in their place; ``None`` if they do not fit."""
        try:
            with tempfile.TemporaryFile(dir=self._folder, buffering=0) as file:
                described = [self._described(context, file.fileno()) for context in contexts]
                if os.fstat(file.fileno()).st_size <= LARGEST:
                    return os.dup(file.fileno()), described
        except OSError:  # the folder is full: a message may still be long enough
            pass
        return None

    def send(self, data: bytes, fd: int) -> None:
        """Send a message whose first bytes bring a file."""
        sent = socket.send_fds(self._connection, [data], [fd])
        self._connection.sendall(data[sent:])

    def _described(self, context: str | list[str] | None, fd: int) -> Any:
        if context is None:
            return None
        texts = [context] if isinstance(context, str) else context
        return {"sizes": [_write(fd, text) for text in texts], "several": isinstance(context, list)}


def _write(fd: int, text: str) -> int:
    """Write a text piece by piece; returns its bytes."""
    size = 0
    for at in range(0, len(text), _PIECE):
        left = memoryview(text[at : at + _PIECE].encode("utf-8", "surrogatepass"))
        size += len(left)
        while left:
            left = left[os.write(fd, left) :]
    return size


def is_long(contexts: Contexts) -> bool:
    """Whether these contexts are better handed over in a file."""
    texts = [text for one in contexts for text in ([one] if isinstance(one, str) else one or ())]
    return sum(map(len, texts)) > INLINE


def read(fd: int, described: Sequence[tuple[Sequence[int], bool] | None]) -> list[str | list[str] | None]:
    """The texts of a file that a child handed over, which may be anything and may change meanwhile.

    Args:
        fd: The file; it is closed.
        described: For each context the bytes of its texts, and whether it is a list.

    Raises:
        HandoverError: It is no such file.
    """
    at = 0
    contexts: list[str | list[str] | None] = []
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            raise HandoverError("it is no file of a size that may be")
        for one in described:
            texts = []
            for size in one[0] if one else ():
                texts.append(_text(fd, at, size))
                at += size
            contexts.append(None if one is None else texts if one[1] else "".join(texts))
    except (OSError, UnicodeDecodeError) as error:
        raise HandoverError(str(error)) from error
    finally:
        os.close(fd)
    return contexts


def _text(fd: int, at: int, size: int) -> str:
    data = bytearray()
    while len(data) < size:
        piece = os.pread(fd, min(size - len(data), _PIECE), at + len(data))
        if not piece:
            raise HandoverError("it is shorter than was said")
        data += piece
    return data.decode("utf-8", "surrogatepass")
