"""The run over time."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget

from tests.gui.shots.camera import settle
from tests.gui.shots.stage import FATHER, Stage


def running(stage: Stage) -> QWidget:
    stage.hold(f"{FATHER} (hold)")
    return stage.window


def whole(stage: Stage) -> QWidget:
    stage.stop()
    stage.ask("Read all of it in one batch")
    stage.window.docks.toggle("details")
    return stage.window


def zoomed(stage: Stage) -> QWidget:
    stage.mark(2)
    stage.do("timeline_step")
    for _ in range(3):
        stage.do("timeline_in")
    settle()
    return stage.window


def alone(stage: Stage) -> QWidget:
    stage.do("timeline_fit")
    stage.window.docks.toggle("run")
    return stage.window


def menu(stage: Stage) -> QWidget:
    menu = QMenu(stage.window.timeline)
    menu.addActions(stage.window.timeline.actions())
    menu.popup(stage.window.pos())
    return menu


VIEWS = (running, whole, zoomed, alone, menu)
