"""Is a file text, and in which encoding? Decided on three samples, never on the whole file."""

from __future__ import annotations

import codecs
import os
import re

import msgspec
from charset_normalizer import from_bytes

SAMPLE = 64 * 1024
"""Bytes looked at in the head, the middle and the tail of a file."""

_BOMS = (  # the longer first: the UTF-16 mark begins the UTF-32 one
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program or library"),
    (b"\xca\xfe\xba\xbe", "a program or library"),
    (b"\xcf\xfa\xed\xfe", "a program or library"),
    (b"!<arch>\n", "a program library"),
    (b"\x00asm", "a WebAssembly module"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"OggS", "an Ogg recording"),
    (b"ID3", "an MP3 recording"),
    (b"GGUF", "a GGUF model"),
)
_CONTROL = re.compile(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")
_MOSTLY = 0.02
"""Share of control characters in a text, or of broken sequences in UTF-8, that is still a slip."""
_FEW = 8
"""Non-ASCII bytes too few for a statistical guess; cp1252 is then by far the likeliest."""
_GUESS = 16 * 1024
"""Bytes given to charset-normalizer, whose time grows with their number."""


class NotTextError(Exception):
    """The file is binary; the message says what it looks like."""


class Samples(msgspec.Struct, frozen=True):
    """Bytes from the head, middle and tail of a file; a small file is all head."""

    head: bytes
    middle: bytes = b""
    tail: bytes = b""


def sample(descriptor: int, size: int) -> Samples:
    """Read the three samples of an open file of `size` bytes."""
    if size <= 3 * SAMPLE:
        return Samples(os.pread(descriptor, size, 0))
    return Samples(
        os.pread(descriptor, SAMPLE, 0),
        os.pread(descriptor, SAMPLE, size // 2),
        os.pread(descriptor, SAMPLE, size - SAMPLE),
    )


def encoding_of(samples: Samples) -> str:
    """Name of the Python codec that reads the file and drops its byte order mark.

    Raises:
        NotTextError: The bytes are not text in any encoding.
    """
    head = samples.head
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            raise NotTextError(kind)
    joined = head + samples.middle + samples.tail
    if b"\x00" in joined:
        return _without_mark(head)
    if len(_CONTROL.findall(joined)) > _MOSTLY * len(joined):
        raise NotTextError("control characters")
    if joined.isascii() or _is_utf8(samples):
        return "utf-8"
    return _legacy(joined)


def _without_mark(head: bytes) -> str:
    """UTF-16 without a mark shows in Western text as a NUL in every other byte."""
    even, odd = head[::2], head[1::2]
    if odd.count(0) > len(odd) // 2 and not even.count(0):
        return "utf-16-le"
    if even.count(0) > len(even) // 2 and not odd.count(0):
        return "utf-16-be"
    raise NotTextError("NUL bytes")


def _is_utf8(samples: Samples) -> bool:
    """Whether the samples are UTF-8, but for cut edges and the odd broken sequence."""
    broken = wide = 0
    for piece, last in ((samples.head, not samples.tail), (samples.middle, False), (samples.tail, True)):
        whole = piece if piece is samples.head else _drop_cut_start(piece)
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(whole, final=last)
        broken += text.count("\ufffd") - whole.count(b"\xef\xbf\xbd")
        wide += sum(len(run) for run in re.findall(r"[^\x00-\x7f]+", text))
    return broken == 0 or broken <= _MOSTLY * wide


def _drop_cut_start(piece: bytes) -> bytes:
    start = 0
    while start < min(3, len(piece)) and piece[start] & 0xC0 == 0x80:
        start += 1
    return piece[start:]


def _legacy(joined: bytes) -> str:
    wide = re.search(rb"[\x80-\xff]", joined)
    assert wide is not None  # plain ASCII was answered before
    start = max(0, wide.start() - _GUESS // 4)
    excerpt = joined[start : start + _GUESS]
    if len(re.findall(rb"[\x80-\xff]", excerpt)) > _FEW:
        best = from_bytes(excerpt, enable_fallback=False).best()
        if best is not None and best.encoding not in {"ascii", "utf_8", "utf_7"}:
            return best.encoding
    try:
        joined.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"
