"""Asked before a link that a model wrote is followed: it shows where it really leads."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from rlm_desktop.gui.look.words import tr


class LinkQuestion(QMessageBox):
    """Open a page of the web in the browser, copy its address, or leave it.

    Signals:
        agreed: The page is to be opened (`QUrl`).
    """

    agreed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._address = QUrl()
        self.setWindowTitle(tr("A link that the model wrote"))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        open_ = self.addButton(tr("Open in the browser"), QMessageBox.ButtonRole.AcceptRole)
        copy = self.addButton(tr("Copy the address"), QMessageBox.ButtonRole.ActionRole)
        leave = self.addButton(tr("Leave it"), QMessageBox.ButtonRole.RejectRole)
        for button in (open_, copy, leave):
            button.setAccessibleName(button.text())
        self.setDefaultButton(leave)
        self.setEscapeButton(leave)
        open_.clicked.connect(lambda: self.agreed.emit(self._address))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._address.toString()))

    def put(self, address: str) -> None:
        """Ask about this address."""
        self._address = QUrl(address)
        self.setText(
            tr("The model wrote this link. It leads to {host}, out of this program.").format(
                host=self._address.host()
            )
        )
        # the encoded form, in which no letter looks like another
        self.setInformativeText(bytes(self._address.toEncoded().data()).decode("ascii", "replace"))
        self.open()
