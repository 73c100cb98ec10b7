"""Buttons with one of our icons, which follows the colours and the size of the text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QToolButton

from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID


class GrowingButton(QToolButton):
    """Its icon is as high as the text would be, whatever the size of the text is."""

    def __init__(self) -> None:
        super().__init__()
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        side = max(2 * GRID, self.fontMetrics().height())
        self.setIconSize(QSize(side, side))


class IconButton(GrowingButton):
    """Flat. Says what it does only to those who ask: by its tooltip, and to screen readers.

    Args:
        name: The icon.
        what: What it does.
    """

    def __init__(self, name: str, what: str) -> None:
        super().__init__()
        self._name = name
        self.setAutoRaise(True)
        self.setToolTip(what)
        self.setAccessibleName(what)
        self._paint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._paint()

    def _paint(self) -> None:
        self.setIcon(icon(self._name, self.palette().buttonText().color().name()))
