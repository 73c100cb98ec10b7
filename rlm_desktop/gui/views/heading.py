"""The small heading above a pane."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from rlm_desktop.gui.theme import GRID


class Heading(QLabel):
    """Names a pane."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        font = self.font()
        font.setBold(True)
        self.setFont(font)
        self.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
