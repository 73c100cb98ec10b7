"""Text from documents and models made safe to look at: what is invisible is shown, what reorders is stopped."""

from __future__ import annotations

import re

_BREAKS = re.compile("\r\n|[\r\u2028\u2029\x85]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but not tab and newline
    "\u200b\u2060-\u2064\ufeff\u00ad\U000e0000-\U000e007f"  # nothing to see, yet characters
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates: text that is not what it looks like
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # no characters at all
)


def visible(text: str) -> str:
    """The text with the code of each character that hides or reorders others: ``‹U+202E›``.

    The marks that Hebrew, Arabic, Persian and emoji need to look right (U+200C to U+200F) are left alone: they
    reorder nothing but themselves.
    """
    return _UNSEEN.sub(lambda found: f"‹U+{ord(found[0]):04X}›", _BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """The visible text with its white space drawn together."""
    return " ".join(visible(text).split())
