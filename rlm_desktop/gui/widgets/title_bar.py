"""The heading above a pane: what it is, and the ways to take it out of the window or away."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QWidget

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.icon_button import IconButton

_LINE = GRID // 4
"""Pixels of the line that marks the pane where keys go."""
_STEP = 4 * GRID
"""Pixels that a dock steps aside."""


class TitleBar(QWidget):
    """Names a dock; dragging it drags the dock, a double click floats it, as Qt does by itself."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self._has_focus = False
        self._title = QLabel(dock.windowTitle())
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        float_ = self._button("float", tr("Take out of the window, or put back"))
        float_.clicked.connect(self._float)
        close = self._button("close", tr("Close"))
        close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID // 4, GRID // 4, GRID // 4)
        row.setSpacing(0)
        row.addWidget(self._title, 1)
        row.addWidget(float_)
        row.addWidget(close)

    def mark(self, focus: QWidget | None) -> None:
        """Show whether the dock holds the widget that keys go to."""
        has_focus = focus is not None and self._dock.isAncestorOf(focus)
        if has_focus != self._has_focus:
            self._has_focus = has_focus
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._has_focus:
            painter = QPainter(self)
            painter.fillRect(0, self.height() - _LINE, self.width(), _LINE, self.palette().highlight())
            painter.end()

    def _float(self) -> None:
        """Take the dock out a step aside from where it stood, since another takes its place there."""
        self._dock.setFloating(not self._dock.isFloating())
        if self._dock.isFloating():
            self._dock.move(self._dock.pos() + QPoint(_STEP, _STEP))

    def _button(self, name: str, what: str) -> IconButton:
        button = IconButton(name, what)
        button.setObjectName(name)
        button.setAccessibleName(f"{what}: {self._title.text()}")
        return button
