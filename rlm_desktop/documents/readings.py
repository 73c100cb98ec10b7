r"""A text as it stands, and as it was before `repr` or JSON spelled its line breaks and quotes as ``\n`` and ``\'``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

SEPARATOR = b"\xff"
"""Never occurs in UTF-8, so nothing that stands in a corpus runs over it."""
_ESCAPE = re.compile(
    rb"\\(?:([nrt'\"\\/])|x([0-9a-f]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"  # the others are no text
)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class Readings:
    """Several texts in one piece of memory, each as it stands and, if it has escapes, also without.

    Args:
        texts: The texts.

    Attributes:
        data: All readings of all texts, a separator after each.
        places: For every byte of the data the byte it came from, that is of the text as it stands; for the separator
            after a reading the end of the text.
        bounds: First byte of each text, and byte after its last, as it stands.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        data = bytearray()
        places: list[NDArray[np.int64]] = []
        self.bounds: list[tuple[int, int]] = []
        for text in texts:
            raw = text.encode("utf-8", "surrogatepass")
            start = len(data)
            self.bounds.append((start, start + len(raw)))
            data += raw + SEPARATOR
            places.append(np.arange(start, len(data), dtype=np.int64))
            if b"\\" in raw and _ESCAPE.search(raw):
                plain, origin = _unescaped(raw)
                data += plain + SEPARATOR
                places.append(origin + start)
        self.data = bytes(data)
        self.places = np.concatenate(places) if places else np.zeros(0, np.int64)

    def within(self, byte: int, start: int, end: int) -> int:
        """Where a byte of a text as it stands is, in the piece ``[start, end)`` of one of its readings."""
        if self.places[start] == start:
            return byte
        return start + int(np.searchsorted(self.places[start:end], byte))


def _unescaped(raw: bytes) -> tuple[bytes, NDArray[np.int64]]:
    """The text without escapes, and for each of its bytes, and its end, the byte it came from."""
    pieces: list[bytes] = []
    origins: list[NDArray[np.int64]] = []
    for start, piece, plain in _spelled(raw):
        pieces.append(plain)
        exact = piece == plain
        origins.append(np.arange(start, start + len(plain)) if exact else np.full(len(plain), start))
    origins.append(np.array([len(raw)]))
    return b"".join(pieces), np.concatenate(origins).astype(np.int64)


def _spelled(raw: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Pieces of a text in order: where, how it is spelled, what it stands for."""
    last = 0
    for match in _ESCAPE.finditer(raw):
        yield last, (piece := raw[last : match.start()]), piece
        short, *numbers = match.groups()
        if short:
            plain = _PLAIN.get(short, short)
        else:
            number = min(int(next(filter(None, numbers)), 16), 0x10FFFF)
            plain = chr(number).encode("utf-8", "surrogatepass")
        yield match.start(), match.group(), plain
        last = match.end()
    yield last, (piece := raw[last:]), piece
