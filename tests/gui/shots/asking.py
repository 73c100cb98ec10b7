"""A question before it is asked: templates, what it will take, limits, questions that wait."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.asking.templates import shipped
from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import FATHER, Stage

LONG = "And what is said of Enoch, of his sons and of their sons, and where does each of them stand? " * 3


def templates(stage: Stage) -> QWidget:
    stage.open()
    wait(lambda: "free" in stage.window.ask._hint.text())
    stage.window.ask.templates.list.popup(stage.window.pos())
    return stage.window.ask.templates.list


def template(stage: Stage) -> QWidget:
    stage.window.ask.use(next(one for one in shipped() if one.note))
    return stage.window


def means(stage: Stage) -> QWidget:
    stage.window.ask.fold.setChecked(True)
    stage.window.ask.picker.choose("openai:gpt-mini")
    stage.window.ask.limits.turns.setValue(5)
    return stage.window


def means_folded(stage: Stage) -> QWidget:
    stage.window.ask.fold.setChecked(False)
    return stage.window


def models_to_choose(stage: Stage) -> QWidget:
    stage.window.ask.picker.combo.showPopup()
    settle()
    return stage.window.ask.picker.combo.view().window()


def queue(stage: Stage) -> QWidget:
    panel = stage.window.ask
    panel.picker.choose("tiny")
    stage.hold(f"{FATHER} (hold)")
    for question in ("How old did he become, and where does it say so?", "please refuse", "Who else?"):
        panel.box.setPlainText(question)
        panel.ask()
    panel.box.setPlainText(LONG)
    return stage.window


def queue_held(stage: Stage) -> QWidget:
    stage.stop()
    settle()
    return stage.window


def queue_refused(stage: Stage) -> QWidget:
    stage.do("queue_start")
    wait(lambda: not stage.window.runs.busy and stage.window.ask.queue.view.count() == 1)
    return stage.window


VIEWS = (templates, template, means, means_folded, models_to_choose, queue, queue_held, queue_refused)
