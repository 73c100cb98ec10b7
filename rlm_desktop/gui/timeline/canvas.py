"""A waterfall in a widget: as large as it is, scrolled where it is, painted once for as long as nothing changes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.timeline.painter import GUTTER, Inks, TimelinePainter
from rlm_desktop.gui.timeline.spans import Spans
from rlm_desktop.gui.timeline.viewport import Viewport
from rlm_desktop.gui.timeline.waterfall import Waterfall

_LANES = 4
"""Lanes that there is room for at least, of the lowest kind that can be clicked."""
_LOWEST = 5
METERS = 2 * GRID
"""Height of the strip with the meters."""


class WaterfallCanvas(QAbstractScrollArea):
    """Shows a waterfall through a viewport.

    Attributes:
        fall: What is shown.
        part: Which part of it.
        bar: Number of the bar that is chosen.
        moment: Where a line is drawn, in microseconds since the run began.
        nothing: What is said instead of a waterfall that has no bars.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fall = Waterfall(Spans().picture(), 0)
        self.part = Viewport()
        self.bar: int | None = None
        self.moment: int | None = None
        self.nothing = ""
        self._painted: tuple[object, QPixmap] | None = None
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    @property
    def header(self) -> int:
        """Height of what stands above the lanes: the axis, the meters, and the marks of failures."""
        return self._strip + METERS + GUTTER

    @property
    def _strip(self) -> int:
        return self.fontMetrics().height() + GRID // 2

    def _scrolled(self, top: int) -> None:
        self.part.scroll_to(top)
        self.show_part()

    def show_part(self) -> None:
        """Show another part, or more."""
        bar = self.verticalScrollBar()
        bar.blockSignals(True)
        bar.setRange(0, self.part.deepest)
        bar.setPageStep(self.part.window.height)
        bar.setSingleStep(GRID)
        bar.setValue(self.part.window.top)
        bar.blockSignals(False)
        self.viewport().update()

    def lay_out(self) -> None:
        """Fit the part that is shown into the widget as large as it is, with text as large as it is."""
        size = self.viewport().size()
        lane = self.fontMetrics().height() + GRID // 4
        self.part.resize(size.width(), size.height() - self.header, lane)
        self.setMinimumHeight(self.header + _LANES * _LOWEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay_out()
        self.show_part()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.PaletteChange, QEvent.Type.StyleChange}:
            self._painted = None
            self.lay_out()
            self.show_part()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        inks = Inks.of(self.palette())
        if len(self.fall.picture) <= 1:
            painter.fillRect(self.viewport().rect(), inks.ground)
            painter.setPen(inks.quiet)
            middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(GRID, 0, -GRID, 0), middle, self.nothing)
            return
        window = self.part.window
        key = (
            id(self.fall.picture),
            self.fall.now,
            window,
            self.devicePixelRatioF(),
            self.viewport().size(),
        )
        if self._painted is None or self._painted[0] != key:
            self._painted = (key, self._paint(inks))
        painter.drawPixmap(0, 0, self._painted[1])
        painter.translate(0, self.header)
        painter.setClipRect(0, 0, window.width, window.height)
        over = TimelinePainter(painter, inks, self.fontMetrics(), self.fall, window)
        if self.bar is not None:
            over.chosen(self.bar)
        if self.moment is not None:
            over.moment(self.moment)

    def _paint(self, inks: Inks) -> QPixmap:
        """All but what is chosen and where the replay stands, which change more often."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.viewport().size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(inks.ground)
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        window = self.part.window
        paint = TimelinePainter(painter, inks, self.fontMetrics(), self.fall, window)
        painter.translate(0, self.header)
        painter.setClipRect(0, 0, window.width, window.height)
        paint.bands()
        painter.setClipping(False)
        painter.resetTransform()
        paint.axis(self._strip, self.header + window.height)
        painter.translate(0, self._strip)
        paint.meters(METERS)
        paint.failures(METERS)
        painter.translate(0, METERS + GUTTER)
        painter.setClipRect(0, 0, window.width, window.height)
        paint.bars(ratio)
        paint.details()
        painter.end()
        return pixmap
