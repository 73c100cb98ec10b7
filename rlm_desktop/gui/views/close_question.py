"""What to do with a run when the window is closed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QWidget


class CloseQuestion(QMessageBox):
    """Stop the run and close, or keep waiting.

    Signals:
        agreed: The run may be stopped.
    """

    agreed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("A run is going on")
        self.setText("Stop the run and close the window?")
        self.setInformativeText("What it found so far is kept in the history.")
        stop = self.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        wait = self.addButton("Keep waiting", QMessageBox.ButtonRole.RejectRole)
        stop.setAccessibleName("Stop the run and close the window")
        wait.setAccessibleName("Keep waiting for the answer")
        self.setDefaultButton(wait)
        self.setEscapeButton(wait)
        stop.clicked.connect(self.agreed)
