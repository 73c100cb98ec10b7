"""Second-rank text: hints, counts, empty states."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel

from rlm_desktop.gui.theme import colours


class QuietLabel(QLabel):
    """Wraps, and keeps the quiet colour of whatever scheme is in use."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self._colour = ""
        self.setWordWrap(True)
        self._follow_scheme()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._follow_scheme()

    def _follow_scheme(self) -> None:
        colour = colours(self.palette()).quiet
        if colour != self._colour:
            self._colour = colour
            palette = QPalette()  # sets one role only, so that the others go on following the scheme
            palette.setColor(QPalette.ColorRole.WindowText, QColor(colour))
            self.setPalette(palette)
