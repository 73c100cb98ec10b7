"""A window on a scripted engine, closed again after each test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.main_window import MainWindow

HERE = Path(__file__).parent
OFFSCREEN = r"This plugin does not support (propagateSizeHints|raise|grabbing the keyboard)"
"""Said of windows that have a minimum size or float, and of menus."""
WAIT_MS = 20_000
MakeWindow = Callable[..., MainWindow]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN))


def fake_command(home: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.gui.fake_engine", str(home))


@pytest.fixture(autouse=True)
def _application(qapp: QApplication) -> None:
    """Pixmaps and fonts need an application, whether or not a test opens a window."""


@pytest.fixture
def home(home: Path) -> Path:
    home.mkdir()
    return home


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "book.txt"
    lines = [f"{number:04} And Enoch walked with God, in the year {number}" for number in range(1, 1001)]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


@pytest.fixture
def engine(qtbot: QtBot, home: Path) -> Iterator[EngineClient]:
    client = EngineClient(fake_command(home))
    with qtbot.waitSignal(client.greeted, timeout=WAIT_MS):
        client.start()
    yield client
    if client.alive:
        with qtbot.waitSignal(client.ended, timeout=WAIT_MS):
            client.close()


@pytest.fixture
def make_window(qtbot: QtBot, home: Path) -> Iterator[MakeWindow]:
    windows: list[MainWindow] = []

    def make(model: str = "tiny", *, online: bool | None = None) -> MainWindow:
        window = MainWindow(EngineClient(fake_command(home)), Settings(home, online=online))
        windows.append(window)
        window.engine.start()
        window.show()
        qtbot.waitUntil(lambda: bool(window.catalogue.models), timeout=WAIT_MS)
        qtbot.waitUntil(lambda: window.ask.picker.name == model, timeout=WAIT_MS)
        return window

    yield make
    for window in windows:
        close(qtbot, window)
        window.deleteLater()


def close(qtbot: QtBot, window: MainWindow) -> None:
    """Close the window as a person would who lets a run go."""
    window.close()
    window.life.presence.leave()
    qtbot.waitUntil(lambda: not window.engine.alive and not window.isVisible(), timeout=WAIT_MS)


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    return make_window()
