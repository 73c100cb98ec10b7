"""What ``bench repl`` is asked to measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Part = Literal["context", "cell", "child", "kills", "provenance"]
PARTS: tuple[Part, ...] = get_args(Part)
MEGABYTE, GIGABYTE = 10**6, 10**9
SIZES = (MEGABYTE, 100 * MEGABYTE, GIGABYTE)
_UNITS = ((GIGABYTE, "GB"), (MEGABYTE, "MB"), (1000, "kB"))


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        parts: What, in this order.
        sizes: Bytes of the texts; cells are run over the smallest and the largest, children are of the largest.
        rounds: Times each text is loaded with a stopwatch; each is loaded once more to look at its memory.
        trips: Round trips of a cell.
        deaths: Cells of each kind that die, to measure how soon the next one has run.
        children: Child RLMs' REPLs of each size.
        kills: Cells killed at random points.
    """

    parts: tuple[Part, ...] = PARTS
    sizes: tuple[int, ...] = SIZES
    rounds: int = 3
    trips: int = 200
    deaths: int = 10
    children: int = 10
    kills: int = 1000

    @property
    def extremes(self) -> tuple[int, ...]:
        """The smallest and the largest size, if they are two."""
        return tuple(sorted({min(self.sizes), max(self.sizes)}))


def spelled(size: int) -> str:
    """A size as a person says it, by powers of ten: ``100 MB``."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:,.1f}".removesuffix(".0") + f" {name}"
    return f"{size} B"
