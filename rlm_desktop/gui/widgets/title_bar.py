"""The heading above a pane: what it is, and the ways to take it out of the window or away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr


class TitleBar(QWidget):
    """Names a dock; dragging it drags the dock, a double click floats it, as Qt does by itself."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._title = QLabel(dock.windowTitle())
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._float = self._button("float", tr("Take out of the window, or put back"))
        self._float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self._close = self._button("close", tr("Close"))
        self._close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID // 4, GRID // 4, GRID // 4)
        row.setSpacing(0)
        row.addWidget(self._title, 1)
        row.addWidget(self._float)
        row.addWidget(self._close)
        self._paint()

    def _button(self, name: str, what: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setIconSize(QSize(2 * GRID, 2 * GRID))
        button.setToolTip(what)
        button.setAccessibleName(f"{what}: {self._title.text()}")
        return button

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._paint()

    def _paint(self) -> None:
        ink = self.palette().buttonText().color().name()
        for button in (self._float, self._close):
            button.setIcon(icon(button.objectName(), ink))
