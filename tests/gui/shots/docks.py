"""Panes as people move them: floating, in tabs, closed."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from tests.gui.shots.stage import FATHER, Stage


def floating(stage: Stage) -> QWidget:
    stage.ask(FATHER)
    stage.mark(2)
    dock = stage.window.docks.by_name["details"]
    dock.setFloating(True)
    dock.setGeometry(QRect(stage.window.x() + 420, stage.window.y() + 220, 480, 400))
    return stage.window


def tabbed(stage: Stage) -> QWidget:
    docks = stage.window.docks.by_name
    stage.do("reset_panes")
    stage.window.tabifyDockWidget(docks["answer"], docks["details"])
    stage.window.tabifyDockWidget(docks["run"], docks["timeline"])
    docks["run"].raise_()
    return stage.window


def documents_only(stage: Stage) -> QWidget:
    stage.do("reset_panes")
    for name in ("library", "sessions", "run", "timeline", "details"):
        stage.window.docks.toggle(name)
    return stage.window


def panes_menu(stage: Stage) -> QWidget:
    stage.do("reset_panes")
    menu = stage.window.createPopupMenu()
    menu.popup(stage.window.pos())
    return menu


def narrow(stage: Stage) -> QWidget:
    stage.do("reset_panes")
    stage.open(
        stage.write("The first book of Moses, called Genesis, as it was told of old.txt", "In\n" * 9999)
    )
    stage.ask(FATHER)
    docks = stage.window.docks
    docks._taken_over()
    left = [docks.by_name[name] for name in ("library", "sessions")]
    stage.window.resizeDocks(left, [200, 200], Qt.Orientation.Horizontal)
    stage.window.resizeDocks([docks.by_name["ask"]], [260], Qt.Orientation.Horizontal)
    return stage.window


VIEWS = (floating, tabbed, documents_only, panes_menu, narrow)
