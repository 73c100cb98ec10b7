"""Where the bars of a waterfall go: those that overlap in time side by side, those below a step beneath it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
NONE = -1
"""Parent of the row that stands above all others, and its lane."""
OPEN = 2**62
"""The moment of what has not happened yet."""
_SLOT_BITS = 32
_SLOT = 2**_SLOT_BITS - 1


@dataclass(slots=True)
class _Siblings:
    """The tracks of the rows directly below one row.

    A track takes rows one after the other. ``busy`` has the tracks whose rows have ended, each as a number below the
    moment they did (a quarter of the memory of a pair), and ``free`` those that may be used again, as heaps; most rows
    have few below them and need neither.
    """

    tracks: array[int] = field(default_factory=lambda: array("i"))
    busy: list[int] | None = None
    free: list[int] | None = None
    latest: int = 0


@dataclass(frozen=True)
class Arrangement:
    """Where each row stands: its lane, and how many lanes it takes with all that is below it.

    Attributes:
        lane: Of each row, from 0; `NONE` for the first row.
        height: In lanes.
        count: Number of lanes.
    """

    lane: Numbers
    height: Numbers
    count: int


class Lanes:
    """Gives out lanes as rows begin, so that a run that goes on never has to be laid out anew.

    Rows are numbered from 0 in the order they are announced, which should be that in which they began: a row that
    comes late gets a track of its own. A block, a row with all below it, takes whole tracks of its parent, and each
    of its rows is beneath its parent and above the next block: no two bars of a lane overlap.
    """

    def __init__(self) -> None:
        self._parent = array("i")
        self._depth = array("h")
        self._slot = array("i")
        self._track = array("i")
        self._open = array("i")  # rows of its block that have not ended
        self._until = array("q")
        self._above = array("i")  # of each track, the row it is below,
        self._first = array("i")  # its first row,
        self._last = array("i")  # its latest,
        self._queued = array("b")  # and whether it is busy or free
        self._below: dict[int, _Siblings] = {}
        self._arranged: tuple[int, int, Arrangement] | None = None

    def __len__(self) -> int:
        return len(self._parent)

    @property
    def until(self) -> Numbers:
        """When all of the block of each row had ended; `OPEN` if it has not."""
        return np.where(np.array(self._open), OPEN, np.array(self._until))

    def begin(self, parent: int, start: int) -> None:
        """The next row begins.

        Args:
            parent: Number of the row above; `NONE` for the first row.
            start: In any unit.
        """
        row = len(self._parent)
        self._parent.append(parent)
        self._depth.append(self._depth[parent] + 1 if parent != NONE else 0)
        self._open.append(1)
        self._until.append(start)
        self._slot.append(NONE)
        self._track.append(NONE)
        if parent != NONE:
            siblings = self._below.setdefault(parent, _Siblings())
            self._put(row, siblings, self._free_slot(siblings, start))
        self._open_above(row, start)

    def finish(self, row: int, end: int) -> None:
        """A row that began has ended."""
        while row != NONE:
            self._open[row] -= 1
            self._until[row] = max(self._until[row], end)
            parent = self._parent[row]
            if parent != NONE and not self._open[row] and not self._queued[self._track[row]]:
                self._queue(self._below[parent], row)
            row = parent

    def _open_above(self, row: int, start: int) -> None:
        """Something goes on below rows that may have ended: their blocks reach farther than was thought.

        Backwards too, when the clock was set back: what was on a track before them may be in the way.
        """
        while (row := self._parent[row]) != NONE:
            self._open[row] += 1
            self._until[row] = max(self._until[row], start)
            siblings = self._below.get(self._parent[row])
            if not siblings:
                continue
            track = self._track[row]
            if self._last[track] != row or (start < siblings.latest and self._first[track] != row):
                self._put(row, siblings, len(siblings.tracks))

    def _free_slot(self, siblings: _Siblings, start: int) -> int:
        """The first track that is free from this moment on, or else a new one."""
        if start < siblings.latest:
            return len(siblings.tracks)
        siblings.latest = start
        if siblings.busy is None:
            return len(siblings.tracks)
        busy, free = siblings.busy, siblings.free = siblings.busy, siblings.free or []
        while busy and busy[0] >> _SLOT_BITS <= start:
            heappush(free, heappop(busy) & _SLOT)
        while free:
            slot = heappop(free)
            track = siblings.tracks[slot]
            last = self._last[track]
            self._queued[track] = False
            if self._open[last]:
                continue  # something goes on in it again; it is queued when that ends
            if self._until[last] <= start:
                return slot
            self._queue(siblings, last)
        return len(siblings.tracks)

    def _queue(self, siblings: _Siblings, row: int) -> None:
        """The track of a row can be used again when its block has ended."""
        if siblings.busy is None:
            siblings.busy = []
        self._queued[self._track[row]] = True
        heappush(siblings.busy, self._until[row] << _SLOT_BITS | self._slot[row])

    def _put(self, row: int, siblings: _Siblings, slot: int) -> None:
        if slot == len(siblings.tracks):
            siblings.tracks.append(len(self._above))
            self._above.append(self._parent[row])
            self._first.append(row)
            self._last.append(row)
            self._queued.append(False)
        self._slot[row], self._track[row] = slot, siblings.tracks[slot]
        self._last[self._track[row]] = row

    def arrange(self) -> Arrangement:
        """Where each row stands now; the same as before unless there are more rows or tracks."""
        counts = len(self._parent), len(self._above)
        if self._arranged is None or self._arranged[:2] != counts:
            self._arranged = (*counts, self._arrange())
        return self._arranged[2]

    def _arrange(self) -> Arrangement:
        """Heights from the deepest rows up, lanes from the first row down."""
        parent, depth, track = (np.array(column) for column in (self._parent, self._depth, self._track))
        above = np.array(self._above)
        levels = [np.flatnonzero(depth == level) for level in range(1, depth.max(initial=0) + 1)]
        height = np.ones(len(parent), np.int64)
        thickness = np.zeros(len(above), np.int64)
        for level, rows in reversed(list(enumerate(levels))):
            np.maximum.at(thickness, track[rows], height[rows])
            tracks = np.flatnonzero(depth[above] == level)
            np.add.at(height, above[tracks], thickness[tracks])
        offset = _offsets(above, thickness)
        lane = np.full(len(parent), NONE, np.int64)
        for rows in levels:
            lane[rows] = lane[parent[rows]] + 1 + offset[track[rows]]
        return Arrangement(lane, height, int(height[0]) - 1 if len(parent) else 0)


def _offsets(above: Numbers, thickness: Numbers) -> Numbers:
    """How many lanes of the same parent come before each track."""
    order = np.argsort(above, kind="stable")
    before = np.cumsum(thickness[order]) - thickness[order]
    first = np.diff(above[order], prepend=NONE) != 0
    offset = np.empty_like(thickness)
    offset[order] = before - np.maximum.accumulate(np.where(first, before, 0))
    return offset
