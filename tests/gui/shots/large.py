"""Text of twice the usual size."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.gui.fake_catalogue import CATALOGUE
from tests.gui.fake_engine import MODELS
from tests.gui.shots import answer, ended, models, welcome
from tests.gui.shots.camera import wait
from tests.gui.shots.stage import FATHER, Setting, Stage

SETTING = Setting(models=(MODELS[0], *CATALOGUE), scale=2)


def means(stage: Stage) -> QWidget:
    stage.open()
    stage.window.ask.box.setPlainText(FATHER)
    stage.window.ask.fold.setChecked(True)
    return stage.window


def running(stage: Stage) -> QWidget:
    stage.window.ask.fold.setChecked(False)
    stage.hold(f"{FATHER} (hold)")
    stage.mark(2)
    return stage.window


def answered(stage: Stage) -> QWidget:
    stage.stop()
    return ended.answered(stage)


def settings(stage: Stage) -> QWidget:
    dialog = stage.window.care.settings
    dialog.show_page("look")
    wait(lambda: bool(dialog.keys))
    return dialog


def palette(stage: Stage) -> QWidget:
    stage.window.care.settings.close()
    stage.do("palette")
    return stage.window


def models_window(stage: Stage) -> QWidget:
    stage.window.care.commands.palette.close()
    return models.ready(stage)


VIEWS = (welcome.first_run, means, running, answered, answer.rendered, settings, palette, models_window)
