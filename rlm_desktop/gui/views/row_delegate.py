"""How rows of lists and trees are drawn."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from rlm_desktop.gui.theme import GRID, colours

Index = QModelIndex | QPersistentModelIndex
ICON = 2 * GRID


class RowDelegate(QStyledItemDelegate):
    """Rows of the height the design asks for: 24 pixels, more if the font needs it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), max(hint.height(), 3 * GRID))


class TwoLineDelegate(QStyledItemDelegate):
    """An icon, a line of text, and a quiet line below it; both end in an ellipsis if they are too long.

    Args:
        note_role: The role of the second line.
    """

    def __init__(self, note_role: int) -> None:
        super().__init__()
        self._note_role = note_role

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        # without a width of its own a row is as wide as the list, and nothing scrolls sideways
        return QSize(0, 2 * option.fontMetrics.lineSpacing() + GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        icon, text = QIcon(option.icon), option.text
        option.text, option.icon = "", QIcon()
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        box = option.rect.adjusted(GRID, GRID // 2, -GRID, -GRID // 2)
        mode = QIcon.Mode.Selected if chosen else QIcon.Mode.Normal
        height = option.fontMetrics.lineSpacing()
        icon.paint(painter, QRect(box.left(), box.top(), ICON, height), Qt.AlignmentFlag.AlignCenter, mode)
        box.setLeft(box.left() + ICON + GRID)
        note = str(index.data(self._note_role))
        ink = option.palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text)
        quiet = ink if chosen else QColor(colours(option.palette).quiet)
        for line, colour in ((text, ink), (note, quiet)):
            painter.setPen(colour)
            short = option.fontMetrics.elidedText(line, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, short)
            box.setTop(box.top() + height)
