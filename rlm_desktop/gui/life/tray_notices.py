"""Notifications where there is a tray and no notification service of the desktop's own to ask."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon


class TrayNotices(QObject):
    """An icon in the tray that speaks. It stays until it is taken back, and so a click on it always finds the window.

    Signals:
        clicked: The person wants to see what it is about: an empty text, as here no token is needed, and that.
        gone: Never; see above.
    """

    clicked = Signal(str, str)
    gone = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon: QSystemTrayIcon | None = None
        self._about = ""

    def show(self, title: str, text: str, button: str, about: str = "") -> bool:
        """Show a notification, in place of the one before; returns whether there is a tray."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        icon = self._icon
        if icon is None:
            icon = self._icon = QSystemTrayIcon(QApplication.windowIcon(), self)
            icon.messageClicked.connect(self._click)
            icon.activated.connect(self._click)
        self._about = about
        icon.setToolTip(title)
        icon.show()
        icon.showMessage(title, f"{text}\n{button}" if text else button, QApplication.windowIcon())
        return True

    def withdraw(self) -> None:
        """Take the icon away: the person has come by themselves."""
        if self._icon is not None:
            self._icon.hide()

    def close(self) -> None:
        """Take the icon away for good."""
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None

    def _click(self) -> None:
        self.clicked.emit("", self._about)
