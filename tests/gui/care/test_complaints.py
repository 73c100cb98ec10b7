"""What the window says went wrong, and that there is always a way out of it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.wire import EngineError
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask, open_book

ERROR = EngineError("user", "The file cannot be read.", "Choose another.")


def die(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.engine.died, timeout=WAIT_MS):
        window.engine._process.kill()


def restart(qtbot: QtBot, window: MainWindow) -> None:
    assert window.banner.action.text() == "Restart the engine"
    with qtbot.waitSignal(window.engine.greeted, timeout=WAIT_MS):
        window.banner.action.click()


def test_without_an_engine_whatever_fails_offers_to_restart_it(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    open_book(qtbot, window, book)
    die(qtbot, window)
    window.banner.hide()  # dismissed, as a person may
    window.ask.box.setPlainText("Who?")
    window.ask.ask()
    assert window.banner.isVisible() and window.banner.text.text() == "The engine stopped unexpectedly."
    window.complaints.settle()
    assert window.banner.isVisible(), "nothing else is more pressing"
    restart(qtbot, window)
    qtbot.waitUntil(lambda: not window.banner.isVisible(), timeout=WAIT_MS)
    ask(qtbot, window, book, "Who?", "Answered")


def test_a_run_that_lost_its_engine_goes_on_nowhere(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    tree = window.tree.tree()
    assert tree is not None
    qtbot.waitUntil(lambda: tree.row(5) is not None, timeout=WAIT_MS)
    die(qtbot, window)
    assert window.answer.status.text() == "Cut short"
    marked = window.history_panel.marked
    assert marked is not None and marked.status == "interrupted"
    assert {tree.row(span).status for span in (1, 2, 5)} <= {"cancelled", "done"}
    assert window.ask.box.text == "hold on"


def test_a_run_that_had_ended_is_not_asked_again(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who?", "Answered")
    die(qtbot, window)
    assert window.ask.box.text == ""
    assert window.answer.status.text() == "Answered"


@pytest.mark.parametrize("step", ["open", "ask"])
def test_a_complaint_goes_when_something_else_works(
    qtbot: QtBot, window: MainWindow, book: Path, step: str
) -> None:
    if step == "ask":
        open_book(qtbot, window, book)
    window.complaints.tell(ERROR)
    assert window.banner.text.text() == "The file cannot be read. Choose another."
    if step == "ask":
        ask(qtbot, window, book, "Who?", "Answered")
    else:
        open_book(qtbot, window, book)
    assert not window.banner.isVisible()
