"""What was open is open again."""

import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.preferences import REOPEN
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.widgets.patient_label import PatientLabel
from tests.gui.conftest import WAIT_MS, MakeWindow, close, fake_command
from tests.gui.test_main_window import ask, open_book

SILENT = (sys.executable, "-c", "import sys; sys.stdin.read()")


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


def starting(home: Path, *command: str) -> MainWindow:
    """A window whose engine does not answer."""
    window = MainWindow(EngineClient(command or SILENT), Settings(home))
    window.engine.start()
    window.show()
    return window


def said(window: MainWindow) -> dict[str, str]:
    """What stands where something is about to be; what stays hidden is empty."""
    words = {
        "documents": window.documents.welcome._title,
        "library": window.library_panel.findChild(PatientLabel),
        "sessions": window.history_panel._waiting,
    }
    found = {name: label.text() if label.isVisible() else "" for name, label in words.items()}
    return {**found, "answer": window.answer.page.toPlainText()}


def test_until_the_engine_answers_nobody_says_that_there_is_nothing(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path
) -> None:
    first = make_window()
    ask(qtbot, first, book, "Who was it?", "Answered")
    close(qtbot, first)
    second = starting(home)
    assert said(second) == dict.fromkeys(("documents", "library", "sessions", "answer"), "")
    assert not second.documents.welcome.open.isVisible() and not second.library_panel.open.isVisible()
    assert second.run_pane.isVisible() and not second.timeline.nothing
    assert second.ask._hint.text() == "Opening the documents…" and not second.ask.button.isEnabled()
    qtbot.waitUntil(
        lambda: (
            said(second)
            == {
                "documents": "Opening book.txt…",
                "library": "Opening book.txt…",
                "sessions": "Opening what you asked before…",
                "answer": "Opening the answer that was on show…",
            }
        ),
        timeout=WAIT_MS,
    )
    second.engine._process.kill()
    qtbot.waitUntil(second.library_panel.open.isVisible, timeout=WAIT_MS)
    assert second.documents.welcome.open.isVisible() and not second.run_pane.isVisible()
    assert second.answer.page.toPlainText().startswith("Open a document and ask about it.")
    assert second.history_panel._empty.isVisible()
    second.engine._command = fake_command(home)  # as after a repair
    second.engine.start()
    qtbot.waitUntil(lambda: names(second) == ["book.txt"], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: second.answer.status.text() == "Answered", timeout=WAIT_MS)
    assert second.documents.current is not None
    close(qtbot, second)
    second.deleteLater()


def test_where_nothing_was_open_one_is_invited_at_once(qtbot: QtBot, home: Path) -> None:
    window = starting(home)
    assert window.documents.welcome.open.isVisible() and window.library_panel.open.isVisible()
    assert not window.run_pane.isVisible()
    window.engine._process.kill()
    qtbot.waitUntil(lambda: not window.engine.alive, timeout=WAIT_MS)
    window.deleteLater()


def test_started_for_certain_documents_the_former_ones_are_not_waited_for(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path, other: Path
) -> None:
    first = make_window()
    ask(qtbot, first, book, "Who was it?", "Answered")
    close(qtbot, first)
    second = MainWindow(EngineClient(fake_command(home)), Settings(home))
    second.life.begin_afresh()
    second.engine.start()
    second.open_paths([str(other)])
    second.show()
    assert second.documents.welcome._title.text() == "Opening other.txt…"
    qtbot.waitUntil(lambda: second.documents.current is not None, timeout=WAIT_MS)
    assert names(second) == ["other.txt"] and len(second.documents.views()) == 1
    assert second.runs.on_show is None and not second.run_pane.isVisible()
    close(qtbot, second)
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
