"""What lies over the window while files are held above it: where they can be dropped, and what that does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.look.theme import GRID, colours


class DropOverlay(QWidget):
    """Covers a window with one zone for each thing that a drop can do, side by side."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.texts: tuple[str, ...] = ()
        self.chosen = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def offer(self, texts: Sequence[str]) -> None:
        """Show these zones over the whole window."""
        self.texts, self.chosen = tuple(texts), 0
        self.cover()
        self._choose(0)
        self.show()
        self.raise_()

    def cover(self) -> None:
        """Be as large as the window is."""
        self.setGeometry(self._window.rect())

    def point(self, x: float) -> int:
        """Mark the zone at a place, in pixels from the left; returns its number."""
        zone = int(x * len(self.texts) / max(1, self.width()))
        self._choose(min(max(0, zone), len(self.texts) - 1))
        return self.chosen

    def _choose(self, zone: int) -> None:
        self.chosen = zone
        self.setAccessibleName(self.texts[zone])
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self.palette().color(QPalette.ColorRole.Base)
        ground.setAlphaF(0.93)
        painter.fillRect(self.rect(), ground)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        width = self.width() / len(self.texts)
        for number, text in enumerate(self.texts):
            zone = QRectF(number * width, 0, width, self.height()).adjusted(
                2 * GRID, 2 * GRID, -2 * GRID, -2 * GRID
            )
            chosen = number == self.chosen
            ink = (
                QColor(colours(self.palette()).busy)
                if chosen
                else self.palette().color(QPalette.ColorRole.Text)
            )
            style = Qt.PenStyle.SolidLine if chosen else Qt.PenStyle.DashLine
            painter.setPen(QPen(ink, GRID / 2 if chosen else GRID / 4, style))
            painter.drawRoundedRect(zone, GRID, GRID)
            font.setBold(chosen)
            painter.setFont(font)
            words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(zone.adjusted(2 * GRID, 2 * GRID, -2 * GRID, -2 * GRID), words, text)
