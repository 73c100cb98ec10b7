"""What to do with a run when the window is closed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from rlm_desktop.gui.look.words import tr


class CloseQuestion(QMessageBox):
    """Let the run go on behind a hidden window, stop it, or keep the window.

    Signals:
        hidden: The run is to go on without the window.
        stopped: The run may be stopped.
    """

    hidden = Signal()
    stopped = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("A run is going on"))
        self.setText(tr("Close the window while a run is going on?"))
        hide = self.addButton(tr("Hide the window"), QMessageBox.ButtonRole.AcceptRole)
        stop = self.addButton(tr("Stop and close"), QMessageBox.ButtonRole.DestructiveRole)
        wait = self.addButton(tr("Keep waiting"), QMessageBox.ButtonRole.RejectRole)
        hide.setAccessibleName(tr("Hide the window and let the run go on"))
        stop.setAccessibleName(tr("Stop the run and close the window"))
        wait.setAccessibleName(tr("Keep waiting for the answer"))
        self.setDefaultButton(wait)
        self.setEscapeButton(wait)
        hide.clicked.connect(self.hidden)
        stop.clicked.connect(self.stopped)

    def put(self, *, notified: bool, queued: bool = False) -> None:
        """Ask.

        Args:
            notified: Whether the end of a run is announced.
            queued: Whether questions wait for it.
        """
        back = tr("It can go on with the window hidden; starting the program again brings the window back.")
        end = (
            tr("A notification says when it has ended.")
            if notified
            else tr("When it has ended, the program ends too.")
        )
        kept = tr("Either way, what it found is kept in the history.")
        if queued:
            kept += " " + tr("Questions that wait are asked after it, or, if you stop it, when you say so.")
        self.setInformativeText(f"{back} {end}\n\n{kept}")
        self.open()
