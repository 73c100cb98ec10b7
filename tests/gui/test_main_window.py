from pathlib import Path

from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS


def ask(qtbot: QtBot, window: MainWindow, book: Path, question: str) -> None:
    if not window.documents.views():
        window.open_paths([str(book)])
        qtbot.waitUntil(lambda: bool(window.documents.views()), timeout=WAIT_MS)
    window.ask.box.setPlainText(question)
    window.actions_by_name["ask"].trigger()


def test_a_question_is_answered_and_its_citation_opens_the_line(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "Who was the father of Methuselah?")
    qtbot.waitUntil(lambda: window.answer.status.text() == "Answered", timeout=WAIT_MS)
    assert "Enoch was the father" in window.answer.page.toPlainText()
    window.answer.page.anchorClicked.emit(QUrl("cite:0"))
    view = window.documents.current
    assert view is not None and view.cited == range(11, 12)
