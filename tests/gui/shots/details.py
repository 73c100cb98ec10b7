"""What is known of one step, tab by tab."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import Stage


def nothing(stage: Stage) -> QWidget:
    stage.ask("Tell me richly: who begat whom?")
    wait(stage.window.answer.coverage.isVisible)
    stage.window.docks.toggle("answer")
    stage.window.tree.follow(False)
    stage.window.tree.clearSelection()
    return stage.window


def _tab(stage: Stage, span: int, name: str) -> QWidget:
    stage.mark(span)
    stage.window.details.open_tab(name)
    settle()
    return stage.window


def code(stage: Stage) -> QWidget:
    return _tab(stage, 2, "code")


def output(stage: Stage) -> QWidget:
    return _tab(stage, 2, "output")


def read(stage: Stage) -> QWidget:
    return _tab(stage, 2, "read")


def figures(stage: Stage) -> QWidget:
    return _tab(stage, 2, "figures")


def prompt(stage: Stage) -> QWidget:
    return _tab(stage, 6, "prompt")


def prompt_as_written(stage: Stage) -> QWidget:
    stage.do("raw")
    return _tab(stage, 6, "prompt")


def changes(stage: Stage) -> QWidget:
    stage.do("raw")
    return _tab(stage, 6, "changes")


def response(stage: Stage) -> QWidget:
    return _tab(stage, 6, "response")


def thinking(stage: Stage) -> QWidget:
    return _tab(stage, 1, "thinking")


def of_a_call(stage: Stage) -> QWidget:
    return _tab(stage, 3, "figures")


def notes(stage: Stage) -> QWidget:
    stage.ask("Please fail")
    return _tab(stage, 4, "notes")


VIEWS = (
    nothing, code, output, read, figures, prompt, prompt_as_written, changes, response, thinking, of_a_call, notes,
)  # fmt: skip
