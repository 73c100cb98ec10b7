"""Downloads as the main window tells of them, while the window of models is closed."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.look.format import THIN
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow
from tests.gui.fake_catalogue import model

LIST = [
    model("tiny", "A tiny model", 1_000_000, 600_000_000, "ready", default=True),
    model("small", "A small model", 100_000_000, 600_000_000),
    model("slow", "A slow download", 2_000_000_000, 4_900_000_000),
    model("full", "One too many", 4_700_000_000, 9_000_000_000),
]


def says(qtbot: QtBot, window: MainWindow, text: str) -> None:
    label = window.status.download if text.startswith("Downloading") else window.status.news
    qtbot.waitUntil(lambda: label.isVisible() and label.text().replace(THIN, " ") == text, timeout=WAIT_MS)


def test_a_download_is_told_of_to_its_end(qtbot: QtBot, home: Path, make_window: MakeWindow) -> None:
    (home / "models.json").write_text(json.dumps(LIST))
    window = make_window()
    for name, end in (("small", "small is here"), ("full", "full was not downloaded")):
        window.catalogue.pull(name)
        says(qtbot, window, end)
        assert not window.status.download.isVisible()
        qtbot.mouseClick(window.status.open, Qt.MouseButton.LeftButton)
        assert window.models.view.isVisible() and window.models.view.page.name == name
        window.models.view.close()


def test_a_download_that_is_broken_off_is_told_of_no_longer(
    qtbot: QtBot, home: Path, make_window: MakeWindow
) -> None:
    (home / "models.json").write_text(json.dumps(LIST))
    window = make_window()
    window.catalogue.pull("slow")
    says(qtbot, window, "Downloading slow 40 %")
    window.engine._process.kill()
    qtbot.waitUntil(lambda: not window.status.download.isVisible(), timeout=WAIT_MS)


def test_a_model_is_used_and_the_window_makes_way(qtbot: QtBot, home: Path, make_window: MakeWindow) -> None:
    (home / "models.json").write_text(json.dumps(LIST))
    window = make_window()
    window.catalogue.pull("small")
    says(qtbot, window, "small is here")
    window.actions_by_name["models"].trigger()
    view = window.models.view
    view.mark("small")
    qtbot.waitUntil(view.page.buttons["use"].isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(view.page.buttons["use"], Qt.MouseButton.LeftButton)
    assert window.ask.picker.name == "small" and not view.isVisible()
