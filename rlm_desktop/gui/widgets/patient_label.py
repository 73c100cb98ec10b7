"""Says what is waited for, where it will be."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent

from rlm_desktop.gui.timers import PATIENCE_MS, once
from rlm_desktop.gui.widgets.quiet_label import QuietLabel


class PatientLabel(QuietLabel):
    """Empty until it has been seen for a while, so that nothing flickers where the wait is short.

    Args:
        text: What it says then.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._awaited = text
        self._patience = once(self, PATIENCE_MS, lambda: self.setText(self._awaited))

    def wait_for(self, text: str) -> None:
        """Say this, if anything has to be said."""
        self._awaited = text
        if self.text():
            self.setText(text)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._patience.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._patience.stop()
        self.clear()
