"""Blanks in a question: words in ‹single angle quotes›, which a person replaces with their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 60
"""Characters of what a blank says."""
_BLANK = re.compile(rf"‹([^‹›\n]{{1,{LONGEST}}})›")


@dataclass(frozen=True)
class Blank:
    """One blank: characters ``[start, end)`` of the text, its quotes among them, and what it says."""

    start: int
    end: int
    says: str


def blanks(text: str) -> tuple[Blank, ...]:
    """The blanks of a text, from its beginning."""
    return tuple(Blank(found.start(), found.end(), found[1]) for found in _BLANK.finditer(text))


def next_blank(text: str, position: int) -> Blank | None:
    """The first blank that begins at or after a place."""
    return next((blank for blank in blanks(text) if blank.start >= position), None)


def previous_blank(text: str, position: int) -> Blank | None:
    """The last blank that ends at or before a place."""
    return next((blank for blank in reversed(blanks(text)) if blank.end <= position), None)


def as_blank(words: str) -> str:
    """The words as a blank; empty if a blank cannot say that."""
    blank = f"‹{words}›"
    return blank if _BLANK.fullmatch(blank) else ""
