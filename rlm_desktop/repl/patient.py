"""Read a long message little by little, so that other threads can go on meanwhile.

``json.loads`` keeps the interpreter to itself until it is through: half a second for 64 MiB, and seconds if they are one
number after the other. Here no single step takes longer than some milliseconds. It is ten times slower in all.
"""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from rlm_desktop.repl import protocol
from rlm_desktop.repl.protocol import FrameError, Message

# At most 1 MiB of a text, cut between characters: a pair of escapes may stand for one.
_PIECE = re.compile(
    rb'(?:[^"\\]{1,4096}+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?:u.{4}|.)){1,256}+',
    re.DOTALL,
)
# No number of ours has a tenth of these digits.
_ATOM = re.compile(rb"null|true|false|(-?(?:0|[1-9]\d{0,99}+))(\.\d{1,99}+)?([eE][-+]?\d{1,4}+)?")
_CONSTANTS = {b"null": None, b"true": True, b"false": False}


def loads(body: bytes | bytearray | memoryview) -> Message:
    """The message that `protocol.dumps` wrote; JSON written in another way is refused, as is a number of 100 digits.

    Raises:
        FrameError: The body is not such an object, or has too many values.
    """
    try:
        message, end = _Reader(body).value(0)
    except FrameError:
        raise
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {error}") from error
    if end < len(body):
        raise FrameError("not JSON: there is more than one value")
    if not isinstance(message, dict):
        raise FrameError("not a JSON object")
    return message


class _Reader:
    """Reads one body. Each method takes where something begins and gives it and where it ends."""

    def __init__(self, body: bytes | bytearray | memoryview) -> None:
        self._body = body
        self._room = protocol.MAX_VALUES

    def value(self, at: int) -> tuple[Any, int]:
        match self._mark(at):
            case b'"':
                return self._text(at + 1)
            case b"[":
                return self._list(at + 1)
            case b"{":
                return self._object(at + 1)
        atom = _ATOM.match(self._body, at)
        if atom is None or (atom.end() < len(self._body) and self._mark(atom.end()) not in b",]}"):
            raise FrameError(f"not JSON: nothing that can be read at byte {at:,}")
        whole, fraction, exponent = atom.groups()
        if whole is None:
            return _CONSTANTS[atom.group()], atom.end()
        return (float if fraction or exponent else int)(atom.group()), atom.end()

    def _list(self, at: int) -> tuple[list[Any], int]:
        self._count()
        values: list[Any] = []
        if self._mark(at) == b"]":
            return values, at + 1
        while True:
            value, at = self.value(at)
            values.append(value)
            if self._ends(at, b"]"):
                return values, at + 1
            at += 1

    def _object(self, at: int) -> tuple[dict[str, Any], int]:
        self._count()
        values: dict[str, Any] = {}
        if self._mark(at) == b"}":
            return values, at + 1
        while True:
            self._expect(at, b'"')
            name, at = self._text(at + 1)
            self._expect(at, b":")
            self._count()
            values[name], at = self.value(at + 1)
            if self._ends(at, b"}"):
                return values, at + 1
            at += 1

    def _text(self, at: int) -> tuple[str, int]:
        text = ""
        while piece := _PIECE.match(self._body, at):
            text += scanstring(piece.group().decode("ascii") + '"', 0)[
                0
            ]  # in place: to join 60 MB takes 0.1 s
            at = piece.end()
        self._expect(at, b'"')
        return text, at + 1

    def _ends(self, at: int, mark: bytes) -> bool:
        """Whether the values end here; else another follows."""
        if self._mark(at) == mark:
            return True
        self._expect(at, b",")
        self._count()
        return False

    def _expect(self, at: int, mark: bytes) -> None:
        if self._mark(at) != mark:
            raise FrameError(f"not JSON: no {mark.decode()} at byte {at:,}")

    def _mark(self, at: int) -> bytes:
        return bytes(self._body[at : at + 1])

    def _count(self) -> None:
        """One more value; as many as `protocol.loads` counts."""
        self._room -= 1
        if self._room < 0:
            raise FrameError(f"more than {protocol.MAX_VALUES:,} values, too many to be sent at once")
