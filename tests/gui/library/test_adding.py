"""Documents that come to an open session, from the menu, a button or a drop."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.gui import main_window
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.asking.test_follow_up import offered, parent
from tests.gui.conftest import WAIT_MS
from tests.gui.dragging import Drag, carrying, drop
from tests.gui.test_main_window import ask, open_book

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.txt"
    path.write_text("Something else\n" * 20)
    return path


def chosen(monkeypatch: pytest.MonkeyPatch, name: str, *paths: Path) -> None:
    """The person chooses these in the dialog."""

    def choose(_: object, then: Callable[[Sequence[str]], None], title: str) -> None:
        assert "to the session" in title
        then(list(map(str, paths)))

    monkeypatch.setattr(main_window, name, choose)


def about(qtbot: QtBot, window: MainWindow, text: str) -> None:
    qtbot.waitUntil(lambda: window.ask._about.text().startswith(f"Ask about {text} ("), timeout=WAIT_MS)


def test_files_come_to_the_session_and_one_asks_on(
    qtbot: QtBot, window: MainWindow, book: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = [window.actions_by_name[name] for name in ("add_files", "add_folder")]
    open_book(qtbot, window, book)
    assert not any(action.isEnabled() for action in actions)
    ask(qtbot, window, book, "Who was it?", "Answered")
    offered(qtbot, window)
    assert all(action.isEnabled() for action in actions)
    chosen(monkeypatch, "choose_files", other)
    qtbot.mouseClick(window.ask.follow_up.add, LEFT)
    about(qtbot, window, "book.txt and 1 more")
    assert window.ask.follow_up.box.isChecked()
    (folder := other.parent / "folder").mkdir()
    (folder / "third.txt").write_text("A third\n" * 20)
    chosen(monkeypatch, "choose_folder", folder)
    actions[1].trigger()
    about(qtbot, window, "book.txt and 2 more")
    ask(qtbot, window, book, "And now?", "Answered")
    assert parent(window) == "run1"
    assert window.runs.on_show.paths == (str(book), str(other), str(folder))  # type: ignore[union-attr]
    offered(qtbot, window)
    assert window.ask.follow_up.box.isChecked()
    about(qtbot, window, "book.txt and 2 more")


def test_what_is_dropped_on_a_session_is_added_or_opened(
    qtbot: QtBot, window: MainWindow, book: Path, other: Path
) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    offered(qtbot, window)
    held = Drag(window, carrying(other))
    overlay = window.life.drops.overlay
    assert overlay.isVisible() and overlay.texts == ("Drop to open", "Add to the session")
    held.leave()
    assert not overlay.isVisible()
    about(qtbot, window, "book.txt")
    drop(window, [other], at=0.9)
    about(qtbot, window, "book.txt and 1 more")
    assert window.ask.follow_up.box.isChecked()
    drop(window, [other], at=0.1)
    about(qtbot, window, "other.txt")
    assert not window.ask.follow_up.box.isChecked()


def test_what_is_dropped_is_opened_where_no_session_is(
    qtbot: QtBot, window: MainWindow, book: Path, other: Path
) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    offered(qtbot, window)
    window.ask.start_afresh()
    drop(window, [other], at=0.9)
    about(qtbot, window, "other.txt")
