"""How a source or document is drawn in the library: its name, and how much of it there is if there is room for that."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from rlm_desktop.gui.library.model import ExtentRole, NameRole
from rlm_desktop.gui.widgets.fitting import fitted
from rlm_desktop.gui.widgets.row_delegate import Index, RowDelegate


class LibraryRow(RowDelegate):
    """Rows none wider than the list: names lose their middle, since both ends tell them apart."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, super().sizeHint(option, index).height())

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle
        if extent := index.data(ExtentRole):
            name = str(index.data(NameRole))
            option.text = fitted(option.fontMetrics, name, (str(extent),), _room(option), gap="   ")


def _room(option: QStyleOptionViewItem) -> int:
    """Pixels that the style leaves to the text of a row."""
    style = option.widget.style()
    box = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, option.widget)
    margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, option.widget) + 1
    return box.width() - 2 * margin
