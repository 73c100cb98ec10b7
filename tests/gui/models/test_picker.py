"""Choosing a model, and fetching the one that is offered, by clicks and keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look.format import THIN
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.picker import ModelPicker
from rlm_desktop.gui.wire import Notice
from tests.gui.conftest import WAIT_MS, fake_command
from tests.gui.fake_catalogue import model

LIST = [
    model("small", "A small model", 100_000_000, 600_000_000),
    model("default", "The default", 1_117_320_768, 1_900_000_000, default=True),
    model("slow", "A slow download", 2_000_000_000, 4_900_000_000),
    model("full", "One too many", 4_700_000_000, 9_000_000_000),
    model("bad", "A rotten file", 2_000_000_000, 2_600_000_000, "damaged"),
    model("gone", "A file that is gone", 1_000_000_000, 1_900_000_000, own=True),
]


@pytest.fixture
def picker(qtbot: QtBot, home: Path) -> Iterator[ModelPicker]:
    (home / "models.json").write_text(json.dumps(LIST))
    engine = EngineClient(fake_command(home))
    catalogue = Catalogue(engine)
    picker = ModelPicker(catalogue)
    window = QWidget()
    layout = QVBoxLayout(window)
    layout.addWidget(picker.combo)
    layout.addWidget(picker)
    window.show()
    picker.prefer("default")
    engine.greeted.connect(lambda _: catalogue.refresh())
    engine.start()
    qtbot.waitUntil(lambda: picker.name == "default", timeout=WAIT_MS)
    yield picker
    with qtbot.waitSignal(engine.ended, timeout=WAIT_MS):
        engine.close()
    window.deleteLater()


def test_without_any_model_one_click_fetches_the_default(qtbot: QtBot, picker: ModelPicker) -> None:
    assert not picker.ready
    assert picker.fetch.text().replace(THIN, " ") == "Download (1.1 GB)"
    qtbot.mouseClick(picker.fetch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: picker.ready, timeout=WAIT_MS)
    assert not picker.fetch.isVisible()


def test_a_download_is_stopped_and_gone_on_with(qtbot: QtBot, picker: ModelPicker) -> None:
    picker.choose("slow")
    qtbot.mouseClick(picker.fetch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: picker.progress.value() == 400, timeout=WAIT_MS)
    qtbot.mouseClick(picker.abort, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(picker.fetch.isVisible, timeout=WAIT_MS)
    assert picker.fetch.text().replace(THIN, " ") == "Resume (1.2 GB left)"


def test_what_went_wrong_stays_said_until_it_is_tried_again(qtbot: QtBot, picker: ModelPicker) -> None:
    picker.choose("full")
    qtbot.mouseClick(picker.fetch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "0.1 GB free" in picker._note.text(), timeout=WAIT_MS)
    with qtbot.waitSignal(picker._catalogue.changed, timeout=WAIT_MS):
        picker._catalogue.refresh()
    assert "0.1 GB free" in picker._note.text()
    picker.choose("small")
    assert "0.1 GB free" not in picker._note.text()


def test_a_damaged_model_is_fetched_again_and_a_file_that_is_gone_is_not(
    qtbot: QtBot, picker: ModelPicker
) -> None:
    picker.choose("bad")
    assert picker.fetch.text().startswith("Download again")
    picker.choose("gone")
    assert not picker.fetch.isVisible()
    assert "gone.gguf is not there" in picker._note.text()


def test_the_last_line_opens_the_window_of_models_and_changes_no_choice(
    qtbot: QtBot, picker: ModelPicker
) -> None:
    picker.combo.setFocus()
    with qtbot.waitSignal(picker.managed, timeout=WAIT_MS):
        qtbot.keyClick(picker.combo, Qt.Key.Key_End)
    assert (picker.name, picker.combo.currentData()) == ("default", "default")


def test_another_model_is_chosen_and_typed_while_the_list_is_read_again(
    qtbot: QtBot, picker: ModelPicker
) -> None:
    picker.combo.showPopup()
    view = picker.combo.view()
    view.setCurrentIndex(view.model().index(picker.combo.findText("Another model…"), 0))
    with qtbot.waitSignal(picker._catalogue.changed, timeout=WAIT_MS):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert picker.combo.currentText() == "Another model…"
    assert picker.other.isVisible()
    assert picker.window().focusWidget() is picker.other
    qtbot.keyClicks(picker.other, "small.gguf")
    picker._catalogue.refresh()
    qtbot.waitSignal(picker._catalogue.changed, timeout=WAIT_MS).wait()
    assert picker.name == "small.gguf"


def test_a_model_that_computes_is_told_of_once(qtbot: QtBot, picker: ModelPicker) -> None:
    told: list[None] = []
    picker.changed.connect(lambda: told.append(None))
    for state in ("loading", "ready", "generating", "generating", "ready", "unloaded"):
        picker._catalogue._noticed(Notice("model", "default", state))
    assert len(told) == 2


def test_another_model_that_was_chosen_last_time_stays(qtbot: QtBot, picker: ModelPicker) -> None:
    picker.choose("/models/mine.gguf")
    for _ in range(2):
        with qtbot.waitSignal(picker._catalogue.changed, timeout=WAIT_MS):
            picker._catalogue.refresh()
        assert (picker.name, picker.other.text()) == ("/models/mine.gguf", "/models/mine.gguf")
