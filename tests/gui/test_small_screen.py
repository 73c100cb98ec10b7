"""A window of 1280x800 stays one, whatever is unfolded in it and however large its text is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.kept.preferences import TEXT_SIZE
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask

LEFT = Qt.MouseButton.LeftButton
SIZE = (1280, 800)


@pytest.fixture(autouse=True)
def _font() -> Iterator[None]:
    """The application keeps the font it had."""
    font = QApplication.font()
    yield
    QApplication.setFont(font)


@pytest.mark.parametrize("text", [100, 150, 200])
def test_unfolding_takes_room_from_the_panes_beside(
    qtbot: QtBot, window: MainWindow, book: Path, text: int
) -> None:
    window.care.preferences.put(TEXT_SIZE, text)
    window.resize(*SIZE)
    ask(qtbot, window, book, "Who was it?", "Answered")
    qtbot.waitUntil(window.ask.follow_up.isVisible, timeout=WAIT_MS)
    ask(qtbot, window, book, "And when?", "Answered")
    qtbot.waitUntil(window.answer.session.isVisible, timeout=WAIT_MS)
    pane = window.docks.by_name["ask"]
    qtbot.mouseClick(window.ask.fold, LEFT)
    qtbot.waitUntil(window.ask.limits.isVisible, timeout=WAIT_MS)
    if text == 100:
        qtbot.waitUntil(lambda: pane.height() == pane.sizeHint().height(), timeout=WAIT_MS)
    window.tree.setFocus()
    qtbot.keyClick(window.tree, Qt.Key.Key_Down)
    qtbot.waitUntil(window.details.code.isVisible, timeout=WAIT_MS)
    assert window.minimumSizeHint().height() <= SIZE[1]
    assert (window.width(), window.height()) == SIZE
    assert window.ask.button.visibleRegion().boundingRect() == window.ask.button.rect()
    qtbot.mouseClick(window.ask.fold, LEFT)
    if text == 100:
        qtbot.waitUntil(lambda: pane.height() == pane.sizeHint().height(), timeout=WAIT_MS)


def test_sizes_that_the_person_gave_change_only_for_what_needs_room(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    window.resize(*SIZE)
    ask(qtbot, window, book, "Who was it?", "Answered")
    docks = window.docks.by_name
    window.docks._taken_over()
    before = docks["library"].height()
    window.resizeDocks([docks["library"], docks["sessions"]], [150, 600], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: docks["library"].height() < before, timeout=WAIT_MS)
    chosen = docks["library"].height()
    folded = docks["ask"].height()
    qtbot.mouseClick(window.ask.fold, LEFT)
    qtbot.waitUntil(
        lambda: docks["ask"].height() == docks["ask"].sizeHint().height() > folded, timeout=WAIT_MS
    )
    assert docks["library"].height() == chosen
