"""Settings, palette, help, and what is said when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.care.settings_dialog import PAGES
from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import FATHER, Stage


def _settings(page: str) -> Callable[[Stage], QWidget]:
    def settings(stage: Stage) -> QWidget:
        dialog = stage.window.care.settings
        dialog.show_page(page)
        wait(lambda: bool(dialog.keys))
        settle()
        return dialog

    settings.__name__ = f"settings_{page}"
    return settings


def settings_search(stage: Stage) -> QWidget:
    dialog = stage.window.care.settings
    dialog.search.setText("text")
    settle()
    return dialog


def palette(stage: Stage) -> QWidget:
    stage.window.care.settings.close()
    stage.ask(FATHER)
    stage.do("palette")
    return stage.window


def palette_search(stage: Stage) -> QWidget:
    stage.window.care.commands.palette.field.setText("ti")
    settle(0.5)
    return stage.window


def shortcuts(stage: Stage) -> QWidget:
    stage.window.care.commands.palette.close()
    stage.do("shortcuts")
    return stage.window.care.shortcuts


def help(stage: Stage) -> QWidget:  # noqa: A001  # it is the name of the picture
    stage.window.care.shortcuts.close()
    stage.do("help")
    return stage.window.care.help


def about(stage: Stage) -> QWidget:
    stage.window.care.help.close()
    stage.do("about")
    return stage.window.care.about


def banner(stage: Stage) -> QWidget:
    stage.window.care.about.close()
    stage.window.open_paths([str(stage.folder / "a book with a long name that is nowhere at all.txt")])
    wait(stage.window.banner.isVisible)
    return stage.window


def engine_gone(stage: Stage) -> QWidget:
    stage.window.engine._process.kill()
    wait(lambda: not stage.window.engine.alive and stage.window.banner.isVisible())
    return stage.window


VIEWS = (
    *(_settings(page) for page in PAGES),
    settings_search, palette, palette_search, shortcuts, help, about, banner, engine_gone,
)  # fmt: skip
