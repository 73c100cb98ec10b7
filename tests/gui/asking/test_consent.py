"""Where there is no sandbox, each question whose code would run without one needs a yes of its own."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.asking.unconfined_question import UnconfinedQuestion
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow
from tests.gui.pressing import press
from tests.gui.test_main_window import ask, open_book

LEFT = Qt.MouseButton.LeftButton


def unconfined(qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path) -> MainWindow:
    (home / "sandbox").write_text("none")
    window = make_window()
    open_book(qtbot, window, book)
    return window


def put(qtbot: QtBot, window: MainWindow, question: str) -> UnconfinedQuestion:
    window.ask.box.setPlainText(question)
    window.actions_by_name["ask"].trigger()
    qtbot.waitUntil(window.consent.dialog.isVisible, timeout=WAIT_MS)
    return window.consent.dialog


def test_each_question_is_asked_only_after_a_yes(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path
) -> None:
    window = unconfined(qtbot, make_window, home, book)
    for number, question in enumerate(("Who was it?", "And when?"), 1):
        dialog = put(qtbot, window, question)
        assert not window.runs.busy
        assert "cannot be confined: the kernel has no Landlock. Run it anyway?" in dialog.text()
        press(qtbot, dialog, "Run it anyway")
        qtbot.waitUntil(lambda n=number: window.history.all.rowCount() == n, timeout=WAIT_MS)  # type: ignore[misc]
        qtbot.waitUntil(lambda: not window.runs.busy, timeout=WAIT_MS)
        qtbot.waitUntil(window.ask.follow_up.isVisible, timeout=WAIT_MS)
    assert "no sandbox" in window.answer._facts.text()


def test_no_is_what_return_and_escape_mean_and_the_question_stays(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path
) -> None:
    window = unconfined(qtbot, make_window, home, book)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = put(qtbot, window, "Who was it?")
        qtbot.keyClick(dialog, key)
        qtbot.waitUntil(lambda dialog=dialog: not dialog.isVisible(), timeout=WAIT_MS)  # type: ignore[misc]
        assert not window.runs.busy and window.runs.on_show is None
        assert window.ask.box.text == "Who was it?"


def test_what_runs_no_code_needs_no_yes(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path
) -> None:
    window = unconfined(qtbot, make_window, home, book)
    window.ask.strategy.setCurrentIndex(window.ask.strategy.findData("direct"))
    ask(qtbot, window, book, "Who was it?", "Answered")
    assert not window.consent.dialog.isVisible()


def test_the_status_line_says_how_code_is_confined_and_why_not_better(
    qtbot: QtBot, make_window: MakeWindow, home: Path
) -> None:
    for level, said in (
        ("full", "Level full: namespaces, Landlock and seccomp."),
        ("partial", "no bwrap was found.\nFor level full install bubblewrap."),
        ("none", "Level none: the kernel has no Landlock.\nUse Linux 5.13 or newer."),
    ):
        (home / "sandbox").write_text(level)
        window = make_window()
        sandbox = window.status.sandbox
        qtbot.waitUntil(
            lambda sandbox=sandbox, level=level: sandbox.text() == f"Sandbox {level}", timeout=WAIT_MS
        )  # type: ignore[misc]
        assert said in sandbox.toolTip()
        assert ("color" in sandbox.styleSheet()) == (level == "none")
