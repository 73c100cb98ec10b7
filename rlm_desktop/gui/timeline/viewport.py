"""What part of a waterfall is looked at: fitting, zooming into both directions at once, panning, revealing."""

from __future__ import annotations

from rlm_desktop.gui.timeline.waterfall import Window

SHORTEST = 1_000.0
"""Microseconds that a window shows at least."""
_MARGIN = 0.04
"""What part of the window is kept free beside a bar that is brought into it."""
_EDGE = 3
"""Pixels kept free above it."""


class Viewport:
    """A window on so many lanes and so much time.

    Lanes grow with the zoom, from what lets all of them be seen to what text has room in, so that one movement leads
    from the whole run to any of its steps. Beyond either they stay as they are.

    Attributes:
        fitted: Whether the whole run is in the window, and stays so when it grows.
    """

    def __init__(self) -> None:
        self.fitted = True
        self._length = SHORTEST
        self._lanes = 1
        self._width = self._height = 1
        self._roomy = 16.0
        self._left, self._right = 0.0, SHORTEST
        self._top = 0.0
        self._pitch = self._roomy

    @property
    def window(self) -> Window:
        """What is in the window."""
        return Window(self._left, self._right, self._width, round(self._top), self._height, self._pitch)

    @property
    def _lowest(self) -> float:
        """Height of a lane with which all of them can be seen."""
        return min(self._roomy, self._height / max(1, self._lanes))

    @property
    def deepest(self) -> int:
        """How far it can be scrolled down, in pixels."""
        return max(0, round(self._lanes * self._pitch - self._height))

    def resize(self, width: int, height: int, roomy: float) -> None:
        """The window has another size; ``roomy`` is the height of a lane with text."""
        self._width, self._height, self._roomy = max(1, width), max(1, height), roomy
        self._clamp()

    def grow(self, length: float, lanes: int) -> None:
        """There are so much time (in microseconds) and so many lanes now. A window at the end stays there."""
        followed = self._right >= self._length - 1
        self._length, self._lanes = max(SHORTEST, length), lanes
        if self.fitted:
            self.fit()
        else:
            if followed:
                self._move_to(self._length - (self._right - self._left))
            self._clamp()

    def fit(self) -> None:
        """Show the whole run."""
        self.fitted = True
        self._left, self._right, self._top = 0.0, self._length, 0.0
        self._pitch = self._lowest

    def zoom_by(self, factor: float, x: float, y: float) -> None:
        """Zoom in (more than 1) or out; what is at a place stays there."""
        window = self.window
        time, lane = window.time(x), (y + self._top) / self._pitch
        span = max(SHORTEST, (self._right - self._left) / factor)
        if span >= self._length:
            self.fit()
            return
        self.fitted = False
        self._left = time - x / self._width * span
        self._right = self._left + span
        self._pitch = min(self._roomy, max(self._lowest, self._pitch * factor))
        self._top = lane * self._pitch - y
        self._clamp()

    def pan(self, x: float, y: float = 0.0) -> None:
        """Move on by so many pixels, to later times and lower lanes."""
        self._move_to(self._left + x / self.window.scale)
        self._top += y
        self._clamp()

    def scroll_to(self, top: int) -> None:
        """Scroll so far down, in pixels."""
        self._top = top
        self._clamp()

    def show(self, start: float, end: float, lane: int, lanes: int) -> None:
        """Fill the window with this stretch of time, with a little beside it, and with so many lanes from one on."""
        span = max(SHORTEST, (end - start) * (1 + 2 * _MARGIN))
        if span >= self._length:
            self.fit()
            return
        self.fitted = False
        self._left = (start + end - span) / 2
        self._right = self._left + span
        self._pitch = min(self._roomy, max(self._lowest, self._height / lanes))
        self._top = lane * self._pitch - _EDGE
        self._clamp()

    def reveal(self, start: float, end: float, lane: int) -> None:
        """Bring a bar into the window, with as little movement as possible."""
        span = self._right - self._left
        margin = span * _MARGIN
        if end < self._left + margin or start > self._right - margin:
            self._move_to(start - margin if end - start > span else (start + end - span) / 2)
        y = lane * self._pitch
        if y < self._top:
            self._top = y
        elif y + self._pitch > self._top + self._height:
            self._top = y + self._pitch - self._height
        self._clamp()

    def _move_to(self, left: float) -> None:
        self._left, self._right = left, left + self._right - self._left

    def _clamp(self) -> None:
        span = min(self._right - self._left, self._length)
        self._left = min(max(0.0, self._left), self._length - span)
        self._right = self._left + span
        self._pitch = self._lowest if self.fitted else min(self._roomy, max(self._lowest, self._pitch))
        self._top = min(max(0.0, self._top), float(self.deepest))
