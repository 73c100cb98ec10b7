"""Choose for each piece of a text one of the places it may come from, so that they follow each other well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]
Site = tuple[int, int]
"""Byte of the corpus where a piece begins, and bytes it has there."""

BACKWARDS = 8.0
"""What going back costs, in doublings of a distance: a cell walks through its documents from first to last."""
EXPECTED = 12.0
"""What a place is worth that is expected, because a search of the same cell has found it."""


def in_order(sites: Sequence[Sequence[Site]], near: Sequence[Span]) -> list[Site]:
    """One site for each piece, so that the distances between them are short altogether.

    Every step costs the logarithm of its distance, and the cheapest way is found as Viterbi's algorithm does (IEEE
    Transactions on Information Theory 13, 1967).

    Args:
        sites: For each piece of a text all places it may come from.
        near: Spans of the corpus where it is likely to come from, in order.
    """
    ways: list[NDArray[np.int64]] = []
    cost = np.zeros(1)
    ends = np.zeros(1, np.int64)
    for index, some in enumerate(sites):
        places = np.array(some, np.int64)
        own = _worth(places, near) if len(some) > 1 and near else np.zeros(len(some))
        if index:
            gap = places[:, 0] - ends[:, None]
            total = cost[:, None] + np.log2(1.0 + np.abs(gap)) + BACKWARDS * (gap < 0)
            ways.append(total.argmin(0))
            cost = total.min(0) - own
        else:
            cost = -own
        ends = places.sum(1)
    chosen: list[Site] = []
    at = int(cost.argmin())
    for index in range(len(sites) - 1, -1, -1):
        chosen.append(sites[index][at])
        at = int(ways[index - 1][at]) if index else 0
    return chosen[::-1]


def _worth(places: NDArray[np.int64], near: Sequence[Span]) -> NDArray[np.float64]:
    spans = np.array(near, np.int64)
    index = np.searchsorted(spans[:, 0], places[:, 0], "right") - 1
    inside = (index >= 0) & (places.sum(1) <= spans[index, 1])
    return np.asarray(EXPECTED * inside)
