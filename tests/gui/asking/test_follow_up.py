"""Questions that go on from earlier ones, and documents that changed meanwhile."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.kept.preferences import REOPEN
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow, close
from tests.gui.test_main_window import ask, open_book

Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def offered(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(window.ask.follow_up.isVisible, timeout=WAIT_MS)


def session(window: MainWindow) -> list[str]:
    model = window.answer.session.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def parent(window: MainWindow) -> str:
    return window.runs.on_show.parent_run  # type: ignore[union-attr]


def test_a_question_goes_on_from_the_run_on_show(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    offered(qtbot, window)
    assert window.ask.follow_up.box.isChecked()
    assert "Who was it?" in window.ask.follow_up.box.accessibleName()
    assert not window.answer.session.isVisible()
    ask(qtbot, window, book, "And when?", "Answered")
    assert parent(window) == "run1"
    qtbot.waitUntil(lambda: session(window) == ["Who was it?", "↳ And when?"], timeout=WAIT_MS)
    assert window.answer.session.currentIndex().row() == 1
    qtbot.waitUntil(lambda: window.history_panel.view.currentIndex().data() == "↳ And when?", timeout=WAIT_MS)


def test_a_conversation_can_be_read(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    for question in ("Who was it?", "And when?", "And where?"):
        ask(qtbot, window, book, question, "Answered")
        offered(qtbot, window)
    view = window.answer.session
    qtbot.waitUntil(lambda: len(session(window)) == 3 and view.isVisible(), timeout=WAIT_MS)
    first = view.visualRect(view.model().index(0, 0)).center() - QPoint(9, 0)
    qtbot.mouseClick(view.viewport(), LEFT, pos=first)
    qtbot.waitUntil(lambda: window.runs.on_show.question == "Who was it?", timeout=WAIT_MS)  # type: ignore[union-attr]
    assert view.currentIndex().row() == 0 and len(session(window)) == 3
    assert "Who was it?" in window.ask.follow_up.box.accessibleName()


def test_one_can_ask_afresh(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    offered(qtbot, window)
    window.ask.box.setPlainText("not lost")
    qtbot.keyClick(window, Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert not window.ask.follow_up.box.isChecked() and window.ask.box.hasFocus()
    assert window.ask.box.toPlainText() == "not lost"
    ask(qtbot, window, book, "Something else?", "Answered")
    assert parent(window) == ""
    offered(qtbot, window)
    assert window.ask.follow_up.box.isChecked()
    qtbot.mouseClick(window.ask.follow_up.afresh, LEFT)
    ask(qtbot, window, book, "A third?", "Answered")
    assert parent(window) == "" and not window.answer.session.isVisible()


def test_a_run_that_goes_on_here_can_be_followed_and_the_sample_cannot(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    offered(qtbot, window)  # the question waits for it
    window.runs.stop()
    qtbot.waitUntil(lambda: not window.runs.busy, timeout=WAIT_MS)
    assert window.ask.follow_up.isVisible()
    window.actions_by_name["sample"].trigger()
    qtbot.waitUntil(lambda: (run := window.runs.on_show) is not None and run.run == "sample", timeout=WAIT_MS)
    assert not window.ask.follow_up.isVisible() and not window.answer.sources.isVisible()


def test_a_run_about_other_documents_is_followed_only_if_one_says_so(
    qtbot: QtBot, window: MainWindow, book: Path, tmp_path: Path
) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    offered(qtbot, window)
    other = tmp_path / "other.txt"
    other.write_text("Something else\n" * 20)
    window.open_paths([str(other)])
    qtbot.waitUntil(lambda: window.ask._about.text().startswith("Ask about other.txt"), timeout=WAIT_MS)
    assert not window.ask.follow_up.box.isChecked()
    qtbot.mouseClick(window.ask.follow_up.box, LEFT, pos=QPoint(8, window.ask.follow_up.box.height() // 2))
    assert window.ask.follow_up.box.isChecked()
    assert window.ask._about.text() == "Ask about book.txt"
    ask(qtbot, window, book, "And when?", "Answered")
    assert parent(window) == "run1" and window.runs.on_show.paths == (str(book),)  # type: ignore[union-attr]


def test_a_run_of_another_day_can_be_followed(qtbot: QtBot, make_window: MakeWindow, book: Path) -> None:
    first = make_window()
    first.care.preferences.put(REOPEN, False)
    ask(qtbot, first, book, "Who was it?", "Answered")
    close(qtbot, first)
    second = make_window()
    qtbot.waitUntil(lambda: second.history.all.rowCount() == 1, timeout=WAIT_MS)
    second.runs.show("run1")
    offered(qtbot, second)
    assert second.ask._about.text() == "Ask about book.txt"
    second.ask.box.setPlainText("And when?")
    second.ask.button.click()
    qtbot.waitUntil(lambda: len(session(second)) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: second.answer.status.text() == "Answered", timeout=WAIT_MS)
    assert "The variables of the earlier questions are gone." in second.answer.page.toPlainText()


def test_the_box_is_emptied_and_up_brings_questions_back(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    for question in ("Who was it?", "And when?"):
        ask(qtbot, window, book, question, "Answered")
    box = window.ask.box
    assert box.toPlainText() == ""
    for key, text in ((Key.Key_Up, "And when?"), (Key.Key_Up, "Who was it?"), (Key.Key_Up, "Who was it?"),
                      (Key.Key_Down, "And when?"), (Key.Key_Down, "")):  # fmt: skip
        qtbot.keyClick(box, key)
        assert box.toPlainText() == text
    qtbot.keyClicks(box, "Some")
    for key, text in ((Key.Key_Up, "And when?"), (Key.Key_Down, "Some"), (Key.Key_Down, "Some")):
        qtbot.keyClick(box, key)
        assert box.toPlainText() == text


def test_what_is_typed_while_the_engine_decides_is_kept(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    window.ask.box.setPlainText("Who was it?")
    window.ask.ask()
    window.ask.box.setPlainText("And the next one")
    qtbot.waitUntil(lambda: not window.runs.busy, timeout=WAIT_MS)
    assert window.ask.box.toPlainText() == "And the next one"


def test_an_unsent_question_is_there_after_a_restart(qtbot: QtBot, make_window: MakeWindow) -> None:
    first = make_window()
    first.ask.box.setPlainText("Who was\nit?")
    close(qtbot, first)
    assert make_window().ask.box.toPlainText() == "Who was\nit?"


def test_changed_documents_are_named(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    ask(qtbot, window, book, "And when?", "Answered")
    assert not window.answer.sources.isVisible()
    book.unlink()
    window.runs.show("run1")
    sources = window.answer.sources
    qtbot.waitUntil(sources.isVisible, timeout=WAIT_MS)
    assert sources.text().startswith("⚠ 1 of 1 documents have changed since this run")
    assert sources.toolTip() == f"{book}: missing"


def test_an_answer_about_another_run_is_dropped(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    book.unlink()
    sources = window.answer.sources
    sources.check("")
    sources.check("run1")
    sources.check("")
    window.catalogue.refresh()
    with qtbot.waitSignal(window.catalogue.changed, timeout=WAIT_MS):
        pass  # answers come in order: that about the documents was here before
    assert not sources.isVisible()
