"""Closing, hiding and coming back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.kept.preferences import NOTIFY
from rlm_desktop.gui.life import announcer as announcer_module
from rlm_desktop.gui.life.announcer import Announcer
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.wire import Nothing
from tests.gui.conftest import WAIT_MS, MakeWindow
from tests.gui.pressing import press
from tests.gui.test_main_window import ask, open_book


class Notices(QObject):
    """Notifications that only the test sees."""

    clicked = Signal(str, str)
    gone = Signal()

    def __init__(self, parent: QObject | None = None, *, work: bool = True) -> None:
        super().__init__(parent)
        self.shown: list[tuple[str, str]] = []
        self.about: list[str] = []
        self.withdrawn = 0
        self.work = work

    def show(self, title: str, text: str, button: str, about: str) -> bool:
        self.shown.append((title, text))
        self.about.append(about)
        return self.work

    def withdraw(self) -> None:
        self.withdrawn += 1

    def close(self) -> None:
        self.shown.clear()


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> Notices:
    notices = Notices()
    monkeypatch.setattr(announcer_module, "notices_of_this_computer", lambda _: (notices,))
    return notices


@pytest.fixture
def hidden(qtbot: QtBot, notices: Notices, make_window: MakeWindow, book: Path) -> MainWindow:
    """A window that was hidden while a run goes on."""
    window = make_window()
    ask(qtbot, window, book, "hold on", "Running")
    window.close()
    press(qtbot, window.life.presence.question, "Hide the window")
    assert not window.isVisible() and window.runs.busy and window.engine.alive
    return window


def test_a_hidden_window_comes_back_from_the_notification(
    qtbot: QtBot, hidden: MainWindow, notices: Notices
) -> None:
    hidden.runs.stop()
    qtbot.waitUntil(lambda: bool(notices.shown), timeout=WAIT_MS)
    ((title, text),) = notices.shown
    assert title == "hold on" and text.startswith("Stopped, after 18")
    assert hidden.engine.alive and not hidden.isVisible()
    notices.clicked.emit("a-token", notices.about[0])
    assert hidden.isVisible() and hidden.engine.alive
    assert hidden.answer.status.text() == "Stopped"
    qtbot.waitUntil(lambda: notices.withdrawn == 1, timeout=WAIT_MS)


def test_the_program_ends_with_the_notification_nobody_clicked(
    qtbot: QtBot, hidden: MainWindow, notices: Notices
) -> None:
    hidden.runs.stop()
    qtbot.waitUntil(lambda: bool(notices.shown), timeout=WAIT_MS)
    with qtbot.waitSignal(hidden.life.presence.gone, timeout=WAIT_MS):
        notices.gone.emit()
    assert not hidden.engine.alive


@pytest.mark.parametrize("why", ["no desktop shows any", "the person wants none"])
def test_the_program_ends_with_the_run_when_nobody_can_be_told(
    qtbot: QtBot, hidden: MainWindow, notices: Notices, why: str
) -> None:
    if why == "no desktop shows any":
        notices.work = False
    else:
        hidden.care.preferences.put(NOTIFY, "never")
        assert "A notification says" in hidden.life.presence.question.informativeText()
        hidden.life.presence.may_go()
        assert "the program ends too" in hidden.life.presence.question.informativeText()
        hidden.life.presence.question.close()
    with qtbot.waitSignal(hidden.life.presence.gone, timeout=WAIT_MS):
        hidden.runs.stop()


def test_a_hidden_window_that_is_brought_back_stays(
    qtbot: QtBot, hidden: MainWindow, notices: Notices
) -> None:
    hidden.life.presence.come_forward()
    assert hidden.isVisible() and not hidden.life.presence.hidden
    hidden.activateWindow()
    qtbot.waitUntil(hidden.isActiveWindow, timeout=WAIT_MS)
    hidden.runs.stop()
    qtbot.waitUntil(lambda: hidden.answer.status.text() == "Stopped", timeout=WAIT_MS)
    assert hidden.engine.alive and not notices.shown


def test_the_program_ends_when_the_engine_of_a_hidden_window_dies(
    qtbot: QtBot, hidden: MainWindow, notices: Notices
) -> None:
    hidden.engine._process.kill()
    qtbot.waitUntil(lambda: bool(notices.shown), timeout=WAIT_MS)
    assert notices.shown[0][1].startswith("Cut short")
    with qtbot.waitSignal(hidden.life.presence.gone, timeout=WAIT_MS):
        notices.gone.emit()


def test_questions_that_wait_keep_a_hidden_window(
    qtbot: QtBot, hidden: MainWindow, notices: Notices, book: Path
) -> None:
    hidden.ask.box.setPlainText("hold as well")
    hidden.ask.ask()
    assert len(hidden.asking.queue.waiting) == 1
    question = hidden.life.presence.question
    assert "Questions that wait" not in question.informativeText()
    assert not hidden.life.presence.may_go() and "Questions that wait" in question.informativeText()
    question.close()
    first = hidden.runs.on_show.run  # type: ignore[union-attr]
    hidden.engine.request("cancel", Nothing, lambda _: None, run=first)
    qtbot.waitUntil(lambda: len(notices.shown) == 1 and hidden.runs.busy, timeout=WAIT_MS)
    notices.gone.emit()
    assert hidden.engine.alive and not hidden.isVisible()
    with qtbot.waitSignal(hidden.life.presence.gone, timeout=WAIT_MS):
        hidden.asking.stop()
        qtbot.waitUntil(lambda: len(notices.shown) == 2, timeout=WAIT_MS)
        notices.gone.emit()


def test_each_of_the_questions_that_wait_is_announced(
    qtbot: QtBot, hidden: MainWindow, notices: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[Callable[[], None]] = []
    monkeypatch.setattr(announcer_module.QTimer, "singleShot", lambda _ms, _on, what: late.append(what))
    hidden.ask.box.setPlainText("hold as well")
    hidden.ask.ask()
    first = hidden.runs.on_show.run  # type: ignore[union-attr]
    hidden.engine.request("cancel", Nothing, lambda _: None, run=first)
    qtbot.waitUntil(lambda: hidden.runs.busy and not hidden.asking.queue.waiting, timeout=WAIT_MS)
    assert late
    for what in late:
        what()
    hidden.runs.stop()
    qtbot.waitUntil(
        lambda: [title for title, _ in notices.shown] == ["hold on", "hold as well"], timeout=WAIT_MS
    )
    assert hidden.engine.alive and hidden.runs.on_show.question == "hold as well"  # type: ignore[union-attr]
    notices.clicked.emit("", notices.about[0])
    assert hidden.isVisible() and hidden.runs.on_show.question == "hold on"  # type: ignore[union-attr]


def test_a_run_that_has_ended_meanwhile_takes_the_question_along(
    qtbot: QtBot, notices: Notices, make_window: MakeWindow, book: Path
) -> None:
    window = make_window()
    ask(qtbot, window, book, "hold on", "Running")
    window.close()
    question = window.life.presence.question
    assert question.isVisible()
    window.runs.stop()
    qtbot.waitUntil(lambda: not question.isVisible(), timeout=WAIT_MS)
    assert window.isVisible() and window.engine.alive and not window.runs.busy
    with qtbot.waitSignal(window.life.presence.gone, timeout=WAIT_MS):
        window.close()


def test_leaving_stops_the_run_without_a_question(
    qtbot: QtBot, notices: Notices, make_window: MakeWindow, book: Path
) -> None:
    window = make_window()
    ask(qtbot, window, book, "hold on", "Running")
    with qtbot.waitSignals([window.life.presence.leaving, window.life.presence.gone], timeout=WAIT_MS):
        window.life.presence.leave()
    assert not window.isVisible() and not window.life.presence.question.isVisible()
    assert window.runs.on_show is not None and window.runs.on_show.question == "hold on"


# -- what is announced ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wish", "active", "told"), [
    ("away", False, True), ("away", True, False), ("always", True, True), ("never", False, False),
])  # fmt: skip
def test_a_long_run_is_announced_as_the_person_wishes(
    qtbot: QtBot,
    notices: Notices,
    make_window: MakeWindow,
    book: Path,
    monkeypatch: pytest.MonkeyPatch,
    wish: str,
    active: bool,
    told: bool,
) -> None:
    window = make_window()
    window.care.preferences.put(NOTIFY, wish)
    monkeypatch.setattr(window, "isActiveWindow", lambda: active)
    with qtbot.waitSignal(window.life.announcer.settled, timeout=WAIT_MS, raising=not told):
        ask(qtbot, window, book, "Who was <b>it</b>?" + " Tell me." * 40, "Answered")
        if told:
            qtbot.waitUntil(lambda: bool(notices.shown), timeout=WAIT_MS)
            notices.gone.emit()
    assert len(notices.shown) == told
    for title, text in notices.shown:
        assert title.startswith("Who was <b>it</b>? Tell me.") and len(title) <= 121
        assert text.startswith("Answered, after 18") and "Enoch" not in text and "<" not in text


def test_a_short_run_is_not_announced(
    qtbot: QtBot, notices: Notices, make_window: MakeWindow, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcer_module, "LONG_SECONDS", 60.0)
    window = make_window()
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    with qtbot.waitSignal(window.life.announcer.settled, timeout=WAIT_MS):
        ask(qtbot, window, book, "Who was it?", "Answered")
    assert not notices.shown


def test_runs_of_the_past_are_not_announced(
    qtbot: QtBot, notices: Notices, make_window: MakeWindow, book: Path
) -> None:
    window = make_window()
    window.care.preferences.put(NOTIFY, "always")
    open_book(qtbot, window, book)
    window.runs.show("sample")
    qtbot.waitUntil(lambda: window.runs.on_show is not None, timeout=WAIT_MS)
    assert not notices.shown and isinstance(window.life.announcer, Announcer)
