"""The tabs of documents, whose names may be long."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QTabBar

from rlm_desktop.gui.look.words import tr

_LETTERS = 32
"""Of a longer name the middle is left out."""


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
