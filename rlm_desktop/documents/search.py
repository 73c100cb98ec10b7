"""Find the passages that answer a question, with no index built beforehand.

Three steps. All places of the question's terms are found in one pass over the bytes. Every window of
the corpus is scored at once on a coarse grid, BM25-like (Robertson and Zaragoza, "The Probabilistic
Relevance Framework", 2009) with windows in the role of documents: rare terms count most, repetition
saturates. The best windows are then fitted closely around their terms and scored again with what a grid
cannot see (nearness, definitions); where two overlap the lesser one makes room.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

import msgspec
import numpy as np
from numpy.typing import NDArray

from rlm_desktop.documents.cut import NAMES
from rlm_desktop.documents.evidence import SATURATION, Evidence, look, rarity
from rlm_desktop.documents.fit import Window, fit
from rlm_desktop.documents.grid import Grid
from rlm_desktop.documents.library import Library, Passage
from rlm_desktop.documents.terms import PART, terms_of

ABOUT_SHARE = 0.35
"""What a document that is all about the question adds to its windows."""
NAME_SHARE = 0.5
"""What a file name made of the question's terms adds."""
TESTS = 0.8
"""What a test counts: it mentions everything and explains little, unless the question is about tests."""
AGAIN = 0.93
"""What each passage already chosen from a document leaves the next one of it."""
_TEST_FOLDERS = frozenset(("test", "tests", "testing", "spec", "specs"))
_POOL = 300
_LINE = 400
_DEFINED_IN = 40
_SOURCE_LIMIT = 2 * 1024 * 1024

Region = tuple[int, int, int]
"""Document, first byte, byte after the last."""


def find(library: Library, query: str, k: int = 8, size: int = 1000) -> list[Passage]:
    """The `k` best passages, best first, of about `size` bytes at most; they do not overlap.

    Empty when no term of the query stands in the corpus.
    """
    terms = terms_of(query)
    if not terms or k < 1:
        return []
    grid = Grid(library, max(64, size // 2))
    evidence, scores = grid.weigh(terms, look(library, terms))
    if not scores.any():
        return []
    factors = _factors(library, evidence, grid)
    coarse = grid.best(scores * factors[grid.documents], max(_POOL, 6 * k))
    regions = [_whole_line(library, region) for region in coarse]
    regions += _definitions(library, evidence, factors, size)
    return [
        library.passage(window.start, window.end, window.score)
        for window in _choose(library, evidence, factors, regions, k=k, size=size)
    ]


def _factors(library: Library, evidence: Evidence, grid: Grid) -> NDArray[np.float64]:
    """What each document as a whole lends its windows, a factor of at least 1."""
    count = len(library.documents)
    if count == 1:
        return np.ones(1)
    lengths = np.array(library.ends) - np.array(library.starts)
    norm = SATURATION * (0.5 + 0.5 * lengths / max(1.0, float(lengths.mean())))
    about = np.zeros(count)
    for hits, worth in zip(evidence.hits, evidence.worth, strict=True):
        counts = np.bincount(grid.document_of(hits.starts), hits.values, count)
        about += min(worth, rarity(count, int(np.count_nonzero(counts)))) * counts / (counts + norm)
    names = [PurePosixPath(document.name).with_suffix("") for document in library.documents]
    named = np.array([_named(evidence, name) for name in names])
    about /= max(float(about.max()), 1e-9)
    named /= max(float(named.max()), 1e-9)
    lesser = np.array([not _TEST_FOLDERS.isdisjoint(name.parts) for name in names])
    if any(term.stem == "test" for term in evidence.terms):
        lesser[:] = False
    return np.asarray((1 + ABOUT_SHARE * about + NAME_SHARE * named) * np.where(lesser, TESTS, 1.0))


def _named(evidence: Evidence, name: PurePosixPath) -> float:
    """What a path says of the question: its last two parts, or a dotted name such as ``http.client``."""
    parts = [evidence.named_in(part) for part in name.parts[-2:]]
    dotted = ".".join(name.parts)
    whole = [
        float(worth) / PART
        for term, worth in zip(evidence.terms, evidence.worth, strict=True)
        if "." in term.text and f".{dotted.lower()}".endswith(f".{term.text}")
    ]
    return max([*parts, sum(parts) * 0.7, *whole])


def _definitions(
    library: Library, evidence: Evidence, factors: NDArray[np.float64], size: int
) -> list[Region]:
    """Regions that begin where something named like a term is defined, in the likeliest documents."""
    found: list[tuple[float, Region]] = []
    for document in map(int, np.argsort(-factors, kind="stable")[:_DEFINED_IN]):
        start, end = library.starts[document], library.ends[document]
        if end - start > _SOURCE_LIMIT:  # nobody writes such a source file, and the pattern is slow
            continue
        for pattern in NAMES:
            for match in pattern.finditer(library.view, start, end):
                value = evidence.named_in(match["name"].decode("utf-8", "replace"))
                found.append(
                    (-value * float(factors[document]), (document, match.start(), match.start() + size))
                )
    found.sort()
    return [region for value, region in found[:_POOL] if value]


def _whole_line(library: Library, region: Region) -> Region:
    """The region from the beginning of its first line, if that is near: a grid cuts lines in two."""
    document, start, end = region
    first = library.starts[document]
    earliest = max(first, start - _LINE)
    newline = library.data.rfind(b"\n", earliest, max(earliest, start))
    return document, newline + 1 if newline >= 0 else first if earliest == first else start, end


def _choose(
    library: Library,
    evidence: Evidence,
    factors: NDArray[np.float64],
    regions: Iterable[Region],
    *,
    k: int,
    size: int,
) -> list[Window]:
    """The best windows; each further one of a document counts a little less, an overlapping one is refitted."""
    heap: list[tuple[float, int, int, int, Window]] = []
    chosen: list[Window] = []
    taken: Counter[int] = Counter()
    several = len(library.documents) > 1
    lines: set[bytes] = set()

    def push(window: Window) -> None:
        seen = taken[window.document] if several else 0
        heapq.heappush(heap, (-window.score * AGAIN**seen, window.start, window.end, seen, window))

    def offer(document: int, start: int, end: int) -> None:
        window = fit(library, evidence, document, (start, end), size)
        if window is not None:
            push(msgspec.structs.replace(window, score=window.score * float(factors[document])))

    for region in regions:
        offer(*region)
    while heap and len(chosen) < k:
        *_, seen, window = heapq.heappop(heap)
        other = next((item for item in chosen if _overlap(item, window)), None)
        if other is not None:
            offer(window.document, window.start, other.start)
            offer(window.document, other.end, window.end + size // 2)
        elif several and seen < taken[window.document]:
            push(window)
        elif not (telling := _telling(library, evidence, window)) <= lines:
            lines |= telling
            chosen.append(window)
            taken[window.document] += 1
    return chosen


def _telling(library: Library, evidence: Evidence, window: Window) -> set[bytes]:
    """The lines of a window that have a term; one that has none new is a copy: a licence, a vendored file."""
    lines: set[bytes] = set()
    for hits in evidence.hits:
        first, last = np.searchsorted(hits.starts, (window.start, window.end))
        for place in hits.starts[first:last].tolist():
            start = library.data.rfind(b"\n", window.start, place) + 1 or window.start
            end = library.data.find(b"\n", place, window.end)
            lines.add(bytes(library.view[start : end if end >= 0 else window.end]).strip())
    return lines


def _overlap(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end
