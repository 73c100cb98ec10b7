"""Put the lines of a byte stream together again, however the pipe cut them."""

from __future__ import annotations

LONGEST = 1 << 20
"""Bytes of the longest line the protocol allows."""


class LineTooLongError(Exception):
    """The other side sent more than `LONGEST` bytes without an end of line."""


class LineReader:
    """Collects bytes and hands out whole lines."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._pieces: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take in the next bytes.

        Returns:
            The lines they complete, without their ends; empty lines are left out.

        Raises:
            LineTooLongError: A line is longer than allowed.
        """
        *whole, rest = data.split(b"\n")
        lines: list[bytes] = []
        for piece in whole:
            line = b"".join((*self._pieces, piece))
            self._pieces, self._held = [], 0
            self._check(len(line))
            if line:
                lines.append(line)
        if rest:
            self._pieces.append(rest)
            self._held += len(rest)
            self._check(self._held)
        return lines

    def _check(self, length: int) -> None:
        if length > self._longest:
            raise LineTooLongError(f"The engine sent a line of {length:,} bytes.")
