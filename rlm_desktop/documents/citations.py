"""Find where a quote stands, and say whether it stands there word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import msgspec

from rlm_desktop.documents.library import Library, Passage
from rlm_desktop.documents.search import find
from rlm_desktop.events import Range

NEARLY = 0.9
"""Likeness from which on a passage is offered as what the quote meant."""
_SHORT_CHARACTERS = 12
_SHORT_WORDS = 2
_LONGEST = 4000
_WRAPPING = " \t\r\n\"'`“”‘’«»„"
_CLASSES = (
    "'‘’‛′`",
    '"“”„‟«»″',
    "-‐‑‒–—―−",
)
_SAME = {character: signs for signs in _CLASSES for character in signs}
_PLAIN = str.maketrans({character: signs[0] for signs in _CLASSES for character in signs})
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|\[\.\.\.\]|\[…\])\s*")
_TOKEN = re.compile(r"\S+")


class Location(msgspec.Struct, frozen=True):
    """Where a quote stands.

    Attributes:
        document: Index of the document.
        name: The document's short path.
        path: Its absolute path.
        start: First character of the document.
        end: Character after the last.
        start_line: Line of the first character, from 1.
        end_line: Line of the last character.
        text: The text as it stands there.
        verified: Found word for word; only spacing and typographic signs may differ.
        likeness: 1 when verified, else how like the quote the text is.
    """

    document: int
    name: str
    path: str
    start: int
    end: int
    start_line: int
    end_line: int
    text: str
    verified: bool
    likeness: float = 1.0


def locate(library: Library, quote: str, hints: Sequence[Range] = ()) -> Location | None:
    """Where a quote stands: first inside the hints, then anywhere, then something very like it.

    A quote of a single word or under 12 characters proves nothing outside the hints and is never
    verified there. None when nothing like it is in the corpus.
    """
    quote = quote.strip(_WRAPPING)[:_LONGEST]
    if not quote:
        return None
    places = [_bytes_of(library, hint) for hint in hints if hint.document < len(library.documents)]
    pattern = _pattern(quote)
    for start, end in places:
        if match := pattern.search(library.view, start, end):
            return _location(library, match.span(), verified=True)
    everywhere = _anywhere(library, quote, pattern)
    if everywhere is not None:
        short = len(quote) < _SHORT_CHARACTERS or len(quote.split()) < _SHORT_WORDS
        return _location(library, everywhere, verified=not short)
    return _nearly(library, quote, places)


def _bytes_of(library: Library, hint: Range) -> tuple[int, int]:
    return library.byte_at(hint.document, hint.start), library.byte_at(hint.document, hint.end)


def _pattern(quote: str) -> re.Pattern[bytes]:
    """The quote with any spacing between its words and any of the signs that typography swaps."""
    words = [b"".join(_sign(character) for character in word) for word in quote.split()]
    return re.compile(rb"(?:\s|\xc2\xa0)+".join(words))


def _sign(character: str) -> bytes:
    signs = _SAME.get(character)
    if signs is None:
        return re.escape(character.encode("utf-8", "surrogatepass"))
    return b"(?:" + b"|".join(re.escape(sign.encode()) for sign in signs) + b")"


def _anywhere(library: Library, quote: str, pattern: re.Pattern[bytes]) -> tuple[int, int] | None:
    """Plain first: looking for bytes is ten times faster than a pattern that may begin with a choice."""
    exact = quote.encode("utf-8", "surrogatepass")
    start = library.data.find(exact)
    if start >= 0:
        return start, start + len(exact)
    match = pattern.search(library.view)
    return match.span() if match else None


def _location(library: Library, span: tuple[int, int], *, verified: bool, likeness: float = 1.0) -> Location:
    passage = library.passage(*span)
    return Location(
        document=passage.document,
        name=passage.name,
        path=library.documents[passage.document].path,
        start=passage.start,
        end=passage.end,
        start_line=passage.start_line,
        end_line=passage.end_line,
        text=passage.text,
        verified=verified,
        likeness=likeness,
    )


def _nearly(library: Library, quote: str, places: Sequence[tuple[int, int]]) -> Location | None:
    """The passage most like the quote, never verified: a model changed a word, or left some out."""
    best: tuple[float, tuple[int, int]] = (0.0, (0, 0))
    for passage in _candidates(library, quote, places):
        likeness, (start, end) = _align(quote, passage.text)
        if likeness > best[0]:
            first = library.byte_at(passage.document, passage.start + start)
            best = likeness, (first, library.byte_at(passage.document, passage.start + end))
    if best[0] < NEARLY:
        return None
    return _location(library, best[1], verified=False, likeness=round(best[0], 3))


def _candidates(library: Library, quote: str, places: Sequence[tuple[int, int]]) -> Iterator[Passage]:
    for start, end in places:
        yield library.passage(start, min(end, start + 4 * _LONGEST))
    yield from find(library, quote.translate(_PLAIN), 4, max(600, 3 * len(quote)))


def _align(quote: str, text: str) -> tuple[float, tuple[int, int]]:
    """How much of the quote stands in the text in order, and from where to where.

    An ellipsis allows any words between; other words between count against the likeness.
    """
    pieces = [piece for piece in _ELLIPSIS.split(quote) if piece.strip()]
    tokens = list(_TOKEN.finditer(text))
    words = [_bare(token.group()) for token in tokens]
    position, matched, weight = 0, 0.0, 0
    first: int | None = None
    last = 0
    for piece in pieces:
        wanted = [_bare(word) for word in piece.split()]
        likeness, begin, end = _best_run(wanted, words[position:])
        if not likeness:
            return 0.0, (0, 0)
        first = position + begin if first is None else first
        last = position + end
        position = last
        matched += likeness * len(piece)
        weight += len(piece)
    if first is None or last <= first:
        return 0.0, (0, 0)
    return matched / weight, (tokens[first].start(), tokens[last - 1].end())


def _best_run(wanted: list[str], words: list[str]) -> tuple[float, int, int]:
    """The run of words most like those wanted: likeness by character, first word, word after the last."""
    blocks = SequenceMatcher(None, wanted, words, autojunk=False).get_matching_blocks()
    longest = max(blocks, key=lambda block: block.size)
    if not longest.size:
        return 0.0, 0, 0
    begin = max(0, longest.b - longest.a)
    end = min(len(words), longest.b + len(wanted) - longest.a)
    goal = " ".join(wanted)
    best = (0.0, begin, end)
    for left in range(max(0, begin - 2), min(begin + 3, end)):
        for right in range(max(left + 1, end - 2), min(len(words), end + 2) + 1):
            ratio = SequenceMatcher(None, goal, " ".join(words[left:right]), autojunk=False).ratio()
            best = max(best, (ratio, left, right), key=lambda item: item[0])
    return best


def _bare(word: str) -> str:
    return word.translate(_PLAIN)


def stands_in(quote: str, text: str) -> tuple[int, int] | None:
    """Characters ``[start, end)`` of a text where a quote stands word for word, spacing and signs aside."""
    quote = quote.strip(_WRAPPING)
    if not quote:
        return None
    data = text.encode("utf-8", "surrogatepass")
    match = _pattern(quote).search(data)
    if match is None:
        return None
    start = len(data[: match.start()].decode("utf-8", "surrogatepass"))
    return start, start + len(match.group().decode("utf-8", "surrogatepass"))
