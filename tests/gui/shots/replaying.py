"""A run that is watched again."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.wire import Notice
from tests.gui.shots.camera import wait
from tests.gui.shots.stage import FATHER, Stage


def sample(stage: Stage) -> QWidget:
    stage.window.documents.welcome.sample.click()
    wait(lambda: stage.window.replay.at > 8)
    stage.window.replay.play_or_pause()
    return stage.window


def _at(stage: Stage, at: int) -> QWidget:
    wait(stage.window.replay_bar.isVisible)
    stage.window.replay.seek(at)
    wait(lambda: stage.window.replay.at == at)
    return stage.window


def start(stage: Stage) -> QWidget:
    stage.ask(FATHER)
    stage.mark(1)
    wait(lambda: stage.window.replay.total > 10)
    return _at(stage, 1)


def middle(stage: Stage) -> QWidget:
    return _at(stage, 12)


def end(stage: Stage) -> QWidget:
    return _at(stage, stage.window.replay.total)


def crowded_line(stage: Stage) -> QWidget:
    stage.window.status.show_model(Notice("model", "qwen2.5-coder-1.5b-instruct", "loading", rate=0.35))
    stage.window.status.tell("Saved Who was the father of Methuselah.html", lambda: None)
    return stage.window


VIEWS = (sample, start, middle, end, crowded_line)
