"""The window before there is anything: no document, no question, perhaps no model."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.wire import Notice
from tests.gui.fake_engine import MODELS
from tests.gui.shots.camera import wait
from tests.gui.shots.stage import FATHER, Setting, Stage

SETTING = Setting(
    models=({**MODELS[0], "state": "absent", "size": 1_117_320_768, "default": True}, *MODELS[1:])
)


def first_run(stage: Stage) -> QWidget:
    return stage.window


def model_wanted(stage: Stage) -> QWidget:
    stage.open()
    stage.window.ask.box.setPlainText(FATHER)
    stage.window.ask.ask()
    return stage.window


def model_downloading(stage: Stage) -> QWidget:
    notice = Notice("download", "tiny", "running", received=400_000_000, total=1_117_320_768)
    stage.window.catalogue._noticed(notice)
    return stage.window


def model_too_large(stage: Stage) -> QWidget:
    stage.window.catalogue._noticed(Notice("download", "tiny", "cancelled"))
    stage.window.ask.picker.choose("big")
    wait(stage.window.ask.picker.fetch.isVisible)
    return stage.window


VIEWS = (first_run, model_wanted, model_downloading, model_too_large)
