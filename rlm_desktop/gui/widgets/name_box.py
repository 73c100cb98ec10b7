"""A list to choose one name from, which says the whole of it where there is no room for that."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

from rlm_desktop.gui.widgets.fitting import fitted


class NameBox(QComboBox):
    """Closed, it shows the chosen name with its remarks, as much of it as there is room for.

    The remarks of a name follow it after two spaces.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        name, _, remark = option.currentText.partition("  ")
        room = field.width() - option.fontMetrics.averageCharWidth()
        option.currentText = fitted(option.fontMetrics, name, (remark,) if remark else (), room, gap="  ")
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
