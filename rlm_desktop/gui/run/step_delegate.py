"""How a step of a run is drawn: a row, with a thin bar where it says how far it has come."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from rlm_desktop.gui.look.theme import GRID, colours
from rlm_desktop.gui.run.tree_model import ShareRole
from rlm_desktop.gui.widgets.row_delegate import Index, RowDelegate

_THICK = 2
_TRACK = 0.25
"""Opacity of the part of a bar that is to come."""


class StepDelegate(RowDelegate):
    """Rows of the run tree."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        share = index.data(ShareRole)
        if share is None:
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = option.palette.color(QPalette.ColorRole.HighlightedText)
        colour = ink if chosen else QColor(colours(option.palette).busy)
        track = QColor(colour)
        track.setAlphaF(_TRACK)
        left, width = option.rect.left() + GRID // 2, option.rect.width() - GRID
        top = option.rect.bottom() - _THICK
        painter.fillRect(QRect(left, top, width, _THICK), track)
        painter.fillRect(QRect(left, top, round(width * share), _THICK), colour)
