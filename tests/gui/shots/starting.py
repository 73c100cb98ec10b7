"""The window before its engine answers: what was open is on its way."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.gui.shots.camera import wait
from tests.gui.shots.stage import Setting, Stage

SETTING = Setting(
    kept={
        "open/sources": '[["/books/genesis.txt"], ["/books/exodus.txt"]]',
        "open/run": "run1",
        "library/recent": '[["/books/exodus.txt"], ["/books/genesis.txt"], ["/books/leviticus.txt"]]',
    },
    silent=True,
)


def waiting(stage: Stage) -> QWidget:
    wait(lambda: bool(stage.window.answer.page.toPlainText()))
    return stage.window


VIEWS = (waiting,)
