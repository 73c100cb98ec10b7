"""Pictures of the window where there is no sandbox, and of documents that come to a session."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QMessageBox

from rlm_desktop.gui.main_window import MainWindow
from tests.gui.dragging import Drag, carrying
from tests.gui.shots import FOLDER, palette, settle, shoot, wait


def shoot_dialog(dialog: QMessageBox, name: str) -> None:
    for dark in (False, True):
        QApplication.setPalette(palette(dark))
        settle()
        dialog.grab().save(str(FOLDER / f"{name}-{'dark' if dark else 'light'}.png"))


def shoot_sandbox(window: MainWindow, book: Path) -> None:
    """Ask twice on an engine without a sandbox, the second time about a document more."""
    window.open_paths([str(book)])
    wait(lambda: bool(window.documents.views()))
    window.ask.box.setPlainText("Who was the father of Methuselah, and does a thread go on?")
    window.ask.ask()
    wait(window.consent.dialog.isVisible)
    shoot_dialog(window.consent.dialog, "unconfined")
    agree(window)
    window.tree.setCurrentIndex(window.tree.tree().index_of(2))
    window.details.tabs.setCurrentWidget(window.details.notes)
    shoot(window, "without-sandbox")
    other = book.with_name("exodus.txt")
    other.write_text("Now these are the names of the children of Israel.\n" * 2000, "utf-8")
    held = Drag(window, carrying(other), at=0.9)
    shoot(window, "drop")
    held.leave()
    window.add_paths([str(other)])
    wait(lambda: len(window.library.model.sources) == 2)
    window.ask.box.setPlainText("And who were the children of Israel?")
    shoot(window, "added")
    window.ask.ask()
    agree(window)
    shoot(window, "added-answered")


def agree(window: MainWindow) -> None:
    wait(window.consent.dialog.isVisible)
    window.consent.dialog.buttons()[0].click()
    wait(lambda: window.runs.busy)
    wait(lambda: not window.runs.busy and window.ask.follow_up.isVisible())
    settle()
