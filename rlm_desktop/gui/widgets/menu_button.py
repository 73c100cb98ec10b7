"""A button that opens a menu, with its arrow beside the words."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QIcon, QPaintEvent
from PySide6.QtWidgets import (
    QStyle,
    QStyleOption,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
)

from rlm_desktop.gui.look.theme import GRID


class MenuButton(QToolButton):
    """Flat. A tool button by itself puts a tiny arrow below its words, at the edge of what it covers."""

    def __init__(self) -> None:
        super().__init__()
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setAutoRaise(True)

    @property
    def _arrow(self) -> int:
        """The width and the height of the arrow, in pixels."""
        return max(GRID, self.fontMetrics().height() // 2)

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(self._arrow - GRID // 2, 0)  # its own margin is wide

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        words = QStyleOptionToolButton()
        self.initStyleOption(words)
        words.features &= ~QStyleOptionToolButton.ToolButtonFeature.HasMenu
        ground = QStyleOptionToolButton(words)
        ground.text, ground.icon = "", QIcon()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, ground)
        inner = self.rect().adjusted(GRID // 4, 0, -GRID // 4, 0)
        side = self._arrow
        words.rect = self._place(QRect(inner.left(), 0, inner.width() - side, self.height()))
        painter.drawControl(QStyle.ControlElement.CE_ToolButtonLabel, words)
        arrow = QStyleOption(words)
        arrow.rect = self._place(QRect(inner.right() - side + 1, (self.height() - side) // 2, side, side))
        painter.drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorArrowDown, arrow)

    def _place(self, place: QRect) -> QRect:
        """On the other side where one writes from right to left."""
        return QStyle.visualRect(self.layoutDirection(), self.rect(), place)
