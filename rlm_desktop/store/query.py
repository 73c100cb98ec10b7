"""What a person types into a search box, as terms of SQLite's full-text search."""

from __future__ import annotations

import re

from rlm_desktop.events import sendable

MOST_CHARACTERS = 1_000
MOST_TERMS = 32
"""A longer text, pasted by mistake, is searched by what it begins with."""

_TERM = re.compile(r'"([^"]+)"|([^\s"]+)')


def terms_of(text: str) -> list[str]:
    """The terms to look for, all of which must be there.

    A term is a quoted string of the query language, so that nothing typed is taken for syntax. What stands in
    quotes is a phrase; the last word may go on (``enoc`` finds Enoch). A term without a letter or digit is left
    out, since the index has none.
    """
    found: dict[str, None] = {}
    words = _TERM.findall(sendable(text[:MOST_CHARACTERS]).replace("\0", " "))
    words = [(phrase, word) for phrase, word in words if any(map(str.isalnum, phrase or word))][:MOST_TERMS]
    for number, (phrase, word) in enumerate(words, start=1):
        goes_on = word and number == len(words)
        found[f'"{phrase or word}"' + "*" * bool(goes_on)] = None
    return list(found)
