"""A waterfall in pixels: which part of a run a window shows, what each of its pixels stands for, what lies where."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rlm_desktop.gui.timeline.lanes import OPEN, Numbers
from rlm_desktop.gui.timeline.spans import KINDS, STATUSES, Picture

Pixels = npt.NDArray[np.uint8]


class Paint(IntEnum):
    """What a pixel shows. Where several bars share one, the highest is seen: no failure is ever hidden."""

    NOTHING = 0
    WAITING = 1
    STOPPED = 2
    GROUP = 3
    CELL = 4
    CALL = 5
    TURN = 6
    WARNING = 7
    FAILED = 8


_BY_KIND = {"turn": Paint.TURN, "cell": Paint.CELL, "call": Paint.CALL}
_BY_STATUS = {"warning": Paint.WARNING, "failed": Paint.FAILED, "cancelled": Paint.STOPPED}
_PAINT_OF_KIND = np.array([_BY_KIND.get(kind, Paint.GROUP) for kind in KINDS], np.uint8)
_PAINT_OF_STATUS = np.array([_BY_STATUS.get(status, Paint.NOTHING) for status in STATUSES], np.uint8)
_ASKS = np.array([kind in {"turn", "call"} for kind in KINDS])
"""Which rows ask a model, and wait for its first word."""
_HOLDS_UP = np.array([kind in {"cell", "call"} for kind in KINDS])
"""Which rows stand still while one below them goes on."""


@dataclass(frozen=True)
class Window:
    """What is to be seen: time from left to right, lanes from the top down.

    Attributes:
        left: Microseconds since the run began, at the left edge.
        right: The same at the right edge; more than ``left``.
        width: In pixels.
        top: How far it is scrolled down, in pixels.
        height: In pixels.
        pitch: Pixels from one lane to the next; less than one where many lanes share a row of pixels.
    """

    left: float
    right: float
    width: int
    top: int
    height: int
    pitch: float

    @property
    def scale(self) -> float:
        """Pixels a microsecond."""
        return self.width / (self.right - self.left)

    def x(self, time: float) -> float:
        """Where a moment is."""
        return (time - self.left) * self.scale

    def time(self, x: float) -> float:
        """The moment at a place."""
        return self.left + x / self.scale

    def y(self, lane: float) -> float:
        """Where a lane begins."""
        return lane * self.pitch - self.top

    def lane(self, y: float) -> int:
        """The lane at a place."""
        return int((y + self.top) // self.pitch)

    @property
    def rows(self) -> int:
        """Rows of the raster: of lanes, or of pixels where several lanes share one."""
        return (
            self.height
            if self.pitch < 1
            else int((self.top + self.height - 1) // self.pitch) - self.first + 1
        )

    @property
    def first(self) -> int:
        """The first lane of which anything can be seen, where a lane is at least a pixel high."""
        return int(self.top // self.pitch)


@dataclass(frozen=True, eq=False)
class Waterfall:
    """The bars of a run as they are at one moment.

    Args:
        picture: The rows.
        now: Where the bars of rows that run end: microseconds since the run began.
    """

    picture: Picture
    now: int

    @property
    def lanes(self) -> int:
        """How many there are."""
        return self.picture.lanes.count

    @cached_property
    def ends(self) -> Numbers:
        """Where each bar ends."""
        ends: Numbers = np.where(self.picture.end < OPEN, self.picture.end, self.now)
        return np.maximum(self.picture.start, ends)

    @cached_property
    def closes(self) -> Numbers:
        """Where each bar and all that is below it end."""
        return np.maximum(self.ends, np.where(self.picture.until < OPEN, self.picture.until, self.now))

    @cached_property
    def waits(self) -> Numbers:
        """Until when each row waited for the first word of a model; its start if it did not wait or never heard one."""
        picture, ends = self.picture, self.ends
        unheard = picture.heard >= OPEN
        silent = unheard & (picture.status == STATUSES.index("done"))
        until = np.where(unheard, ends, np.minimum(picture.heard, ends))
        asked: Numbers = np.where(_ASKS[picture.kind] & ~silent, until, picture.start)
        return asked

    @cached_property
    def paints(self) -> Pixels:
        """What each bar is painted as."""
        by_status = _PAINT_OF_STATUS[self.picture.status]
        return np.where(by_status, by_status, _PAINT_OF_KIND[self.picture.kind])

    def seen(self, window: Window) -> Numbers:
        """Numbers of the bars of which something is in the window."""
        picture = self.picture
        first, last = window.lane(0), math.ceil((window.top + window.height) / window.pitch) - 1
        lane = picture.lanes.lane
        inside = (lane >= max(0, first)) & (lane <= last)
        inside &= (picture.start <= window.right) & (self.ends >= window.left)
        return np.flatnonzero(inside)

    def raster(self, window: Window) -> Pixels:
        """What each pixel shows, of `Paint`; every bar in the window leaves at least one.

        Returns:
            ``window.rows`` by ``window.width``. With the number of bars it takes time only to sort them into pixels.
        """
        seen = self.seen(window)
        rows = self._rows(window, seen)
        start, wait, end = (
            np.clip((column[seen] - window.left) * window.scale, -1, window.width).astype(np.int64)
            for column in (self.picture.start, self.waits, self.ends)
        )
        paints = self.paints[seen]
        canvas = _Canvas(window.rows, window.width)
        waiting = wait > start
        canvas.fill(Paint.WAITING, rows[waiting], start[waiting], wait[waiting])
        working = ~waiting | (end > wait) | (paints >= Paint.WARNING)

        def work(levels: range) -> None:
            for paint in levels:
                chosen = np.flatnonzero(working & (paints == paint))
                canvas.fill(paint, rows[chosen], wait[chosen], end[chosen])

        work(range(Paint.STOPPED, Paint.WARNING))
        if window.pitch >= 1:
            held = np.flatnonzero(_HOLDS_UP[self.picture.kind[self.picture.parent[seen]]])
            canvas.fill(
                Paint.WAITING, self._rows(window, self.picture.parent[seen[held]]), start[held], end[held]
            )
        work(range(Paint.WARNING, Paint.FAILED + 1))
        return canvas.pixels

    def _rows(self, window: Window, bars: Numbers) -> Numbers:
        """The rows of the raster that bars are in."""
        lane = self.picture.lanes.lane[bars]
        if window.pitch >= 1:
            return lane - window.first
        rows: Numbers = np.floor(lane * window.pitch).astype(np.int64) - window.top
        return rows

    def bar_at(self, window: Window, x: float, y: float, reach: int = 3) -> int | None:
        """Number of the bar at a place, or of one that is no farther from it than so many pixels."""
        lane = self.picture.lanes.lane
        here = np.flatnonzero(np.abs(lane - window.lane(y)) * window.pitch < max(1.0, window.pitch))
        if not len(here):
            return None
        time, slack = window.time(x), reach / window.scale
        distance = np.maximum(self.picture.start[here] - time, time - self.ends[here])
        distance = np.maximum(distance, 0)
        nearest = int(np.argmin(distance))
        return int(here[nearest]) if distance[nearest] <= slack else None

    def beside(self, bar: int, step: int) -> int | None:
        """The bar before (-1) or after (1) one in its lane; at an end of it, the one that began before or after."""
        lane, start = self.picture.lanes.lane, self.picture.start
        same = np.flatnonzero(lane == lane[bar])
        order = same[np.argsort(start[same], kind="stable")]
        place = int(np.flatnonzero(order == bar)[0]) + step
        if 0 <= place < len(order):
            return int(order[place])
        near = bar + step
        return near if 0 < near < len(self.picture) else None

    def across(self, bar: int, step: int) -> int | None:
        """The bar nearest in time in the next lane up (-1) or down (1): from a step to what it was for, and back."""
        lane, start = self.picture.lanes.lane, self.picture.start
        wanted = int(lane[bar]) + step
        here = np.flatnonzero(lane == wanted) if wanted >= 0 else np.empty(0, np.int64)
        if not len(here):
            return None
        later = start[here] - start[bar]
        gap = np.maximum(np.maximum(start[here] - self.ends[bar], start[bar] - self.ends[here]), 0)
        return int(here[np.lexsort((np.abs(later), later * step < 0, gap))[0]])


class _Canvas:
    """Pixels that bars are painted on, however many there are."""

    def __init__(self, rows: int, width: int) -> None:
        self.pixels = np.zeros((rows, width), np.uint8)

    def fill(self, paint: int, rows: Numbers, start: Numbers, end: Numbers) -> None:
        """Paint bars over pixels [start, end) and at least one; those beyond the edges are cut."""
        if not len(rows):
            return
        height, width = self.pixels.shape
        inside = (rows >= 0) & (rows < height) & (start < width) & ((end > 0) | (start >= 0))
        rows, start, end = rows[inside], np.maximum(start[inside], 0), end[inside]
        end = np.clip(end, start + 1, width)
        stride = width + 1
        size = height * stride
        edges = np.bincount(rows * stride + start, minlength=size)
        edges -= np.bincount(rows * stride + end, minlength=size)
        covered = np.cumsum(edges).reshape(height, stride)[:, :width] > 0
        self.pixels[covered] = paint
