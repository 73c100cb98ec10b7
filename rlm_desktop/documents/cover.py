"""Put a text together from the fewest pieces that stand in a corpus."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rlm_desktop.documents.anchors import NEVER, WORD, Matches
from rlm_desktop.documents.order import Site, Span, in_order
from rlm_desktop.documents.readings import SEPARATOR, Readings

CERTAIN = 24
"""Bytes from which on text that stands in the corpus is from there, and no coincidence of parts of words."""
MOST_COMMON = 48
"""Places from which on a short piece is a phrase that everyone uses, and says nothing unless its neighbours do."""
NEAR = 2_000
"""Bytes around a piece that was found in which short ones beside it are looked for."""
SHARE = 0.8
"""Of a longer match what another inside it must have to be of use: it may be where what is left of both comes from."""
_LINE_ENDS = b"\r\n" + SEPARATOR
_EDGES = b" \t\r\n'\"`,:;()[]{}<>|*#-=_/\\"


Most = Callable[[int, int], int]


@dataclass(frozen=True)
class Piece:
    """A part of a text, and where it comes from.

    Attributes:
        start: First byte in the text as it stands.
        end: Byte after its last.
        place: Byte of the corpus where it begins.
        length: Bytes it has there.
        ambiguous: Whether it stands elsewhere too.
    """

    start: int
    end: int
    place: int
    length: int
    ambiguous: bool


@dataclass(frozen=True)
class _Match:
    """A part of a text as it stands that stands in the corpus too, and the matches that say where."""

    start: int
    end: int
    matches: slice


@dataclass(frozen=True)
class _Found:
    """A piece and all places it may come from; ``all`` says that there are no more."""

    start: int
    end: int
    sites: list[Site]
    all: bool


def cover(
    readings: Readings, matches: Matches, most: Most, near: Sequence[Span], corpus: bytearray
) -> list[Piece]:
    """The pieces of the texts that come from the corpus, in order; they do not overlap.

    Args:
        readings: The texts.
        matches: Their matches.
        most: Tells in how many places at most a piece of a reading stands.
        near: Spans of the corpus where ambiguous text is likely to come from, in order.
        corpus: The corpus.
    """
    matches, worth = _worthwhile(readings, matches)
    spans = [trimmed(readings.data, *span) for span in _joints(readings.data, _fewest(worth))]
    spans = [span for span in spans if span[1] - span[0] >= WORD]
    origin = _Origin(readings, matches, most, corpus)
    found = [origin.of(span, some) for span, some in _covering(worth, spans)]
    found = [one for one in found if one.sites]
    pieces: list[Piece] = []
    at = 0
    for _, end in readings.bounds:
        first = at
        while at < len(found) and found[at].start < end:
            at += 1
        some = _near_each_other(readings, found[first:at], corpus)
        for one, site in zip(some, in_order([one.sites for one in some], near), strict=True):
            pieces.append(Piece(one.start, one.end, *site, not one.all or len(one.sites) > 1))
    return pieces


def _worthwhile(readings: Readings, matches: Matches) -> tuple[Matches, list[_Match]]:
    """The matches by where they begin in the texts as they stand, without those shorter than one around them."""
    starts, ends = readings.places[matches.starts], readings.places[matches.ends]
    order = np.lexsort((-ends, starts))
    starts, ends = starts[order], ends[order]
    reach = np.maximum.accumulate(ends)
    around = np.maximum.accumulate(np.where(ends == reach, np.arange(len(ends)), 0))
    kept = np.flatnonzero((ends == reach) | (ends - starts > SHARE * (ends[around] - starts[around])))
    starts, ends = starts[kept], ends[kept]
    new = np.ones(len(kept) + 1, bool)
    new[1:-1] = (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])
    edges = np.flatnonzero(new)
    heads = edges[:-1]
    rows = zip(starts[heads].tolist(), ends[heads].tolist(), heads.tolist(), edges[1:].tolist(), strict=True)
    return matches[order[kept]], [_Match(start, end, slice(*rest)) for start, end, *rest in rows]


def _fewest(matches: Sequence[_Match]) -> list[tuple[int, int, _Match]]:
    """From left to right, the match that reaches farthest: no other choice needs fewer."""
    pieces: list[tuple[int, int, _Match]] = []
    open_: list[tuple[int, int]] = []
    index, at = 0, -1
    while True:
        while index < len(matches) and matches[index].start <= at:
            heapq.heappush(open_, (-matches[index].end, index))
            index += 1
        if open_ and -open_[0][0] > at:
            match = matches[open_[0][1]]
            pieces.append((at, match.end, match))
            at = match.end
        elif index < len(matches):
            at = matches[index].start
            open_.clear()
        else:
            return pieces


def _joints(data: bytes, pieces: Sequence[tuple[int, int, _Match]]) -> list[Span]:
    """The pieces' spans; where two matches overlap, each has its own.

    Both go on for some bytes by coincidence: what follows a line is a line break, indentation, perhaps the same word.
    """
    spans: list[Span] = []
    for start, end, match in pieces:
        first = start
        if spans and spans[-1][1] == start and match.start < start:
            previous, _ = spans[-1]
            first = _joint(data, max(match.start, previous), start, start - previous > end - match.start)
            spans[-1] = (previous, first)
        spans.append((first, end))
    return spans


def _joint(data: bytes, start: int, end: int, left: bool) -> int:
    """Where in ``[start, end]`` one piece ends and the next begins: after a line break, else as the longer has it."""
    for line_break in (b"\n", b"\\n"):
        if (at := data.find(line_break, start, end)) >= 0:
            return at + len(line_break)
    return end if left else start


def trimmed(data: bytes, start: int, end: int) -> Span:
    """The span without what may have met by chance at its ends.

    That is white space, but for indentation, and parts of words and punctuation if it is short.
    """
    while start < end and data[start] in b"\r\n":
        start += 1
    if (
        end - start > 1
        and data[start] in b" \t"
        and data[start + 1] not in b" \t"
        and start
        and data[start - 1] != 10
    ):
        start += 1  # what stands between two values that are printed
    ending = b" \t\r\n" if end == len(data) or data[end] in _LINE_ENDS else b" \t\r\n,;"
    while start < end and data[end - 1] in ending:
        end -= 1
    if end - start >= CERTAIN:
        return start, end
    if start and _in_word(data[start - 1]):
        while start < end and _in_word(data[start]):
            start += 1
    if end < len(data) and _in_word(data[end]):
        while start < end and _in_word(data[end - 1]):
            end -= 1
    if start and data[start - 1] not in _LINE_ENDS:
        while start < end and data[start] in _EDGES:
            start += 1
    if end < len(data) and data[end] not in _LINE_ENDS:
        while start < end and data[end - 1] in _EDGES:
            end -= 1
    return start, end


def _in_word(byte: int) -> bool:
    return byte != SEPARATOR[0] and (byte >= 0x80 or chr(byte).isalnum())


def _covering(matches: Sequence[_Match], spans: Sequence[Span]) -> list[tuple[Span, list[_Match]]]:
    """Each span, and the matches that have all of it."""
    result = []
    active: list[_Match] = []
    index = 0
    for start, end in spans:
        while index < len(matches) and matches[index].start <= start:
            active.append(matches[index])
            index += 1
        active = [match for match in active if match.end > start]
        result.append(((start, end), [match for match in active if match.end >= end]))
    return result


@dataclass(frozen=True)
class _Origin:
    """Tells where pieces of texts come from."""

    readings: Readings
    matches: Matches
    most: Most
    corpus: bytearray

    def of(self, span: Span, covering: Sequence[_Match]) -> _Found:
        """All places of a span and how long it is there; the words of a short one must be whole there too."""
        start, end = span
        sites: set[Site] = set()
        least, begin, stop = NEVER, start, end
        for one in covering:
            some = self.matches[one.matches]
            least = min(least, int(some.least.min()))
            columns = (some.starts.tolist(), some.ends.tolist(), some.places.tolist())
            for first, last, place in zip(*columns, strict=True):
                begin, stop = (self.readings.within(byte, first, last) for byte in span)
                site = (place + begin - first, stop - begin)
                if end - start >= CERTAIN or _whole_words(self.corpus, *site):
                    sites.add(site)
        known = least <= end - start or self.most(begin, stop) <= len(sites)
        return _Found(start, end, sorted(sites), known)


def _whole_words(corpus: bytearray, start: int, length: int) -> bool:
    """Whether no word is cut in two by either end."""
    end = start + length
    return not (
        (start and _in_word(corpus[start - 1]) and _in_word(corpus[start]))
        or (end < len(corpus) and _in_word(corpus[end]) and _in_word(corpus[end - 1]))
    )


def _near_each_other(readings: Readings, found: Sequence[_Found], corpus: bytearray) -> list[_Found]:
    """The pieces of one text; one with too many places to list is looked for near those that have only one."""
    fixed = [index for index, one in enumerate(found) if one.all and len(one.sites) == 1]
    result = []
    at = 0
    for index, one in enumerate(found):
        while at < len(fixed) and fixed[at] < index:
            at += 1
        if one.all and len(one.sites) <= MOST_COMMON:
            result.append(one)
            continue
        text = readings.data[one.start : one.end]
        nearby = set()
        for neighbour in fixed[max(0, at - 1) : at + 1]:
            ((place, length),) = found[neighbour].sites
            first = max(0, place - NEAR)
            while (first := corpus.find(text, first, place + length + NEAR)) >= 0:
                nearby.add((first, len(text)))
                first += 1
        if nearby or one.end - one.start >= CERTAIN:
            result.append(_Found(one.start, one.end, sorted({*one.sites, *nearby}), all=False))
    return result
