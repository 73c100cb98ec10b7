"""What a scan worker is asked and what it answers: length-prefixed MessagePack on its standard streams.

A message is eight bytes, its length (big-endian), and then a request or a reply. Each request gets one
reply, in order.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from rlm_desktop.documents.corpus import Corpus, Document
from rlm_desktop.events import Range, Source

HEADER = struct.Struct(">Q")


class Request(msgspec.Struct, frozen=True, tag=True):
    """What all requests have in common: nothing but a tag."""


class Open(Request, frozen=True):
    """Find the documents and measure them; the corpus found is held from then on."""

    paths: tuple[str, ...]


class Hold(Request, frozen=True):
    """Hold this corpus: the next requests are about it."""

    corpus: Corpus


class Fingerprint(Request, frozen=True):
    """Hash every file of the corpus held."""


class Find(Request, frozen=True):
    """Passages that answer a query."""

    query: str
    k: int
    size: int


class Grep(Request, frozen=True):
    """Lines that match a pattern."""

    pattern: str
    k: int


class Locate(Request, frozen=True):
    """Where each quote stands."""

    quotes: tuple[str, ...]
    hints: tuple[Range, ...]


class Trace(Request, frozen=True):
    """What of the documents each text is made of; ``whole`` asks only whether it is one piece of them."""

    texts: tuple[str, ...]
    own: str
    near: tuple[Range, ...]
    whole: bool


class Stand(Request, frozen=True):
    """Whether each text is what the documents have at its place."""

    texts: tuple[str, ...]
    places: tuple[Range, ...]


class ReadLines(Request, frozen=True):
    """A page of a file's lines."""

    path: str
    encoding: str
    first: int
    count: int


class ReadText(Request, frozen=True):
    """The whole text of a document."""

    document: Document


class LinesOf(Request, frozen=True):
    """The lines of spans of characters, for each source its own; `places.lines_of`."""

    sources: tuple[Source, ...]
    spans: tuple[tuple[tuple[int, int], ...], ...]


class Lengths(Request, frozen=True):
    """Characters of each source; `places.length_of`."""

    sources: tuple[Source, ...]


AnyRequest = (
    Open
    | Hold
    | Fingerprint
    | Find
    | Grep
    | Locate
    | Trace
    | Stand
    | ReadLines
    | ReadText
    | LinesOf
    | Lengths
)


class Answer(msgspec.Struct, frozen=True, tag=True):
    """The result, whose type follows from the request."""

    result: msgspec.Raw


class Failure(msgspec.Struct, frozen=True, tag=True):
    """The request failed: the person's environment (with a hint), or a bug (with its traceback)."""

    kind: str
    message: str
    hint: str = ""


_encoder = msgspec.msgpack.Encoder()
requests: msgspec.msgpack.Decoder[AnyRequest] = msgspec.msgpack.Decoder(AnyRequest)
replies: msgspec.msgpack.Decoder[Answer | Failure] = msgspec.msgpack.Decoder(Answer | Failure)


def frame(message: Request | Answer | Failure) -> bytes:
    """A message with its length before it."""
    body = _encoder.encode(message)
    return HEADER.pack(len(body)) + body


def answer(result: Any) -> Answer:
    """A result ready to be sent."""
    return Answer(msgspec.Raw(_encoder.encode(result)))
