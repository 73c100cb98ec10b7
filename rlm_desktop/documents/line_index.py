r"""Page through the lines of a file of any size without holding it.

A line ends at ``\n``; a ``\r`` before it is not part of the line. Only every 256th line's offset is kept
(0.03 bytes a line), and the file is read with pread: a file truncated meanwhile under an mmap is a SIGBUS.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np

from rlm_desktop.documents.text import unreadable
from rlm_desktop.errors import UserError

STRIDE = 256
MAX_CHARS = 5000
_CHUNK = 1024 * 1024
_PAGE_CHUNK = 64 * 1024
_WHOLE_LIMIT = 256 * 1024 * 1024
_STATEFUL = ("utf_7", "utf-7", "iso2022", "hz")


class Lines(msgspec.Struct, frozen=True):
    """Some lines of a file, without their ends, and how many lines there are in all.

    Attributes:
        size: Of the file, in bytes.
        mtime: When it was last written to, in ns since 1970.
    """

    lines: tuple[str, ...]
    total: int
    size: int
    mtime: int


class _Index(msgspec.Struct, frozen=True):
    offsets: array[int]
    total: int


def read_lines(path: str, encoding: str, first: int, count: int, max_chars: int = MAX_CHARS) -> Lines:
    """Lines `first` (from 1) to ``first + count - 1``, those that exist, each clipped to `max_chars`.

    Raises:
        UserError: The file has gone, or its encoding must be decoded whole and it is over 256 MiB.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not _has_byte_newlines(encoding):
                return _page_of_decoded(path, status, encoding, first, count, max_chars)
            index = _index(path, status.st_size, status.st_mtime_ns)
            raw = _raw_lines(descriptor, index, first, count, max_chars * 4 + 4)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unreadable(path, error) from error
    text = tuple(line.decode(encoding, "replace")[:max_chars] for line in raw)
    return Lines(text, index.total, status.st_size, status.st_mtime_ns)


def _has_byte_newlines(encoding: str) -> bool:
    """Whether the byte 0x0A is a newline wherever it stands, so that lines can be cut undecoded."""
    return encoding == "utf-8-sig" or ("\n".encode(encoding) == b"\n" and not encoding.startswith(_STATEFUL))


@lru_cache(maxsize=16)
def _index(path: str, size: int, mtime: int) -> _Index:  # noqa: ARG001 - size and mtime are the cache's key
    offsets = array("Q", [0])
    newlines, position, last = 0, 0, b"\n"
    with Path(path).open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == 10)
            chosen = ends[STRIDE - 1 - newlines % STRIDE :: STRIDE] + (position + 1)
            offsets.frombytes(chosen.astype(np.uint64).tobytes())
            newlines += len(ends)
            position += len(chunk)
            last = chunk[-1:]
    return _Index(offsets, newlines + (last != b"\n"))


def _raw_lines(descriptor: int, index: _Index, first: int, count: int, limit: int) -> list[bytes]:
    first = max(first, 1)
    count = min(count, index.total - first + 1)
    if count <= 0:
        return []
    to_skip = (first - 1) % STRIDE
    lines = _split(descriptor, index.offsets[(first - 1) // STRIDE], limit)
    wanted: list[bytes] = []
    for number, line in enumerate(lines):
        if number >= to_skip:
            wanted.append(line)
        if len(wanted) == count:
            break
    return wanted


def _split(descriptor: int, offset: int, limit: int) -> Iterator[bytes]:
    """Lines from an offset on, of each no more than about `limit` bytes."""
    kept = b""
    while chunk := os.pread(descriptor, _PAGE_CHUNK, offset):
        offset += len(chunk)
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            line = (kept + piece)[: limit + 1] if kept else piece
            yield line.removesuffix(b"\r")[:limit]
            kept = b""
        kept += rest[: max(0, limit + 1 - len(kept))]
    if kept:
        yield kept[:limit]


def _page_of_decoded(  # noqa: PLR0917 - private, called once
    path: str, status: os.stat_result, encoding: str, first: int, count: int, max_chars: int
) -> Lines:
    if status.st_size > _WHOLE_LIMIT:
        raise UserError(f"{path} is in {encoding} and too large to page through.", "Convert it to UTF-8.")
    lines = _decoded(path, encoding, status.st_size, status.st_mtime_ns)
    page = lines[max(first, 1) - 1 :][: max(count, 0)]
    return Lines(tuple(line[:max_chars] for line in page), len(lines), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=2)
def _decoded(path: str, encoding: str, size: int, mtime: int) -> tuple[str, ...]:  # noqa: ARG001 - cache key
    *lines, rest = Path(path).read_bytes().decode(encoding, "replace").split("\n")
    ended = tuple(line.removesuffix("\r") for line in lines)
    return (*ended, rest) if rest else ended
