"""How rows of lists and trees are drawn."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from rlm_desktop.gui.look.theme import GRID

Index = QModelIndex | QPersistentModelIndex
ICON = 2 * GRID


class RowDelegate(QStyledItemDelegate):
    """Rows of the height the design asks for: 24 pixels, more if the font needs it.

    Letters that another font lends to a text, as those of another script, do not count: rows are all alike.
    """

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = super().sizeHint(option, index).width()
        return QSize(width, max(option.fontMetrics.lineSpacing() + GRID // 2, 3 * GRID))
