"""What a newcomer can do, against the scripted engine."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS
from tests.gui.run.test_replay_bar import at, finished
from tests.gui.test_main_window import what

LEFT = Qt.MouseButton.LeftButton


def test_the_sample_is_replayed_before_anything_is_open(qtbot: QtBot, window: MainWindow) -> None:
    sample = window.documents.welcome.sample
    assert sample.isVisible()
    qtbot.mouseClick(sample, LEFT)
    qtbot.waitUntil(lambda: window.replay.total > 0, timeout=WAIT_MS)
    assert window.replay.playing and window.replay.run == "sample"
    assert window.answer.status.text() == "Running"
    window.replay.speed = 16.0
    qtbot.waitUntil(lambda: window.answer.status.text() == "Answered", timeout=WAIT_MS)
    assert window.history_panel.view.model().rowCount() == 0
    qtbot.mouseClick(sample, LEFT)
    qtbot.waitUntil(lambda: window.replay.at < 4, timeout=WAIT_MS)
    assert window.replay.playing


def test_the_sample_takes_the_place_of_another_replay(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.replay.seek(4)
    at(qtbot, window, 4)
    window.actions_by_name["sample"].trigger()
    qtbot.waitUntil(lambda: window.replay.run == "sample" and window.replay.at > 2, timeout=WAIT_MS)
    assert what(window) == ["Turn 1"]
    history = window.history_panel.view
    assert history.model().rowCount() == 1 and not history.selectionModel().hasSelection()
    window.runs.show("run1")
    qtbot.waitUntil(lambda: window.replay.run == "run1", timeout=WAIT_MS)
    assert history.currentIndex().row() == 0


def test_a_quote_of_the_sample_has_no_document_here(qtbot: QtBot, window: MainWindow) -> None:
    window.runs.show("sample")
    qtbot.waitUntil(lambda: window.answer.status.text() == "Answered", timeout=WAIT_MS)
    window.answer.page.anchorClicked.emit(QUrl("cite:0"))
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert window.banner.text.text() == (
        "The documents of the sample do not come with the program. Its steps show what was read of them."
    )
