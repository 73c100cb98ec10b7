"""Where there is no sandbox: the question, what follows, and a document that comes to the session."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import Setting, Stage

SETTING = Setting(sandbox="none")


def unconfined(stage: Stage) -> QWidget:
    stage.open()
    stage.window.ask.box.setPlainText("Who was the father of Methuselah, and does a thread go on?")
    stage.window.ask.ask()
    wait(stage.window.consent.dialog.isVisible)
    return stage.window.consent.dialog


def without_sandbox(stage: Stage) -> QWidget:
    _agree(stage)
    stage.mark(2)
    stage.window.details.open_tab("notes")
    return stage.window


def added(stage: Stage) -> QWidget:
    other = stage.write("exodus.txt", "Now these are the names of the children of Israel.\n" * 2000)
    stage.window.add_paths([str(other)])
    wait(lambda: len(stage.window.library.model.sources) == 2)
    stage.window.ask.box.setPlainText("And who were the children of Israel?")
    return stage.window


def added_answered(stage: Stage) -> QWidget:
    stage.window.ask.ask()
    _agree(stage)
    return stage.window


def _agree(stage: Stage) -> None:
    window = stage.window
    wait(window.consent.dialog.isVisible)
    window.consent.dialog.buttons()[0].click()
    wait(lambda: window.runs.busy)
    wait(lambda: not window.runs.busy and window.ask.follow_up.isVisible())
    settle()


VIEWS = (unconfined, without_sandbox, added, added_answered)
