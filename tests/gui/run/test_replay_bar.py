"""Replaying runs with mouse and keys, against the scripted engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask, open_book, what

TOTAL = 19
"""Events of a scripted run that is answered."""
LEFT = Qt.MouseButton.LeftButton


def finished(qtbot: QtBot, window: MainWindow, book: Path, question: str = "Who was it?") -> None:
    ask(qtbot, window, book, question, "Answered")
    qtbot.waitUntil(window.replay_bar.isVisible, timeout=WAIT_MS)


def at(qtbot: QtBot, window: MainWindow, event: int) -> None:
    qtbot.waitUntil(lambda: window.replay.at == event, timeout=WAIT_MS)


def point(window: MainWindow, event: int) -> QPoint:
    """Where on the scrubber an event is."""
    scrubber = window.replay_bar.scrubber
    option = QStyleOptionSlider()
    scrubber.initStyleOption(option)
    control = QStyle.ComplexControl.CC_Slider
    groove, handle = (
        scrubber.style().subControlRect(control, option, part, scrubber)
        for part in (QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle)
    )
    room = groove.width() - handle.width()
    x = QStyle.sliderPositionFromValue(scrubber.minimum(), scrubber.maximum(), event, room)
    return QPoint(groove.left() + handle.width() // 2 + x, groove.center().y())


def press(qtbot: QtBot, window: MainWindow, button: str) -> None:
    qtbot.mouseClick(window.replay_bar.buttons[button], LEFT)


def test_a_finished_run_is_at_its_end(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    bar = window.replay_bar
    assert bar.place.text() == f"{TOTAL}/{TOTAL}"
    assert (bar.scrubber.minimum(), bar.scrubber.maximum(), bar.scrubber.value()) == (1, TOTAL, TOTAL)
    assert not window.replay.replaying


def test_a_run_that_goes_on_cannot_be_replayed(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    qtbot.waitUntil(lambda: len(what(window)) == 5, timeout=WAIT_MS)
    assert not window.replay_bar.isVisible()
    assert not window.actions_by_name["play"].isEnabled()
    assert not window.actions_by_name["export"].isEnabled()
    window.runs.stop()
    qtbot.waitUntil(window.replay_bar.isVisible, timeout=WAIT_MS)
    assert window.actions_by_name["play"].isEnabled()


def test_the_window_shows_the_run_as_it_was(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    press(qtbot, window, "to_start")
    at(qtbot, window, 1)
    assert window.answer.status.text() == "Running"
    assert window.answer.page.toPlainText() == "Working…"
    assert what(window) == []
    window.replay.seek(6)  # the model writes its first cell
    at(qtbot, window, 6)
    assert what(window) == ["Turn 1"]
    assert window.answer.page.toPlainText() == "Turn 1: the model decides what to do…"
    assert "```repl" in window.details.response.view.toPlainText()
    window.replay.seek(10)
    at(qtbot, window, 10)
    assert window.details.output.view.toPlainText() == "And Enoch lived sixty\n"
    qtbot.waitUntil(lambda: "find(" in window.details.code.view.toPlainText(), timeout=WAIT_MS)
    assert "1.3k" in window.status.spent.text()
    window.replay.to_end()
    at(qtbot, window, TOTAL)
    assert window.answer.status.text() == "Answered"
    assert "Enoch was the father" in window.answer.page.toPlainText()
    assert len(what(window)) == 5


def test_a_past_moment_stands_still(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.replay.seek(15)
    at(qtbot, window, 15)
    tree = window.tree.tree()
    assert tree is not None
    # half a second after the cell began it printed, then came three calls; the first took 6.4 s, the others go on
    assert tree.index_of(2, 4).data() == "7\u202fs"
    assert tree.index_of(4, 4).data() == "6\u202fs"
    assert tree.index_of(3, 4).data() == "6.4\u202fs"


def test_it_plays_to_the_end_and_stops(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.replay_bar.speed.setCurrentIndex(window.replay_bar.speed.count() - 1)
    assert window.replay.speed == 16.0
    seen: list[int] = []
    window.replay.moved.connect(lambda: seen.append(window.replay.at))
    press(qtbot, window, "play")  # from the end: it begins again
    assert window.replay.playing and window.replay_bar.buttons["play"].text() == "Pause"
    at(qtbot, window, 1)
    qtbot.waitUntil(lambda: not window.replay.playing, timeout=WAIT_MS)
    assert window.replay.at == TOTAL and window.replay_bar.buttons["play"].text() == "Play"
    played = seen[seen.index(1) :]
    assert played == sorted(played) and len(set(played)) > 4
    assert window.tree.currentIndex().internalId() == 5  # the newest row was followed


def test_pause_keeps_the_place(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: 2 <= window.replay.at < TOTAL, timeout=WAIT_MS)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    assert not window.replay.playing
    qtbot.waitUntil(lambda: not window.replay._past._asked, timeout=WAIT_MS)
    place = window.replay.at
    assert place < TOTAL
    assert window.replay_bar.scrubber.value() == place
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.replay.at > place, timeout=WAIT_MS)


def test_it_steps_by_turns(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(window, Qt.Key.Key_Up, alt)
    at(qtbot, window, 8)  # the end of the only turn
    qtbot.keyClick(window, Qt.Key.Key_Up, alt)
    at(qtbot, window, 1)
    press(qtbot, window, "turn_forward")
    at(qtbot, window, 8)
    press(qtbot, window, "turn_forward")
    at(qtbot, window, TOTAL)
    press(qtbot, window, "turn_back")
    press(qtbot, window, "turn_back")  # before the engine has answered the first
    at(qtbot, window, 1)
    qtbot.keyClick(window, Qt.Key.Key_End, alt)
    at(qtbot, window, TOTAL)
    qtbot.keyClick(window, Qt.Key.Key_Home, alt)
    at(qtbot, window, 1)


def test_the_scrubber_goes_where_one_clicks_and_is_dragged(
    qtbot: QtBot, window: MainWindow, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(qtbot, window, book)
    asked: list[object] = []
    waiting: list[int] = []
    request = window.engine.request

    def watched(command: str, *given: object, **fields: object) -> None:
        if command == "replay":
            asked.append(fields["at"])
            waiting.append(sum(one.reply.__name__ == "ReplayPage" for one in window.engine._waiting.values()))
        request(command, *given, **fields)  # type: ignore[arg-type]

    monkeypatch.setattr(window.engine, "request", watched)
    scrubber = window.replay_bar.scrubber
    qtbot.mousePress(scrubber, LEFT, pos=point(window, 9))
    for event in (8, 7, 6, 5, 4):
        qtbot.mouseMove(scrubber, point(window, event))
    assert scrubber.value() == 4 and window.replay_bar.place.text() == f"4/{TOTAL}"
    at(qtbot, window, 4)
    qtbot.mouseRelease(scrubber, LEFT, pos=point(window, 4))
    assert asked[0] == 9 and asked[-1] == 4 and len(asked) < 6
    assert set(waiting) == {0}
    assert scrubber.value() == 4
    qtbot.keyClick(scrubber, Qt.Key.Key_Right)
    at(qtbot, window, 5)
    qtbot.keyClick(scrubber, Qt.Key.Key_Home)
    at(qtbot, window, 1)


def test_a_chosen_row_stays_chosen(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.tree.setCurrentIndex(window.tree.tree().index_of(2))  # type: ignore[union-attr]
    window.replay.seek(14)
    at(qtbot, window, 14)
    assert window.tree.currentIndex().internalId() == 2
    window.replay.seek(13)
    at(qtbot, window, 13)
    assert window.tree.currentIndex().internalId() == 2
    window.replay.seek(1)
    at(qtbot, window, 1)
    assert window.details.currentIndex() == 0  # the row has not begun


def test_documents_are_compared_once(
    qtbot: QtBot, window: MainWindow, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(qtbot, window, book)
    asked: list[str] = []
    request = window.engine.request

    def watched(command: str, *given: object, **fields: object) -> None:
        asked.append(command)
        request(command, *given, **fields)  # type: ignore[arg-type]

    monkeypatch.setattr(window.engine, "request", watched)
    for event in (4, TOTAL, 4, TOTAL):
        window.replay.seek(event)
        at(qtbot, window, event)
    assert asked.count("replay") == 4 and "sources" not in asked and "session" not in asked


def test_large_leaps_are_read_anew(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book, "Who was it, in leaps?")
    window.replay.seek(15)
    at(qtbot, window, 15)
    qtbot.waitUntil(lambda: len(what(window)) == 2, timeout=WAIT_MS)
    window.tree.expand(window.tree.tree().index_of(2))  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: len(what(window)) == 5, timeout=WAIT_MS)
    window.replay.seek(3)
    at(qtbot, window, 3)
    assert what(window) == ["Turn 1"]
    window.replay.to_end()
    at(qtbot, window, TOTAL)
    qtbot.waitUntil(lambda: len(what(window)) == 2, timeout=WAIT_MS)
    assert window.answer.status.text() == "Answered"


def test_another_run_ends_the_replay(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.replay.play_or_pause()
    ask(qtbot, window, book, "hold on", "Running")
    assert not window.replay.playing and not window.replay_bar.isVisible()
    window.runs.stop()
    qtbot.waitUntil(lambda: window.answer.status.text() == "Stopped", timeout=WAIT_MS)
    window.runs.show("run1")
    qtbot.waitUntil(lambda: window.replay.at == TOTAL, timeout=WAIT_MS)
    assert window.answer.status.text() == "Answered"


def test_the_engine_dies_during_a_replay(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.replay.play_or_pause()
    window.engine._process.kill()
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not window.replay.playing, timeout=WAIT_MS)
    window.banner.action.click()
    qtbot.waitUntil(lambda: window.replay.at == TOTAL, timeout=WAIT_MS)
    assert window.answer.status.text() == "Answered"


def test_nothing_on_show_nothing_to_do(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    for name in ("play", "to_start", "export", "copy_answer"):
        assert not window.actions_by_name[name].isEnabled(), name
