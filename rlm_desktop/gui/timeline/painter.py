"""How a waterfall is painted: bands of turns, bars, marks of failures, the axis and the meters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPalette, QPen, QPolygonF

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID, colours
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.timeline.spans import KINDS, Meter
from rlm_desktop.gui.timeline.time_axis import ticks
from rlm_desktop.gui.timeline.waterfall import Paint, Pixels, Waterfall, Window

GUTTER = GRID
"""Height of the strip above the lanes in which failures are marked."""
_BAND = 3
"""Pixels from which on a band is told from its neighbours."""
_HATCH = 4
_FAINT = {Paint.WAITING: 0.45, Paint.GROUP: 0.75}
"""What is nobody's work is painted with so much of its colour."""
_CURVES = (
    (Paint.TURN, Qt.PenStyle.SolidLine),
    (Paint.CALL, Qt.PenStyle.DashLine),
    (Paint.WARNING, Qt.PenStyle.DotLine),
)
"""Of tokens in, tokens out, and what was paid."""
_TURN, _GROUP = KINDS.index("turn"), KINDS.index("group")


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """So much of one colour, the rest of the other."""
    red, green, blue = (
        round(share * a + (1 - share) * b)
        for a, b in ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    )
    return QColor(red, green, blue)


@dataclass(frozen=True)
class Inks:
    """The colours of a waterfall in a palette."""

    ground: QColor
    text: QColor
    quiet: QColor
    rule: QColor
    band: QColor
    chosen: QColor
    bars: dict[Paint, QColor]

    @classmethod
    def of(cls, palette: QPalette) -> Inks:
        """Those of this palette: what words stand on has 4.5:1 to the ground, whose colour they have."""
        own = colours(palette)
        ground = palette.color(QPalette.ColorRole.Base)
        text = palette.color(QPalette.ColorRole.Text)
        quiet = QColor(own.quiet)
        names = {
            Paint.WAITING: own.quiet, Paint.STOPPED: own.quiet, Paint.GROUP: own.quiet, Paint.CELL: own.keyword,
            Paint.CALL: own.good, Paint.TURN: own.busy, Paint.WARNING: own.warn, Paint.FAILED: own.bad,
        }  # fmt: skip
        return cls(
            ground=ground,
            text=text,
            quiet=quiet,
            rule=mixed(text, ground, 0.15),
            band=mixed(text, ground, 0.06),
            chosen=text,
            bars={
                paint: mixed(QColor(name), ground, _FAINT.get(paint, 1.0)) for paint, name in names.items()
            },
        )


class TimelinePainter:
    """Paints one waterfall.

    Args:
        painter: At the top left of the waterfall.
        inks: Its colours.
        metrics: Of its font.
        fall: What to paint.
        window: Which part of it.
    """

    def __init__(
        self, painter: QPainter, inks: Inks, metrics: QFontMetrics, fall: Waterfall, window: Window
    ) -> None:
        self._painter = painter
        self._inks = inks
        self._metrics = metrics
        self._fall = fall
        self._window = window
        self._ends = fall.ends
        self._paints = fall.paints

    # -- above the lanes ---------------------------------------------------------------------------------

    def axis(self, height: int, depth: int) -> None:
        """Moments in a strip of this height, thin lines from it so far down, and what was spent at its right."""
        painter, window, metrics = self._painter, self._window, self._metrics
        total = spent(self._fall.picture.meter, int(window.right))
        room = window.width - metrics.horizontalAdvance(total) - 2 * GRID
        base = (height + metrics.capHeight()) // 2
        widest = metrics.horizontalAdvance(f"59{numbers.THIN}min 59{numbers.THIN}s") + 2 * GRID
        for tick in ticks(window.left, window.right, window.width // widest):
            x = round(window.x(tick.time))
            painter.setPen(self._inks.rule)
            painter.drawLine(x, 0, x, depth)
            if x + metrics.horizontalAdvance(tick.text) + GRID <= room:
                painter.setPen(self._inks.quiet)
                painter.drawText(x + GRID // 2, base, tick.text)
        place = QRect(room + GRID, 0, 0, height)
        self._plate(place, total, self._inks.ground, self._inks.quiet)

    def meters(self, height: int) -> None:
        """What was spent, as curves that rise to their last value: tokens in and out, and what was paid."""
        meter, window = self._fall.picture.meter, self._window
        if not len(meter.time):
            return
        totals = meter.at(window.left + np.arange(window.width + 1) / window.scale)
        wholes = (meter.prompt[-1], meter.completion[-1], meter.cost[-1])
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for values, whole, (paint, style) in zip(totals, wholes, _CURVES, strict=True):
            if whole:
                heights = np.round(2 * (height - 1.5 - values / whole * (height - 3))) / 2
                self._painter.setPen(QPen(self._inks.bars[paint], 1.5, style))
                self._painter.drawPolyline(_steps(heights))
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def failures(self, top: int) -> None:
        """A cross for each failure in the window, or for those that share its place, whether or not its lane is."""
        picture, window = self._fall.picture, self._window
        failed = np.flatnonzero((self._paints == Paint.FAILED) & (picture.lanes.lane >= 0))
        x = (self._ends[failed] - window.left) * window.scale
        cells = (x[(x >= 0) & (x <= window.width)] // GUTTER).astype(np.int64)
        places = (
            np.flatnonzero(np.bincount(cells)) * GUTTER
        )  # `np.unique` would import a tenth of a second of numpy
        self._painter.setPen(QPen(self._inks.bars[Paint.FAILED], 2))
        for place in places.tolist():
            self._cross(QRectF(place + 1, top + 1, GUTTER - 3, GUTTER - 3))

    # -- the lanes ---------------------------------------------------------------------------------------

    def bands(self) -> None:
        """A ground for each turn with all below it, and a frame for each batch."""
        picture, window = self._fall.picture, self._window
        kind, lanes = picture.kind, picture.lanes
        until = self._fall.closes
        blocks = np.flatnonzero(
            ((kind == _TURN) | (kind == _GROUP))
            & ((until - picture.start) * window.scale >= _BAND)
            & (picture.start <= window.right)
            & (until >= window.left)
            & (lanes.height * window.pitch >= _BAND)
        )
        for bar in blocks.tolist():
            left, right = (
                max(-2.0, window.x(picture.start[bar])),
                min(window.width + 2.0, window.x(until[bar])),
            )
            top, high = window.y(int(lanes.lane[bar])), float(lanes.height[bar]) * window.pitch
            block = QRectF(round(left), round(top), round(right - left), round(high))
            if kind[bar] == _TURN:
                self._painter.fillRect(block, self._inks.band)
                self._painter.fillRect(QRectF(block.left(), block.top(), 1, block.height()), self._inks.rule)
            else:
                self._painter.setPen(self._inks.rule)
                self._painter.drawRect(block.adjusted(0, 0, -1, -1))

    def bars(self, ratio: float) -> None:
        """Every bar, in the pixels of the screen, of which there are so many to one of ours."""
        window = self._window
        fine = Window(
            window.left, window.right, round(window.width * ratio), round(window.top * ratio),
            round(window.height * ratio), window.pitch * ratio,
        )  # fmt: skip
        pixels = np.ascontiguousarray(spread(self._fall.raster(fine), fine))
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, width, QImage.Format.Format_Indexed8)
        table = [0] + [self._inks.bars[paint].rgba() for paint in Paint if paint]
        image.setColorTable(table)
        image.setDevicePixelRatio(ratio)
        self._painter.drawImage(0, 0, image)

    def details(self) -> None:
        """Words on bars that have room for them, and crosses on those that failed."""
        window, picture = self._window, self._fall.picture
        if window.pitch < GRID:
            return
        seen = self._fall.seen(window)
        waits = self._fall.waits
        wide = (self._ends[seen] - picture.start[seen]) * window.scale >= GRID
        for bar in seen[wide].tolist():
            paint = Paint(int(self._paints[bar]))
            left, right = max(0.0, window.x(picture.start[bar])), min(window.width, window.x(self._ends[bar]))
            heard = max(left, window.x(waits[bar]))
            top = window.y(int(picture.lanes.lane[bar]))
            if paint is Paint.FAILED:
                side = min(GRID, window.pitch - 3)
                self._painter.setPen(QPen(self._inks.ground, 2))
                self._cross(QRectF(heard + 2, top + (window.pitch - 1 - side) / 2 + 1, side - 2, side - 2))
                heard += side + 2
            if not self._words(bar, self._inks.bars[paint], heard, right, top):
                self._words(bar, None, left, right, top)

    def _words(self, bar: int, ground: QColor | None, left: float, right: float, top: float) -> bool:
        """Write a bar's label between two places if there is room: on its colour, or where it waits on the ground's."""
        room = int(right - left) - GRID
        if self._window.pitch < self._metrics.height() or room < 4 * self._metrics.averageCharWidth():
            return False
        label = self._fall.picture.labels[bar]
        text = self._metrics.elidedText(label, Qt.TextElideMode.ElideRight, room)
        place = QRect(round(left), round(top), 0, round(self._window.pitch) - 1)
        ink = self._inks.ground if ground else self._inks.text
        self._plate(place, text, ground or self._inks.ground, ink)
        return True

    def _plate(self, place: QRect, text: str, ground: QColor, ink: QColor) -> None:
        """Words on a ground as wide as they are, so that what is below does not run through them."""
        place.setWidth(self._metrics.horizontalAdvance(text) + GRID)
        self._painter.fillRect(place, ground)
        self._painter.setPen(ink)
        self._painter.drawText(place.adjusted(GRID // 2, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)

    def _cross(self, box: QRectF) -> None:
        self._painter.drawLine(box.topLeft(), box.bottomRight())
        self._painter.drawLine(box.bottomLeft(), box.topRight())

    # -- over the lanes ----------------------------------------------------------------------------------

    def chosen(self, bar: int) -> None:
        """A frame around the bar that is chosen."""
        window, picture = self._window, self._fall.picture
        if picture.lanes.lane[bar] < 0:
            return
        left = max(-4.0, window.x(picture.start[bar]))
        right = min(window.width + 4.0, window.x(self._ends[bar]))
        top = window.y(int(picture.lanes.lane[bar]))
        frame = QRectF(left - 1, top - 1, max(3.0, right - left + 2), max(4.0, window.pitch + 1))
        self._painter.setPen(QPen(self._inks.ground, 4))
        self._painter.drawRect(frame)
        self._painter.setPen(QPen(self._inks.chosen, 2))
        self._painter.drawRect(frame)

    def moment(self, time: int) -> None:
        """Where the replay stands: a line, and what comes after it is veiled."""
        window = self._window
        x = round(window.x(time))
        veil = QColor(self._inks.ground)
        veil.setAlpha(150)
        if x < window.width:
            self._painter.fillRect(max(0, x), 0, window.width - max(0, x), window.height, veil)
        if 0 <= x <= window.width:
            self._painter.fillRect(min(x, window.width - 2) - 1, 0, 2, window.height, self._inks.text)


def _steps(heights: npt.NDArray[np.float64]) -> QPolygonF:
    """A line that goes on at the same height until it has to rise: as many points as it has steps."""
    rises = np.flatnonzero(np.diff(heights)) + 1
    points = [QPointF(0, heights[0])]
    for x in rises.tolist():
        points += (QPointF(x, heights[x - 1]), QPointF(x, heights[x]))
    return QPolygonF([*points, QPointF(len(heights) - 1, heights[-1])])


def spread(raster: Pixels, window: Window) -> Pixels:
    """A raster as high as its window: lanes with a gap between them, waiting hatched, where there is room for that."""
    if window.pitch < 1:
        return raster
    y = np.arange(window.height) + window.top
    lane = (y // window.pitch).astype(np.int64)
    pixels = raster[np.minimum(lane - window.first, len(raster) - 1)]
    if window.pitch >= 3:
        pixels[np.floor((y + 1) / window.pitch) > lane] = Paint.NOTHING
        column = np.arange(window.width)[None, :]
        lines = (column + y[:, None]) % _HATCH >= _HATCH // 2
        pixels[(pixels == Paint.WAITING) & lines] = Paint.NOTHING
    return pixels


def spent(meter: Meter, moment: int) -> str:
    """What had been spent at a moment."""
    prompt, completion, cost = meter.at(moment)
    text = tr("{prompt} tokens in, {completion} out").format(
        prompt=numbers.count(int(prompt)), completion=numbers.count(int(completion))
    )
    return f"{text}, {numbers.cost(float(cost))}" if cost else text
