"""Text in one of our colours."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel

from rlm_desktop.gui.look.status import Tone
from rlm_desktop.gui.look.theme import colours


class TonedLabel(QLabel):
    """Wraps, and keeps the colour of its tone in whatever scheme is in use.

    A style sheet would not do: a widget that has one does not see the palette change.
    """

    def __init__(self, tone: Tone, text: str = "") -> None:
        super().__init__(text)
        self._tone = tone
        self._colour = ""
        self.setWordWrap(True)
        self._follow_scheme()

    def set_tone(self, tone: Tone) -> None:
        """Have another colour."""
        self._tone = tone
        self._follow_scheme()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._follow_scheme()

    def _follow_scheme(self) -> None:
        colour = str(getattr(colours(self.palette()), self._tone))
        if colour != self._colour:
            self._colour = colour
            palette = QPalette()  # sets one role only, so that the others go on following the scheme
            palette.setColor(QPalette.ColorRole.WindowText, QColor(colour))
            self.setPalette(palette)
