"""Encode and decode events as JSON, and name texts by their hash."""

from __future__ import annotations

from hashlib import blake2b
from typing import TypeVar

import msgspec

from rlm_desktop.errors import StoreError
from rlm_desktop.events.types import AnyEvent, Event, TextHash

LONGEST, LONGEST_SENTENCE = 100_000, 4_000
"""Characters of a text that stands in an event itself: of a question, an answer or a piece of a stream; of any other,
which is a sentence (an error can be the text of an exception, which a cell may make as long as it likes)."""
_LONG = frozenset(("question", "answer", "chunk", "printed", "searched", "sent"))
E = TypeVar("E", bound=Event)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """One event as compact UTF-8 JSON."""
    return _encoder.encode(event)


def decode(data: bytes | str) -> AnyEvent:
    """The event that `encode` wrote.

    Raises:
        StoreError: The bytes are not an event of this program.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"A stored event cannot be read: {error}.") from error


def stamp(event: E, seq: int, time: int) -> E:
    """The event in its place in a run, its texts fit to be stored and sent.

    Args:
        event: What happened.
        seq: Its number in the run, from 1.
        time: UTC microseconds since the epoch.
    """
    texts = {
        name: _fit(value, LONGEST if name in _LONG else LONGEST_SENTENCE)
        for name in event.__struct_fields__
        if isinstance(value := getattr(event, name), str)
    }
    return msgspec.structs.replace(event, **texts, seq=seq, time=time)


def _fit(text: str, most: int) -> str:
    return sendable(text if len(text) <= most else f"{text[:most]}…")


def sendable(text: str) -> str:
    """The text with a question mark for each lone surrogate, which neither JSON nor a terminal can carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def text_hash(text: str) -> TextHash:
    """Content hash of a text; lone surrogates are kept apart rather than refused."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
