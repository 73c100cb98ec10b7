"""A run that has ended, in every way there is."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import FATHER, Stage


def answered(stage: Stage) -> QWidget:
    stage.ask(FATHER)
    stage.mark(2)
    return stage.window


def cited(stage: Stage) -> QWidget:
    stage.cite()
    return stage.window


def not_found(stage: Stage) -> QWidget:
    stage.ask("Is there nothing about tea?")
    return stage.window


def limit(stage: Stage) -> QWidget:
    stage.ask("A limit, please: who begat whom, all of them?")
    return stage.window


def failed(stage: Stage) -> QWidget:
    stage.ask("Please fail: who begat whom?")
    stage.mark(4)
    return stage.window


def step_search(stage: Stage) -> QWidget:
    stage.ask(FATHER)
    stage.do("find_step")
    stage.window.run_pane.search.setText("Enoch")
    wait(lambda: "found" in stage.window.run_pane.count.text())
    stage.do("find_next_step")
    return stage.window


def step_filter(stage: Stage) -> QWidget:
    stage.window.run_pane.search.clear()
    _filter(stage, "calls")
    return stage.window


def step_filter_nothing(stage: Stage) -> QWidget:
    _filter(stage, "failed")
    wait(stage.window.run_pane.nothing.isVisible)
    return stage.window


def interrupted(stage: Stage) -> QWidget:
    _filter(stage, "")
    stage.hold(f"{FATHER} (hold)")
    stage.window.engine._process.kill()
    wait(stage.window.banner.isVisible)
    return stage.window


def _filter(stage: Stage, only: str) -> None:
    next(one for one in stage.window.run_pane.filter.menu().actions() if one.data() == only).trigger()
    settle()


VIEWS = (
    answered, cited, not_found, limit, failed, step_search, step_filter, step_filter_nothing, interrupted,
)  # fmt: skip
