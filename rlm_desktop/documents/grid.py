"""Every window of a corpus at once, coarsely: where it is worth looking closer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rlm_desktop.documents.evidence import SATURATION, Evidence, rarity
from rlm_desktop.documents.library import Library
from rlm_desktop.documents.terms import Hits, Term


class Grid:
    """Half-overlapping windows of two steps each over every document; none spans two documents.

    Args:
        library: The corpus.
        step: Half a window, in bytes.

    Attributes:
        documents: The document of each window.
    """

    def __init__(self, library: Library, step: int) -> None:
        self.step = step
        self._names = "\n".join(document.name for document in library.documents).lower()
        self._starts = np.array(library.starts, np.int64)
        lengths = np.array(library.ends, np.int64) - self._starts
        cells = -(-lengths // step) + 1  # the last stays empty and keeps the next document apart
        self._first = np.concatenate(([0], np.cumsum(cells)))
        self.documents = np.repeat(np.arange(len(lengths)), cells)

    def document_of(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The document in which each byte lies."""
        return np.searchsorted(self._starts, starts, "right") - 1

    def weigh(self, terms: Sequence[Term], hits: Sequence[Hits]) -> tuple[Evidence, NDArray[np.float64]]:
        """Weigh the terms by the windows that have them, and score every window (BM25 times coverage)."""
        total = len(self.documents)
        scores, covered = np.zeros(total), np.zeros(total)
        kept: list[tuple[Term, Hits, float]] = []
        for term, some in zip(terms, hits, strict=True):
            if not len(some.starts) and term.text not in self._names:
                continue
            counts = self._counts(some)
            value = term.weight * rarity(total, int(np.count_nonzero(counts)))
            scores += value * (counts / (counts + SATURATION))
            covered += value * np.minimum(counts, 1)
            kept.append((term, some, value))
        worth = np.array([value for _, _, value in kept])
        scores *= 0.4 + 0.6 * covered / max(float(worth.sum()), 1e-9)
        return Evidence(tuple(item[0] for item in kept), tuple(item[1] for item in kept), worth), scores

    def _counts(self, hits: Hits) -> NDArray[np.float32]:
        """For every window, what the hits in it count together."""
        documents = self.document_of(hits.starts)
        cells = self._first[documents] + (hits.starts - self._starts[documents]) // self.step
        counts = np.bincount(cells, hits.values, len(self.documents)).astype(np.float32)
        counts[:-1] += counts[1:]
        return counts

    def best(self, scores: NDArray[np.float64], count: int) -> list[tuple[int, int, int]]:
        """The regions around the `count` best windows: document, first byte, byte after the last."""
        candidates = np.flatnonzero(scores)
        if len(candidates) > count:
            candidates = candidates[np.argpartition(-scores[candidates], count)[:count]]
        documents = self.documents[candidates]
        starts = self._starts[documents] + (candidates - self._first[documents]) * self.step
        return [
            (int(document), int(start) - self.step // 2, int(start) + self.step * 5 // 2)
            for document, start in zip(documents, starts, strict=True)
        ]
