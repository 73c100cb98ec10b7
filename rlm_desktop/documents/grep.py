"""Every line a pattern matches."""

from __future__ import annotations

import re

import msgspec

from rlm_desktop.documents.library import BLOCK, Library, Passage

CLIP = 400
"""Characters shown on either side of a match in a line that is too long to show."""


class Matches(msgspec.Struct, frozen=True):
    """The first passages in the order of the documents, and how many lines match in all."""

    passages: tuple[Passage, ...]
    total: int


def grep(library: Library, pattern: str, k: int = 50) -> Matches:
    r"""Lines that match a regular expression, or that hold it as plain text where it is no expression.

    A pattern without capital letters ignores case (escapes like ``\S`` do not count as capitals). A
    catastrophic pattern can take for ever: run it where it can be killed.
    """
    expression = compile_pattern(pattern)
    passages: list[Passage] = []
    total = 0
    for start, end in zip(library.starts, library.ends, strict=True):
        for first, last in _pieces(library, start, end):
            text = library.slice(first, last)
            for line_start, line_end, match in _lines(expression, text):
                total += 1
                if len(passages) < k:
                    shown_start = max(line_start, match.start() - CLIP)
                    shown_end = max(shown_start, min(line_end, match.end() + CLIP, match.start() + 2 * CLIP))
                    begin = first + len(text[:shown_start].encode("utf-8", "surrogatepass"))
                    shown = text[shown_start:shown_end].encode("utf-8", "surrogatepass")
                    passages.append(library.passage(begin, begin + len(shown), 1.0))
    return Matches(tuple(passages), total)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The expression `grep` means by a pattern."""
    capitals = any(character.isupper() for character in re.sub(r"\\.", "", pattern))
    flags = re.MULTILINE | (re.NOFLAG if capitals else re.IGNORECASE)
    try:
        return re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError):
        return re.compile(re.escape(pattern), flags)


def _pieces(library: Library, start: int, end: int) -> list[tuple[int, int]]:
    """A document in pieces cut at newlines, so that a huge one is never decoded whole."""
    pieces = []
    while start < end:
        stop = end
        if start + BLOCK < end:
            stop = library.data.find(b"\n", start + BLOCK, end) + 1 or end
        pieces.append((start, stop))
        start = stop
    return pieces


def _lines(expression: re.Pattern[str], text: str) -> list[tuple[int, int, re.Match[str]]]:
    r"""Start and end of each line with a match, and its first match.

    The whole text is searched at once, a hundred times faster than line by line. A match that runs over
    the end of its line (``\s`` takes newlines too) counts only if the line alone matches as well, unless
    the pattern asks for a newline.
    """
    spans = "\\n" in expression.pattern or "\n" in expression.pattern
    found = []
    position = 0
    while position < len(text) and (match := expression.search(text, position)):
        start = text.rfind("\n", 0, match.start()) + 1
        if start == len(text):  # behind the last newline stands no line
            break
        end = text.find("\n", match.start() if not spans else max(match.start(), match.end() - 1))
        end = len(text) if end < 0 else end
        alone = match if spans or match.end() <= end else expression.search(text, start, end)
        if alone is not None:
            found.append((start, end - text.startswith("\r", end - 1, end), alone))
        position = end + 1
    return found
