"""Encode and decode events as JSON, and name texts by their hash."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from rlm_desktop.errors import StoreError
from rlm_desktop.events.types import AnyEvent, TextHash

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


def sendable(text: str) -> str:
    """The text with a question mark for each lone surrogate, which neither JSON nor a terminal can carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def text_hash(text: str) -> TextHash:
    """Content hash of a text; lone surrogates are kept apart rather than refused."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
