"""Asking, as a person does it: with keys and clicks, one question after the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow, close
from tests.gui.test_main_window import ask, open_book

Key, Mod, LEFT = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton


def enter(qtbot: QtBot, window: MainWindow, question: str) -> None:
    """Type a question and press Ctrl+Enter."""
    window.activateWindow()
    window.ask.box.setFocus()
    qtbot.waitUntil(window.ask.box.hasFocus, timeout=WAIT_MS)
    qtbot.keyClicks(window.ask.box, question)
    qtbot.keyClick(window.ask.box, Key.Key_Return, Mod.ControlModifier)


def waiting(window: MainWindow) -> list[str]:
    view = window.ask.queue.view
    return [view.item(row).text() for row in range(view.count())]


def answered(window: MainWindow) -> list[str]:
    """What was asked, newest first."""
    model = window.history.all
    return [model.summary(model.index(row, 0)).question for row in range(model.rowCount())]  # type: ignore[union-attr]


def done(qtbot: QtBot, window: MainWindow, *questions: str) -> None:
    qtbot.waitUntil(lambda: answered(window) == list(questions) and not window.runs.busy, timeout=WAIT_MS)


def hint(window: MainWindow) -> str:
    return window.ask._hint.text().replace("\u202f", " ")


# -- what it will take -------------------------------------------------------------------------------------


def test_what_it_will_take_is_said_and_follows_the_means(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    open_book(qtbot, window, book)
    qtbot.waitUntil(lambda: hint(window) == "~40 s · free", timeout=WAIT_MS)
    assert "Seconds: 31.0 to 48.0" in window.ask._hint.toolTip()
    window.ask.limits.seconds.setValue(30)
    qtbot.waitUntil(lambda: hint(window) == "~30 s · free", timeout=WAIT_MS)
    window.ask.picker.choose("script:new.json")
    qtbot.waitUntil(lambda: hint(window) == "no figures yet for this model", timeout=WAIT_MS)
    window.ask.picker.choose("openai:gpt-mini")
    assert hint(window) == "The network is off."
    window.ask.picker.choose("tiny")
    qtbot.waitUntil(lambda: hint(window) == "~30 s · free", timeout=WAIT_MS)
    window.ask.picker.choose("openai:gpt-mini")
    window.ask.picker.switch_on.click()
    qtbot.waitUntil(lambda: hint(window) == "~30 s · $0.003 to $0.01", timeout=WAIT_MS)


def test_only_the_latest_means_are_reckoned(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    qtbot.waitUntil(lambda: hint(window) == "~40 s · free", timeout=WAIT_MS)
    asked: list[object] = []
    request = window.engine.request
    window.engine.request = lambda name, *args, **fields: (  # type: ignore[method-assign, assignment]
        asked.append((name, fields.get("limits"))), request(name, *args, **fields)
    )  # fmt: skip
    for seconds in (50, 40, 30, 20):
        window.ask.limits.seconds.setValue(seconds)
    qtbot.waitUntil(lambda: hint(window) == "~20 s · free", timeout=WAIT_MS)
    estimates = [limits for name, limits in asked if name == "estimate"]  # type: ignore[misc]
    assert [limits["seconds"] for limits in estimates] == [20.0]


def test_a_question_that_cannot_be_estimated_can_be_asked(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    open_book(qtbot, window, book)
    enter(qtbot, window, "refuse me")
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert "The model is missing." in window.banner.text.text()
    assert window.ask.box.text == "refuse me"


# -- one after the other -----------------------------------------------------------------------------------


def test_until_the_run_has_begun_it_is_said_what_happens(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    open_book(qtbot, window, book)
    said: list[str] = []
    window.runs.busy_changed.connect(lambda _: said.append(window.ask._hint.text()))
    window.runs.accepted.connect(lambda _: said.append(window.ask._hint.text()))
    window.ask.box.setPlainText("hold on")
    qtbot.keyClick(window.ask.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(said) == 2, timeout=WAIT_MS)
    assert said[0] == "Opening the documents…"
    assert said[1] != "Opening the documents…"


def test_questions_wait_for_the_run_and_are_asked_one_after_the_other(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    assert window.ask.button.text() == "Queue" and not window.ask.queue.isVisible()
    for question in ("first", "please fail", "last"):
        enter(qtbot, window, question)
        assert window.ask.box.text == ""
    assert waiting(window) == ["○ 1. first", "○ 2. please fail", "○ 3. last"]
    assert window.ask.queue._head.text() == "3 questions wait"
    window.runs.stop()  # it ends by itself, as far as the queue knows
    done(qtbot, window, "last", "please fail", "first", "hold on")
    assert not window.ask.queue.isVisible() and window.ask.button.text() == "Ask"


def test_a_question_that_has_waited_can_be_stopped_too(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    for question in ("hold again", "after that"):
        window.ask.start_afresh()
        enter(qtbot, window, question)
    window.runs.stop()
    qtbot.waitUntil(lambda: answered(window)[0] == "hold again", timeout=WAIT_MS)
    assert window.ask.stop.isVisible() and window.ask.button.text() == "Queue"
    assert window.actions_by_name["stop"].isEnabled()
    qtbot.mouseClick(window.ask.stop, LEFT)
    done(qtbot, window, "hold again", "hold on")
    assert not window.ask.stop.isVisible() and waiting(window) == ["1. after that"]


def test_nothing_is_asked_before_what_has_waited(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    window.ask.start_afresh()
    enter(qtbot, window, "has waited")
    window.runs.busy_changed.connect(lambda busy: None if busy or waiting(window)[1:] else window.ask.ask())
    window.ask.box.setPlainText("at once")
    window.runs.stop()
    done(qtbot, window, "at once", "has waited", "hold on")


def test_stop_stops_the_run_and_asks_nothing_more(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    enter(qtbot, window, "later")
    qtbot.keyClick(window, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.runs.busy, timeout=WAIT_MS)
    assert answered(window) == ["hold on"] and waiting(window) == ["1. later"]
    assert window.ask.queue._head.text() == "1 question waits: start it?"
    enter(qtbot, window, "meanwhile")
    done(qtbot, window, "meanwhile", "hold on")
    qtbot.mouseClick(window.ask.queue.buttons["queue_start"], LEFT)
    done(qtbot, window, "later", "meanwhile", "hold on")


def test_what_waits_can_be_moved_edited_and_removed(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    for question in ("one", "two", "three"):
        enter(qtbot, window, question)
    queue = window.ask.queue
    queue.view.setFocus()
    queue.view.setCurrentRow(2)
    qtbot.keyClick(queue.view, Key.Key_Up, Mod.ControlModifier)
    assert waiting(window) == ["○ 1. one", "○ 2. three", "○ 3. two"] and queue.view.currentRow() == 1
    qtbot.mouseClick(queue.buttons["queue_up"], LEFT)
    assert waiting(window)[0] == "○ 1. three" and not queue.buttons["queue_up"].isEnabled()
    queue.view.setCurrentRow(1)
    qtbot.keyClick(queue.view, Key.Key_Delete)
    assert waiting(window) == ["○ 1. three", "○ 2. two"]
    qtbot.keyClicks(window.ask.box, "typed meanwhile")
    queue.view.setCurrentRow(0)
    queue.view.setFocus()
    qtbot.keyClick(queue.view, Key.Key_F2)
    assert window.ask.box.text == "three" and waiting(window) == ["○ 1. two"]
    assert window.ask.box.hasFocus()
    qtbot.keyClick(window.ask.box, Key.Key_Up)
    assert window.ask.box.text == "typed meanwhile"


def test_edit_brings_the_means_back_too(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    panel = window.ask
    panel.strategy.setCurrentIndex(panel.strategy.findData("guided"))
    panel.limits.turns.setValue(3)
    panel.means.sub_model.choose("tiny")
    enter(qtbot, window, "with means")
    panel.strategy.setCurrentIndex(0)
    panel.limits.turns.setValue(9)
    panel.means.sub_model.choose("")
    window.actions_by_name["queue_edit"].trigger()
    assert (panel.strategy.currentData(), panel.limits.limits().turns) == ("guided", 3)
    assert panel.means.sub_model.name == "tiny" and "at most 3 turns" in panel.means._set.text()


def test_what_waits_survives_the_window_and_waits_for_a_word(
    qtbot: QtBot, make_window: MakeWindow, book: Path, tmp_path: Path
) -> None:
    first = make_window()
    ask(qtbot, first, book, "hold on", "Running")
    first.ask.follow_up.drop()
    enter(qtbot, first, "after the restart?")
    close(qtbot, first)
    second = make_window()
    assert waiting(second) == ["1. after the restart?"]
    qtbot.waitUntil(lambda: len(answered(second)) == 1, timeout=WAIT_MS)
    assert not second.runs.busy
    second.actions_by_name["queue_edit"].trigger()
    qtbot.waitUntil(lambda: second.ask._about.text().startswith("Ask about book.txt"), timeout=WAIT_MS)
    assert second.ask.box.text == "after the restart?" and not second.ask.queue.isVisible()
    qtbot.keyClick(second.ask.box, Key.Key_Return, Mod.ControlModifier)
    done(qtbot, second, "after the restart?", "hold on")


def test_what_waits_is_written_down_at_once(qtbot: QtBot, window: MainWindow, home: Path, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    enter(qtbot, window, "is it written?")
    (kept,) = json.loads(Choices(home / "window.ini").kept("ask/queue") or "[]")
    assert kept["question"]["text"] == "is it written?" and not kept["held"]
    window.actions_by_name["queue_remove"].trigger()
    assert Choices(home / "window.ini").kept("ask/queue") is None


@pytest.mark.parametrize("kept", ["{", '[{"number": 1}]', "null"])
def test_a_queue_that_cannot_be_read_is_put_aside(
    qtbot: QtBot, home: Path, make_window: MakeWindow, kept: str
) -> None:
    Choices(home / "window.ini").keep("ask/queue", kept)
    window = make_window()
    assert waiting(window) == [] and not window.ask.queue.isVisible()
    assert Choices(home / "window.ini").kept("ask/queue_unread") == kept


def test_a_follow_up_follows_what_was_last_in_its_session(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    assert window.ask.follow_up.box.isChecked()
    enter(qtbot, window, "and then?")
    enter(qtbot, window, "and at last?")
    window.runs.stop()
    done(qtbot, window, "and at last?", "and then?", "hold on")
    parents = {
        window.history.all.summary(window.history.all.index(row, 0)).parent_run
        for row in range(3)  # type: ignore[union-attr]
    }
    assert parents == {"", "run1", "run2"}


def test_a_follow_up_of_a_run_that_is_gone_says_so_and_the_next_goes_on(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "to be deleted", "Answered")
    qtbot.waitUntil(window.ask.follow_up.isVisible, timeout=WAIT_MS)
    window.runs.ask(window.ask._question().__class__("hold on", (str(book),), "tiny"))
    qtbot.waitUntil(lambda: window.runs.busy, timeout=WAIT_MS)
    window.runs.show("run1")
    qtbot.waitUntil(lambda: "to be deleted" in window.ask.follow_up.box.accessibleName(), timeout=WAIT_MS)
    enter(qtbot, window, "goes on from it")
    window.ask.start_afresh()
    enter(qtbot, window, "stands alone")
    window.history.delete(window.runs.on_show)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: "to be deleted" not in answered(window), timeout=WAIT_MS)
    window.runs.stop()
    qtbot.waitUntil(lambda: "stands alone" in answered(window), timeout=WAIT_MS)
    assert waiting(window) == ["⚠ 1. goes on from it"]
    assert "run1" in window.ask.queue.view.item(0).toolTip()


def test_a_question_that_is_refused_stays_and_the_next_goes_on(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    for question in ("refuse this", "fine"):
        window.ask.follow_up.drop()
        enter(qtbot, window, question)
    window.runs.stop()
    done(qtbot, window, "fine", "hold on")
    assert waiting(window) == ["⚠ 1. refuse this"]
    assert "The model is missing. Download it." in window.ask.queue.view.item(0).toolTip()


def test_an_engine_that_dies_takes_nothing_with_it(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    enter(qtbot, window, "still here?")
    qtbot.keyClicks(window.ask.box, "draft")
    window.engine._process.kill()
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert waiting(window) == ["1. still here?"] and window.ask.box.text == "draft"
    window.banner.action.click()
    qtbot.waitUntil(lambda: window.engine.alive and not window.runs.busy, timeout=WAIT_MS)
    assert waiting(window) == ["1. still here?"]


def test_where_nothing_confines_code_each_that_waited_needs_a_yes(
    qtbot: QtBot, home: Path, make_window: MakeWindow, book: Path
) -> None:
    (home / "sandbox").write_text("none")
    window = make_window()
    dialog = window.consent.dialog
    open_book(qtbot, window, book)
    enter(qtbot, window, "hold on")
    qtbot.waitUntil(dialog.isVisible, timeout=WAIT_MS)
    agree = next(
        one for one in dialog.buttons() if dialog.buttonRole(one) is QMessageBox.ButtonRole.AcceptRole
    )
    qtbot.mouseClick(agree, LEFT)
    qtbot.waitUntil(lambda: window.runs.busy and window.runs.on_show is not None, timeout=WAIT_MS)
    enter(qtbot, window, "later")
    window.runs.stop()
    qtbot.waitUntil(dialog.isVisible, timeout=WAIT_MS)
    assert waiting(window) == ["○ 1. later"]
    qtbot.keyClick(dialog, Key.Key_Escape)
    qtbot.waitUntil(lambda: waiting(window) == ["1. later"], timeout=WAIT_MS)
    assert answered(window) == ["hold on"]


# -- drafts and earlier questions --------------------------------------------------------------------------


def test_a_draft_is_written_down_as_one_types_and_is_typed_on(
    qtbot: QtBot, window: MainWindow, home: Path, make_window: MakeWindow
) -> None:
    qtbot.keyClicks(window.ask.box, "half a quest")
    qtbot.waitUntil(lambda: Choices(home / "window.ini").draft == "half a quest", timeout=WAIT_MS)
    close(qtbot, window)
    again = make_window()
    qtbot.keyClicks(again.ask.box, "ion?")
    assert again.ask.box.text == "half a question?"


def test_questions_of_another_day_come_back_whole(qtbot: QtBot, make_window: MakeWindow, book: Path) -> None:
    long = "Who was it, " + "and then who, " * 60 + "at last?"
    first = make_window()
    ask(qtbot, first, book, long, "Answered")
    close(qtbot, first)
    second = make_window()
    box = second.ask.box
    qtbot.waitUntil(lambda: bool(box._past), timeout=WAIT_MS)
    qtbot.keyClicks(box, "draft")
    qtbot.keyClick(box, Key.Key_Up)
    assert box.text == long
    box.moveCursor(box.textCursor().MoveOperation.End)
    qtbot.keyClick(box, Key.Key_Down)
    assert box.text == "draft"


# -- templates ---------------------------------------------------------------------------------------------


def entry(menu: QMenu, title: str) -> QAction:
    found = [action for action in menu.actions() if action.text() == title]
    inner = [
        entry_
        for action in menu.actions()
        if action.menu()
        for entry_ in [_find(action.menu(), title)]
        if entry_
    ]
    return (found + inner)[0]


def _find(menu: object, title: str) -> QAction | None:
    return next((one for one in menu.actions() if one.text() == title), None)  # type: ignore[attr-defined]


def test_a_template_is_filled_in_and_asked(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    menu = window.ask.templates.list
    window.ask.templates.fill()
    texts = [action.text() for action in menu.actions()]
    assert "Find contradictions" in texts and "Where is … implemented" not in texts
    entry(menu, "Find contradictions").trigger()
    box = window.ask.box
    assert box.hasFocus() and box.textCursor().selectedText() == "‹subject›"
    assert window.ask._note.isVisible() and not window.ask.button.isEnabled()
    assert hint(window) == "Fill in ‹subject›, or take it out."
    qtbot.keyClicks(box, "Enoch")
    qtbot.keyClick(box, Key.Key_Return, Mod.ControlModifier)
    done(
        qtbot,
        window,
        "Which statements about Enoch contradict each other? Quote each pair and say where both stand.",
    )
    assert not window.ask._note.isVisible()


def test_own_quotes_are_no_blanks_that_must_be_filled(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    window.ask.box.setPlainText("What does ‹Enoch› mean")  # QTest types ASCII only
    window.ask.box.moveCursor(window.ask.box.textCursor().MoveOperation.End)
    enter(qtbot, window, "?")
    done(qtbot, window, "What does ‹Enoch› mean?")


def test_a_question_is_kept_as_a_template_and_removed(qtbot: QtBot, make_window: MakeWindow) -> None:
    first = make_window()
    box = first.ask.box
    qtbot.keyClicks(box, "Who begat Enoch?")
    assert box.find("Enoch", box.document().FindFlag.FindBackward)
    first.actions_by_name["make_blank"].trigger()
    first.actions_by_name["save_template"].trigger()
    box.setPlainText("")
    close(qtbot, first)
    second = make_window()
    second.ask.templates.fill()
    menu = second.ask.templates.list
    assert menu.actions()[0].text() == "Who begat ‹Enoch›?"
    menu.actions()[0].trigger()
    assert second.ask.box.text == "Who begat ‹Enoch›?"
    forget = menu.actions()[-1].menu()
    assert isinstance(forget, QMenu)
    forget.actions()[0].trigger()
    second.ask.templates.fill()
    assert menu.actions()[0].text() != "Who begat ‹Enoch›?"


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_panel_fits_a_narrow_column(qtbot: QtBot, window: MainWindow, book: Path, scale: float) -> None:
    font = window.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    window.setFont(font)
    window.resize(1280, 800)
    open_book(qtbot, window, book)
    panel = window.ask
    panel.fold.setChecked(True)
    panel.box.setPlainText("words " * 60)
    assert panel.minimumSizeHint().width() <= 368 * scale**0.5
    qtbot.waitUntil(
        lambda: panel.button.visibleRegion().boundingRect() == panel.button.rect(), timeout=WAIT_MS
    )
    assert panel.limits.turns.width() > 0 and panel.minimumSizeHint().height() <= 0.3 * window.height()
