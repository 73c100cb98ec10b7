"""Clicks on the buttons of questions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS


def press(qtbot: QtBot, dialog: QMessageBox, text: str) -> None:
    """Press the button with this text, which closes the question."""
    (button,) = (button for button in dialog.buttons() if button.text().replace("&", "") == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=WAIT_MS)
