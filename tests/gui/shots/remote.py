"""Models on servers: the network off and on, what they cost, and how one is added."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import Stage


def network_off(stage: Stage) -> QWidget:
    stage.open()
    stage.window.ask.picker.choose("openai:gpt-mini")
    stage.window.ask.fold.setChecked(True)
    return stage.window


def limit_by_cost(stage: Stage) -> QWidget:
    stage.window.ask.picker.switch_on.click()
    wait(lambda: stage.window.models.network.online)
    stage.ask("Who begat whom, all of them, costly without limit?")
    return stage.window


def network_on(stage: Stage) -> QWidget:
    stage.window.ask.fold.setChecked(False)
    stage.ask("Who was the father of Methuselah, once more?")
    stage.mark(2)
    return stage.window


def _dialog(stage: Stage, number: int) -> QWidget:
    dialog = stage.window.models.dialog
    dialog.start()
    dialog.provider.setCurrentIndex(number)
    dialog.address.setText("https://models.example.org/v1" if number else "")
    dialog.model.setText("gpt-mini")
    dialog.key.setText("secret")
    settle()
    return dialog


def provider(stage: Stage) -> QWidget:
    return _dialog(stage, 0)


def server(stage: Stage) -> QWidget:
    return _dialog(stage, 2)


VIEWS = (network_off, limit_by_cost, network_on, provider, server)
