"""From characters of a file to its lines, and how many characters it has: what the ranges of a run are shown by.

Both are asked long after the documents were opened, so each file is first compared with what it was then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rlm_desktop.documents.changes import changes
from rlm_desktop.documents.corpus import Document, scan_paths
from rlm_desktop.documents.text import text_chunks
from rlm_desktop.errors import UserError
from rlm_desktop.events import Source

Span = tuple[int, int]


def length_of(source: Source) -> int | None:
    """Characters of a document; ``None`` if it is not what it was."""
    try:
        document = _unchanged(source)
        return None if document is None else sum(map(len, text_chunks(document)))
    except UserError:  # it went away while it was read
        return None


def lines_of(source: Source, spans: Sequence[Span]) -> tuple[Span, ...] | None:
    """First and last line (from 1) of each span of characters; ``None`` if the document is not what it was."""
    try:
        document = _unchanged(source)
        if document is None:
            return None
        lines = _lines_at(text_chunks(document), {at for start, end in spans for at in (start, end - 1)})
    except UserError:
        return None
    last = max(lines.values(), default=1)  # a span beyond the end of the text stands at its end
    return tuple((lines.get(start, last), lines.get(end - 1, last)) for start, end in spans)


def _unchanged(source: Source) -> Document | None:
    return None if changes([source]) else scan_paths([Path(source.path)]).documents[0]


def _lines_at(chunks: Iterable[str], wanted: set[int]) -> dict[int, int]:
    """The line each of these characters is on; reads no further than the last of them."""
    found: dict[int, int] = {}
    line, before = 1, 0
    waiting = sorted(wanted, reverse=True)
    for chunk in chunks:
        counted = 0
        while waiting and waiting[-1] < before + len(chunk):
            at = waiting.pop() - before
            line += chunk.count("\n", counted, at)
            counted = at
            found[before + at] = line
        if not waiting:
            break
        line += chunk.count("\n", counted)
        before += len(chunk)
    return found
