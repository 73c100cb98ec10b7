"""How a model is drawn in a list: its name, and below it what it is doing or can be used for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from rlm_desktop.gui.look.status import Look
from rlm_desktop.gui.look.theme import GRID, colours
from rlm_desktop.gui.models.list_model import LookRole, NoteRole
from rlm_desktop.gui.widgets.fitting import GAP, fitted
from rlm_desktop.gui.widgets.row_delegate import ICON

Index = QModelIndex | QPersistentModelIndex


class ModelDelegate(QStyledItemDelegate):
    """Rows of two lines, none wider than the list."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, 2 * option.fontMetrics.lineSpacing() + GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        title = option.text
        look: Look = index.data(LookRole)
        option.text, option.icon = "", QIcon()
        option.widget.style().drawControl(
            QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget
        )
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = option.palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text)
        line = option.fontMetrics.lineSpacing()
        size = max(ICON, option.fontMetrics.ascent())
        box = QRect(option.rect).adjusted(2 * GRID + size, GRID // 2, -GRID, -GRID // 2)
        mode = QIcon.Mode.Selected if chosen else QIcon.Mode.Normal
        place = QRect(option.rect.left() + GRID, box.top(), size, line)
        look.icon(option.palette).paint(painter, place, Qt.AlignmentFlag.AlignCenter, mode)
        quiet = ink if chosen else QColor(colours(option.palette).quiet)
        for number, (text, colour) in enumerate(((title, ink), (str(index.data(NoteRole)), quiet))):
            painter.setPen(colour)
            name, *figures = text.split(GAP)
            short = fitted(option.fontMetrics, name, figures, box.width())
            painter.drawText(box.left(), box.top() + number * line + option.fontMetrics.ascent(), short)
