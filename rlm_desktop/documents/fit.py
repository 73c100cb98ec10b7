"""Fit passages closely around the terms of a region and score what a coarse grid cannot see."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from rlm_desktop.documents.cut import NAMES, cut
from rlm_desktop.documents.evidence import Evidence
from rlm_desktop.documents.library import Library

NEARNESS_SHARE = 0.35
"""What two terms that touch add, as a share of the lesser one's worth."""
NEAR = 60
"""Bytes at which two terms lose half of that."""
DEFINITION_SHARE = 1.0
"""What defining a term adds, as a share of its worth."""
CORE_SHARE = 0.8
"""Most of a passage the terms may span; the rest is there for tidy edges."""


class Window(msgspec.Struct, frozen=True):
    """Bytes ``[start, end)`` of one document, and how well they answer."""

    document: int
    start: int
    end: int
    score: float


class _Local(msgspec.Struct, frozen=True):
    """The hits of a region in the order of the text: place, which term, what it counts."""

    starts: NDArray[np.int64]
    terms: NDArray[np.int64]
    values: NDArray[np.float64]

    def between(self, start: int, end: int) -> _Local:
        first, last = np.searchsorted(self.starts, (start, end))
        return _Local(self.starts[first:last], self.terms[first:last], self.values[first:last])


def fit(
    library: Library, evidence: Evidence, document: int, bounds: tuple[int, int], size: int
) -> Window | None:
    """The best passage of at most about `size` bytes inside the bounds; None if no term stands there."""
    start, end = max(bounds[0], library.starts[document]), min(bounds[1], library.ends[document])
    local = _local(evidence, start, max(start, end))
    if not len(local.starts):
        return None
    core = _core(evidence, local, int(size * CORE_SHARE))
    first, last = cut(library.data, (start, end), core, size)
    if last <= first:
        return None
    return Window(document, first, last, _score(library, evidence, local.between(first, last), first, last))


def _local(evidence: Evidence, start: int, end: int) -> _Local:
    starts, terms, values = [], [], []
    for index, hits in enumerate(evidence.hits):
        first, last = np.searchsorted(hits.starts, (start, end))
        starts.append(hits.starts[first:last])
        values.append(hits.values[first:last].astype(np.float64))
        terms.append(np.full(last - first, index, np.int64))
    merged = np.concatenate(starts)
    order = np.argsort(merged, kind="stable")
    return _Local(merged[order], np.concatenate(terms)[order], np.concatenate(values)[order])


def _core(evidence: Evidence, local: _Local, length: int) -> tuple[int, int]:
    """The stretch of at most `length` bytes that begins at a hit and has most of the question."""
    counts = np.zeros((len(local.starts) + 1, len(evidence.terms)))
    counts[np.arange(1, len(local.starts) + 1), local.terms] = local.values
    counts = counts.cumsum(axis=0)
    last = np.searchsorted(local.starts, local.starts + length, "right")
    scores = evidence.relevance(counts[last] - counts[:-1])
    best = int(np.argmax(scores))
    return int(local.starts[best]), int(local.starts[last[best] - 1]) + 1


def _score(library: Library, evidence: Evidence, local: _Local, start: int, end: int) -> float:
    counts = np.bincount(local.terms, local.values, len(evidence.terms)).astype(np.float64)
    score = float(evidence.relevance(counts[np.newaxis])[0])
    return score + _nearness(evidence, local) + _defined(library, evidence, start, end)


def _nearness(evidence: Evidence, local: _Local) -> float:
    """How close different terms stand: the best neighbours, at most one fewer than there are terms."""
    if len(local.starts) < 2:
        return 0.0
    one, other = local.terms[:-1], local.terms[1:]
    apart = one != other
    close = 1 / (1 + np.diff(local.starts) / NEAR) * np.minimum(local.values[:-1], local.values[1:])
    gains = np.minimum(evidence.worth[one], evidence.worth[other]) * close
    pairs: dict[tuple[int, int], float] = {}
    for left, right, gain in zip(one[apart], other[apart], gains[apart], strict=True):
        pair = (min(int(left), int(right)), max(int(left), int(right)))
        pairs[pair] = max(pairs.get(pair, 0.0), float(gain))
    most = len(set(local.terms.tolist())) - 1
    return NEARNESS_SHARE * sum(sorted(pairs.values(), reverse=True)[:most])


def _defined(library: Library, evidence: Evidence, start: int, end: int) -> float:
    """What the definitions and headings in a passage name of the question; the best one counts."""
    text = library.view[start:end]
    names = {match["name"] for pattern in NAMES for match in pattern.finditer(text)}
    return DEFINITION_SHARE * max(
        (evidence.named_in(name.decode("utf-8", "replace")) for name in names), default=0.0
    )
