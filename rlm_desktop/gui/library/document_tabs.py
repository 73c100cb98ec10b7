"""The tabs of documents, whose names may be long."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QTabBar, QToolButton

from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr

_LETTERS = 32
"""Of a longer name the middle is left out."""
_CROSS = GRID * 3 // 2
_RIGHT = QTabBar.ButtonPosition.RightSide


class DocumentTabs(QTabBar):
    """None is wider than a usual name; those that have no room are scrolled to rather than made too small to read."""

    def __init__(self) -> None:
        super().__init__()
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUsesScrollButtons(True)
        self.setAccessibleName(tr("Opened documents"))

    def tabSizeHint(self, index: int) -> QSize:
        size = super().tabSizeHint(index)
        size.setWidth(min(size.width(), _LETTERS * self.fontMetrics().averageCharWidth()))
        return size

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    # -- closing -----------------------------------------------------------------------------------------

    def tabInserted(self, index: int) -> None:
        super().tabInserted(index)
        button = QToolButton()
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setIconSize(QSize(_CROSS, _CROSS))
        button.setToolTip(tr("Close"))
        button.setAccessibleName(tr("Close {name}").format(name=self.tabText(index)))
        button.clicked.connect(lambda: self._close(button))
        self.setTabButton(index, _RIGHT, button)
        self._paint()

    def _close(self, button: QToolButton) -> None:
        """Tabs move: which one it stands in is only known now."""
        index = next(one for one in range(self.count()) if self.tabButton(one, _RIGHT) == button)
        self.tabCloseRequested.emit(index)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._paint()

    def _paint(self) -> None:
        cross = icon("close", self.palette().buttonText().color().name())
        for index in range(self.count()):
            if isinstance(button := self.tabButton(index, _RIGHT), QToolButton):
                button.setIcon(cross)
