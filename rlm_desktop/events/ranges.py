"""Ranges of documents: as one short text, together as a set, and in words.

The text is ``document:gap+length,gap+length~;document:…``, all numbers decimal: the gap is from the end of the range
before (or the document's first character), and a tilde marks text that stands elsewhere too. ``0:120+40,8+12~;3:0+500``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from itertools import pairwise

from rlm_desktop.errors import StoreError
from rlm_desktop.events.types import Range, RangeText

MOST = 2_000
"""Ranges in one text, so that an event stays small: of more, those nearest to each other become one, and of more
documents only those with most characters are told."""
MOST_NAMED, MOST_PLACES = 3, 3
_FORM = re.compile(r"(?:\d+:\d+\+[1-9]\d*~?(?:,\d+\+[1-9]\d*~?)*(?:;(?=\d)|$))*")
_SPAN = re.compile(r"(\d+)\+(\d+)(~?)")

Span = tuple[int, int]


class Extent:
    """A set of characters of documents, kept as spans that neither overlap nor touch.

    Args:
        ranges: What is in it at first.
    """

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._starts: defaultdict[int, list[int]] = defaultdict(list)
        self._ends: defaultdict[int, list[int]] = defaultdict(list)
        self.add(ranges)

    def __bool__(self) -> bool:
        return any(self._starts.values())

    def __iter__(self) -> Iterator[Range]:
        for document in sorted(self._starts):
            for start, end in self._spans(document):
                yield Range(document, start, end)

    @property
    def characters(self) -> int:
        """How many there are."""
        return sum(one.end - one.start for one in self)

    @property
    def documents(self) -> list[int]:
        """The documents they are of."""
        return sorted(document for document, starts in self._starts.items() if starts)

    def add(self, ranges: Iterable[Range]) -> None:
        """Put characters in; what makes no sense (a start after its end) is none."""
        for one in ranges:
            start, end = max(0, one.start), one.end
            if one.document < 0 or start >= end:
                continue
            starts, ends = self._starts[one.document], self._ends[one.document]
            first, last = bisect_left(ends, start), bisect_right(starts, end)
            if first < last:
                start, end = min(start, starts[first]), max(end, ends[last - 1])
            starts[first:last], ends[first:last] = [start], [end]

    def without(self, other: Extent) -> Extent:
        """What is in this and not in the other."""
        rest = Extent()
        for document in self._starts:
            for start, end in self._spans(document):
                at = start
                for taken, until in other._within(document, start, end):
                    rest.add([Range(document, at, taken)])
                    at = until
                rest.add([Range(document, at, end)])
        return rest

    def _spans(self, document: int) -> Iterator[Span]:
        return zip(self._starts[document], self._ends[document], strict=True)

    def _within(self, document: int, start: int, end: int) -> list[Span]:
        starts, ends = self._starts.get(document, []), self._ends.get(document, [])
        first, last = bisect_right(ends, start), bisect_left(starts, end)
        return list(zip(starts[first:last], ends[first:last], strict=True))


def encode_ranges(ranges: Iterable[Range]) -> RangeText:
    """Ranges as a short text: in order, each character once, ambiguous only what is so wherever it was found."""
    every = tuple(ranges)
    certain = Extent(one for one in every if not one.ambiguous)
    doubtful = Extent(one for one in every if one.ambiguous).without(certain)
    marked = [(one, "") for one in certain] + [(one, "~") for one in doubtful]
    marked = _fewer(sorted(marked, key=lambda pair: (pair[0].document, pair[0].start)))
    documents: dict[int, list[str]] = {}
    before: dict[int, int] = {}
    for one, mark in marked:
        gap = one.start - before.get(one.document, 0)
        documents.setdefault(one.document, []).append(f"{gap}+{one.end - one.start}{mark}")
        before[one.document] = one.end
    return ";".join(f"{document}:{','.join(spans)}" for document, spans in documents.items())


def _fewer(marked: list[tuple[Range, str]]) -> list[tuple[Range, str]]:
    """At most `MOST` of them: the widest gaps stay, and those between documents."""
    if len(marked) <= MOST:
        return marked
    amounts = Counter[int]()
    for one, _ in marked:
        amounts[one.document] += one.end - one.start
    told = {document for document, _ in amounts.most_common(MOST)}
    marked = [pair for pair in marked if pair[0].document in told]
    gaps = [
        (1 << 62 if one.document != last.document else one.start - last.end, -index)
        for index, ((last, _), (one, _)) in enumerate(pairwise(marked), 1)
    ]
    kept = sorted(-index for _, index in nlargest(MOST - 1, gaps))
    joined = []
    for first, end in zip([0, *kept], [*kept, len(marked)], strict=True):
        some = marked[first:end]
        mark = "~" if all(one_mark for _, one_mark in some) else ""
        joined.append((Range(some[0][0].document, some[0][0].start, some[-1][0].end), mark))
    return joined


def decode_ranges(text: RangeText) -> tuple[Range, ...]:
    """The ranges that `encode_ranges` wrote.

    Raises:
        StoreError: The text is none of its own.
    """
    if not _FORM.fullmatch(text):
        raise StoreError(f"Stored ranges of documents cannot be read: {text[:40]!r}.")
    ranges = []
    for part in filter(None, text.split(";")):
        document, _, spans = part.partition(":")
        at = 0
        for gap, length, mark in _SPAN.findall(spans):
            start = at + int(gap)
            at = start + int(length)
            ranges.append(Range(int(document), start, at, bool(mark)))
    return tuple(ranges)


def in_words(extent: Extent, names: Sequence[str]) -> str:
    """``3,204 characters: a.txt 1–400, 1,201–1,900 and 2 more places; b.txt …``, characters counted from 1.

    Args:
        extent: What is told.
        names: Names of the documents; without them, only how many characters it is.
    """
    total = f"{extent.characters:,} character{'s' * (extent.characters != 1)}"
    documents = [document for document in extent.documents if document < len(names)]
    if not documents:
        return total
    spans: defaultdict[int, list[str]] = defaultdict(list)
    for one in extent:
        spans[one.document].append(f"{one.start + 1:,}–{one.end:,}")
    named = [f"{names[document]} {_some(spans[document])}" for document in documents[:MOST_NAMED]]
    rest = len(documents) - len(named)
    more = f"; {rest:,} more document{'s' * (rest != 1)}" if rest else ""
    return f"{total}: {'; '.join(named)}{more}"


def _some(spans: Sequence[str]) -> str:
    rest = len(spans) - MOST_PLACES
    more = f" and {rest:,} more place{'s' * (rest != 1)}" if rest > 0 else ""
    return ", ".join(spans[:MOST_PLACES]) + more
