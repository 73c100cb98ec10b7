"""Texts kept once, by content hash, deflated when that makes them smaller."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping

import msgspec
from sqlite_utils import Database

from rlm_desktop.errors import StoreError
from rlm_desktop.events import TextHash

_SMALL = 128
"""Bytes under which deflating gains nothing."""
SEARCHED = 200_000
"""Characters of a text that full-text search looks through; what lies beyond is kept, but not found."""
MARKS = "\x01\x02"
"""What a match begins and ends with in an excerpt; no searchable text has them."""
_UNSEEN = str.maketrans(dict.fromkeys("\0" + MARKS, " "))


def insert_texts(db: Database, run: str, texts: Mapping[TextHash, str]) -> None:
    """Keep texts and note that this run uses them; part of the caller's transaction."""
    for text_hash, text in texts.items():
        raw = text.encode("utf-8", "surrogatepass")
        packed = zlib.compress(raw, 6) if len(raw) > _SMALL else raw
        shorter = len(packed) < len(raw)
        db.execute(
            "INSERT OR IGNORE INTO texts (hash, length, packed, body) VALUES (?, ?, ?, ?)",
            (text_hash, len(text), int(shorter), packed if shorter else raw),
        )
        db.execute("INSERT OR IGNORE INTO run_texts (run, hash) VALUES (?, ?)", (run, text_hash))


def load_text(db: Database, text_hash: TextHash) -> str:
    """The text with this hash.

    Raises:
        StoreError: No run uses such a text (any more).
    """
    row = db.execute("SELECT packed, body FROM texts WHERE hash = ?", (text_hash,)).fetchone()
    if row is None:
        raise StoreError(f"The text {text_hash} is not in the history.", "Its run may have been deleted.")
    return _unpacked(*row)


def load_texts(db: Database, names: Collection[TextHash]) -> Iterator[tuple[TextHash, str]]:
    """Those of many texts that are there, in any order: one statement for all of them takes a third of the time."""
    rows = db.execute(
        "SELECT hash, packed, body FROM texts WHERE hash IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(list(names)).decode(),),
    )
    for text_hash, packed, body in rows:
        yield text_hash, _unpacked(packed, body)


def _unpacked(packed: int, body: bytes) -> str:
    return (zlib.decompress(body) if packed else body).decode("utf-8", "surrogatepass")


def searchable(packed: int | None, body: bytes | str | None) -> str:
    """What the full-text index sees of a text; SQL calls it (see ``migrations/0002_history.sql``).

    The index keeps no texts and takes a row out again by what this says of it, so that a change here needs a
    migration that rebuilds the index.

    Args:
        packed: Whether the body is deflated.
        body: A text as it is stored; ``None`` when it is missing.
    """
    if body is None:
        return ""
    if isinstance(body, bytes):
        most = 4 * SEARCHED  # bytes that many characters can take
        raw = zlib.decompressobj().decompress(body, most) if packed else body[:most]
        body = raw.decode("utf-8", "replace")
    return body[:SEARCHED].translate(_UNSEEN)


def drop_unused_texts(db: Database) -> None:
    """Delete the texts that no run uses; part of the caller's transaction."""
    db.execute("DELETE FROM texts WHERE hash NOT IN (SELECT hash FROM run_texts)")
