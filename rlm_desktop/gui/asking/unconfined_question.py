"""Whether the model's code may run where nothing confines it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from rlm_desktop.gui.look.words import tr


class UnconfinedQuestion(QMessageBox):
    """Asked anew for each run; there is no box to tick that it is never asked again.

    Signals:
        agreed: The code may run, this once.
    """

    agreed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowTitle(tr("No sandbox"))
        self.setInformativeText(
            tr(
                "The code can then do whatever you can: read, change and delete your files, and use the network. "
                "A document may hold text that talks a model into harmful code.\n\n"
                "The way “direct” runs no code."
            )
        )
        run = self.addButton(tr("Run it anyway"), QMessageBox.ButtonRole.AcceptRole)
        leave = self.addButton(tr("Do not run it"), QMessageBox.ButtonRole.RejectRole)
        run.setAccessibleName(tr("Run the model's code without a sandbox, for this question"))
        leave.setAccessibleName(tr("Do not ask the question"))
        self.setDefaultButton(leave)
        self.setEscapeButton(leave)
        run.clicked.connect(self.agreed)

    def put(self, why: str) -> None:
        """Ask, and say why there is no sandbox."""
        because = f": {why}" if why else ""
        self.setText(
            tr("On this computer the model's code cannot be confined{because}. Run it anyway?").format(
                because=because
            )
        )
        self.open()
