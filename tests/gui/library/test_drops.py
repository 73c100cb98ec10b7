"""What is dropped on the window, wherever on it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS
from tests.gui.dragging import Drag, carrying, drop
from tests.gui.test_main_window import ask, open_book


def over(window: MainWindow, name: str) -> float:
    """Where a widget is, as a share of the window's width."""
    widget = {
        "question": window.ask.box,
        "tabs": window.documents.tabs,
        "history": window.history_panel.search,
    }[name]
    return widget.mapTo(window, widget.rect().center()).x() / window.width()


@pytest.mark.parametrize("where", ["question", "tabs", "history"])
def test_files_are_taken_above_widgets_that_take_drops_themselves(
    qtbot: QtBot, window: MainWindow, book: Path, tmp_path: Path, where: str
) -> None:
    open_book(qtbot, window, book)
    (folder := tmp_path / "notes").mkdir()
    (folder / "one.txt").write_text("A note\n")
    other = tmp_path / "other.txt"
    other.write_text("Another\n")
    held = Drag(window, carrying(other, folder), over(window, where))
    assert held.accepted and window.life.drops.overlay.isVisible()
    assert held.drop(over(window, where))
    assert not window.life.drops.overlay.isVisible()
    qtbot.waitUntil(lambda: len(window.library.model.sources) == 2, timeout=WAIT_MS)
    assert window.library.model.sources[1].paths == (str(other), str(folder))
    assert window.ask.box.toPlainText() == ""


def test_a_text_is_left_to_the_box_below(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("Who was it?")
    Drag(window, data, over(window, "question"))
    assert not window.life.drops.overlay.isVisible()


def test_a_model_is_handed_on(qtbot: QtBot, window: MainWindow, tmp_path: Path, book: Path) -> None:
    model = tmp_path / "small.GGUF"
    held = Drag(window, carrying(model))
    assert window.life.drops.overlay.texts == ("Drop to add the model",)
    with qtbot.waitSignal(window.life.drops.model, timeout=WAIT_MS) as offered:
        held.drop()
    assert offered.args == [str(model)]
    with qtbot.waitSignals([window.life.drops.model, window.life.drops.opened], timeout=WAIT_MS):
        drop(window, [model, book])


def test_what_is_not_on_this_computer_is_refused_in_a_sentence(qtbot: QtBot, window: MainWindow) -> None:
    held = Drag(window, carrying("https://example.org/book.txt"))
    assert window.life.drops.overlay.texts == ("Only files and folders of this computer can be opened",)
    held.drop()
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert window.banner.text.text().startswith("https://example.org/book.txt is not on this computer.")


def test_the_zone_below_the_pointer_is_marked(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    qtbot.waitUntil(window.ask.follow_up.isVisible, timeout=WAIT_MS)
    overlay = window.life.drops.overlay
    held = Drag(window, carrying(book), at=0.2)
    assert overlay.accessibleName() == "Drop to open"
    held.move(0.8)
    assert overlay.accessibleName() == "Add to the session"
    assert overlay.size() == window.size()
    held.leave()
