"""What was open is open again."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.preferences import REOPEN
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow, close, fake_command
from tests.gui.test_main_window import ask, open_book


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.txt"
    path.write_text("Something else\n" * 20)
    return path


def names(window: MainWindow) -> list[str]:
    return [source.title for source in window.library.model.sources]


def test_sources_and_the_run_on_show_come_back(
    qtbot: QtBot, make_window: MakeWindow, book: Path, other: Path
) -> None:
    first = make_window()
    ask(qtbot, first, book, "Who was it?", "Answered")
    first.open_paths([str(other)])
    qtbot.waitUntil(lambda: len(names(first)) == 2, timeout=WAIT_MS)
    first.library.choose(first.library.model.sources[0])
    close(qtbot, first)
    second = make_window()
    qtbot.waitUntil(lambda: names(second) == ["other.txt", "book.txt"], timeout=WAIT_MS)
    assert second.library.ground is not None and second.library.ground.title == "book.txt"
    qtbot.waitUntil(lambda: second.answer.status.text() == "Answered", timeout=WAIT_MS)
    assert second.runs.on_show is not None and second.runs.on_show.question == "Who was it?"


def test_what_was_closed_stays_closed(qtbot: QtBot, make_window: MakeWindow, book: Path) -> None:
    first = make_window()
    open_book(qtbot, first, book)
    first.library.close(first.library.model.sources[0])
    close(qtbot, first)
    second = make_window()
    qtbot.waitUntil(second.documents.welcome.open.isVisible, timeout=WAIT_MS)
    assert second._choices.kept("open/sources") is None


def test_what_is_gone_is_no_complaint(qtbot: QtBot, make_window: MakeWindow, book: Path, other: Path) -> None:
    first = make_window()
    open_book(qtbot, first, book)
    first.open_paths([str(other)])
    qtbot.waitUntil(lambda: len(names(first)) == 2, timeout=WAIT_MS)
    close(qtbot, first)
    book.unlink()
    second = make_window()
    qtbot.waitUntil(lambda: names(second) == ["other.txt"], timeout=WAIT_MS)
    assert not second.banner.isVisible()
    assert second.library_panel.recent.model().index(0, 0).data() == "book.txt (missing)"


def test_the_person_may_not_want_it(qtbot: QtBot, make_window: MakeWindow, book: Path) -> None:
    first = make_window()
    first.care.preferences.put(REOPEN, False)
    open_book(qtbot, first, book)
    close(qtbot, first)
    second = make_window()
    assert not names(second) and second.library_panel.recent.isVisible()


def test_what_the_engine_does_not_survive_is_tried_once(
    qtbot: QtBot, make_window: MakeWindow, book: Path, home: Path
) -> None:
    first = make_window()
    open_book(qtbot, first, book)
    close(qtbot, first)
    second = MainWindow(EngineClient(fake_command(home)), Settings(home))
    with qtbot.waitSignal(second.engine.greeted, timeout=WAIT_MS):
        second.engine.start()
    second.engine._process.kill()
    assert second._choices.kept("open/sources") is None
    qtbot.waitUntil(lambda: not second.engine.alive, timeout=WAIT_MS)
    assert second.recent.entries == ((str(book),),)
    second.deleteLater()


def test_the_place_of_the_window_is_written_down_before_it_is_closed(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    window.docks.toggle("library")
    window.resize(window.width(), 600)
    qtbot.waitUntil(
        lambda: (home / "window.ini").exists() and "closed=library" in (home / "window.ini").read_text(),
        timeout=WAIT_MS,
    )
