"""What of a question stands where in a corpus, and what each finding is worth."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from rlm_desktop.documents.library import Library
from rlm_desktop.documents.terms import Hits, Term, places, stem_of

SATURATION = 0.9
"""BM25's k1. Low: a window that names a term once is nearly as good as one that repeats it."""
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


class Evidence(msgspec.Struct, frozen=True):
    """The terms that stand anywhere in the corpus.

    Attributes:
        terms: Those terms, in the order of the question.
        hits: Where each of them stands, in bytes of the library.
        worth: What each is worth: its weight times its inverse window frequency.
    """

    terms: tuple[Term, ...]
    hits: tuple[Hits, ...]
    worth: NDArray[np.float64]

    def relevance(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """BM25 of windows from how often each has each term (shape ``[windows, terms]``).

        A window with all of the terms beats one that has more of some: coverage is a factor.
        """
        covered = np.minimum(counts, 1) @ self.worth / max(float(self.worth.sum()), 1e-9)
        return np.asarray((counts / (counts + SATURATION)) @ self.worth * (0.4 + 0.6 * covered))

    def named_in(self, name: str) -> float:
        """What a definition, heading or file of this name is worth: of the terms it names, by their share of it.

        ``parsedate`` is made of parse and date, ``test_date_header_folding`` only to a quarter of date.
        """
        whole = name.lower()
        parts = [part.lower() for part in _PARTS.findall(name)]
        told = value = 0.0
        for part in parts:
            best = max(
                (
                    (_share(term, part), float(worth))
                    for term, worth in zip(self.terms, self.worth, strict=True)
                ),
                default=(0.0, 0.0),
            )
            told += best[0]
            value += best[0] * best[1]
        exact = [
            float(worth) for term, worth in zip(self.terms, self.worth, strict=True) if term.text == whole
        ]
        return max([value * told / max(1, len(parts)), *exact])


def _share(term: Term, part: str) -> float:
    """How much of a part of a name a term explains."""
    if part == term.text or (term.stem and stem_of(part) == term.stem):
        return 1.0
    if len(term.text) >= 4 and (part.startswith(term.text) or part.endswith(term.text)):
        return len(term.text) / len(part)
    return 0.0


def look(library: Library, terms: Sequence[Term]) -> list[Hits]:
    """All places of each term, found in one pass over the library."""
    starts: list[list[NDArray[np.int64]]] = [[np.zeros(0, np.int64)] for _ in terms]
    values: list[list[NDArray[np.float32]]] = [[np.zeros(0, np.float32)] for _ in terms]
    for offset, lowered, cased in library.blocks():
        for index, term in enumerate(terms):
            hits = places(term, lowered, cased)
            starts[index].append(hits.starts + offset)
            values[index].append(hits.values)
    return [
        Hits(np.concatenate(some), np.concatenate(what)) for some, what in zip(starts, values, strict=True)
    ]


def rarity(total: int, having: int) -> float:
    """Inverse frequency of a term that `having` of `total` windows (or documents) have, never negative."""
    return float(np.log1p((total - having + 0.5) / (having + 0.5)))
