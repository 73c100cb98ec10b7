"""Read a document's text exactly as the REPL child does.

Undecodable bytes become U+FFFD, a byte order mark is dropped, newlines stay as they are. Every character
offset of this program counts characters of this text.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rlm_desktop.errors import UserError

if TYPE_CHECKING:
    from rlm_desktop.documents.corpus import Document

CHUNK = 4 * 1024 * 1024
"""Bytes read at a time."""


def unreadable(path: str, error: OSError) -> UserError:
    """The failure to read a file that could be read when it was opened."""
    reason = (error.strerror or type(error).__name__).lower()
    return UserError(f"{path} cannot be read any more: {reason}.", "Open it again.")


def read_text(document: Document) -> str:
    """The whole text of a document.

    Raises:
        UserError: The file has gone or may no longer be read.
    """
    try:
        return Path(document.path).read_bytes().decode(document.encoding, "replace")
    except OSError as error:
        raise unreadable(document.path, error) from error


def text_chunks(document: Document) -> Iterator[str]:
    """The same text in pieces of about `CHUNK` bytes, for documents one would not hold twice.

    Raises:
        UserError: The file has gone or may no longer be read.
    """
    decoder = codecs.getincrementaldecoder(document.encoding)("replace")
    try:
        with Path(document.path).open("rb", buffering=0) as file:
            while data := file.read(CHUNK):
                yield decoder.decode(data)
    except OSError as error:
        raise unreadable(document.path, error) from error
    yield decoder.decode(b"", final=True)
