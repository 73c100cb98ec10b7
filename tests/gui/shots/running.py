"""A run while it goes on."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import FATHER, Stage


def running(stage: Stage) -> QWidget:
    stage.hold(f"{FATHER} (hold)")
    return stage.window


def step_marked(stage: Stage) -> QWidget:
    stage.mark(2)
    return stage.window


def stopping(stage: Stage) -> QWidget:
    stage.window.ask.set_busy(True, True)
    return stage.window


def stopped(stage: Stage) -> QWidget:
    stage.stop()
    return stage.window


def batch(stage: Stage) -> QWidget:
    stage.hold("Read all of it in one batch, and hold")
    return stage.window


def batch_opened(stage: Stage) -> QWidget:
    stage.window.tree.expandAll()
    settle()
    stage.window.tree.expandAll()
    return stage.window


def step_menu(stage: Stage) -> QWidget:
    stage.mark(2)
    stage.window.tree.menu_wanted.emit(stage.window.pos())
    return QApplication.activePopupWidget()


def closing(stage: Stage) -> QWidget:
    stage.window.close()
    wait(stage.window.life.presence.question.isVisible)
    return stage.window.life.presence.question


def many_runs(stage: Stage) -> QWidget:
    stage.window.life.presence.question.close()
    stage.stop()
    stage.ask("Read all of it in one batch")
    return stage.window


VIEWS = (running, step_marked, stopping, stopped, batch, batch_opened, step_menu, closing, many_runs)
