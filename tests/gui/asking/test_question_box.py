"""The box of the question: what was asked comes back, nothing typed is lost, blanks are gone through with Tab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.asking.question_box import QuestionBox

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def box(qtbot: QtBot) -> Iterator[QuestionBox]:
    frame = QWidget()
    qtbot.addWidget(frame)
    layout = QVBoxLayout(frame)
    box = QuestionBox()
    layout.addWidget(box)
    layout.addStretch()
    frame.resize(300, 900)
    frame.show()
    frame.activateWindow()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    yield box


def press(qtbot: QtBot, box: QuestionBox, *keys: Key) -> str:
    for key in keys:
        qtbot.keyClick(box, key)
    return box.toPlainText()


def test_up_goes_back_in_time_and_down_returns_to_what_was_typed(qtbot: QtBot, box: QuestionBox) -> None:
    box.set_past(["newest", "older"])
    qtbot.keyClicks(box, "half typ")
    assert press(qtbot, box, Key.Key_Up) == "newest"
    assert box.draft == "half typ"
    assert press(qtbot, box, Key.Key_Up, Key.Key_Up) == "older"
    assert press(qtbot, box, Key.Key_Down) == "newest"
    assert press(qtbot, box, Key.Key_Down, Key.Key_Down) == "half typ"
    qtbot.keyClicks(box, "ed")
    assert box.text == "half typed" == box.draft


def test_changes_to_an_earlier_question_stay_with_it(qtbot: QtBot, box: QuestionBox) -> None:
    box.set_past(["newest", "older"])
    qtbot.keyClicks(box, "draft")
    press(qtbot, box, Key.Key_Up)
    qtbot.keyClicks(box, "!")
    assert box.draft == "newest!"
    assert press(qtbot, box, Key.Key_Up) == "older"
    assert press(qtbot, box, Key.Key_Down) == "newest!"
    assert press(qtbot, box, Key.Key_Down) == "draft"
    press(qtbot, box, Key.Key_Up)
    box.sent("newest!")
    assert box.text == "draft"
    assert press(qtbot, box, Key.Key_Up) == "newest!"
    assert press(qtbot, box, Key.Key_Up) == "newest"


def test_within_several_lines_the_keys_move_the_cursor(qtbot: QtBot, box: QuestionBox) -> None:
    box.set_past(["earlier"])
    box.setPlainText("first\nsecond\nthird")
    box.moveCursor(box.textCursor().MoveOperation.End)
    assert press(qtbot, box, Key.Key_Up, Key.Key_Up).startswith("first")
    assert press(qtbot, box, Key.Key_Down).startswith("first")
    assert press(qtbot, box, Key.Key_Up, Key.Key_Up) == "earlier"
    assert press(qtbot, box, Key.Key_Down).startswith("first")
    wrapped = "many words that need more than one line of the box " * 3
    box.setPlainText(wrapped)
    box.moveCursor(box.textCursor().MoveOperation.End)
    assert press(qtbot, box, Key.Key_Up) == wrapped
    assert press(qtbot, box, *[Key.Key_Up] * 9) == "earlier"


def test_up_goes_on_from_a_question_of_several_lines(qtbot: QtBot, box: QuestionBox) -> None:
    box.set_past(["one\ntwo\nthree", "older"])
    assert press(qtbot, box, Key.Key_Up) == "one\ntwo\nthree"
    assert press(qtbot, box, Key.Key_Up) == "older"


def test_news_of_the_history_wait_until_one_has_come_back(qtbot: QtBot, box: QuestionBox) -> None:
    box.set_past(["b", "a"])
    assert press(qtbot, box, Key.Key_Up) == "b"
    box.set_past(["c", "b", "a"])
    assert press(qtbot, box, Key.Key_Up) == "a"
    assert press(qtbot, box, Key.Key_Down, Key.Key_Down) == ""
    assert press(qtbot, box, Key.Key_Up) == "c"


def test_with_a_key_held_or_nothing_asked_nothing_is_recalled(qtbot: QtBot, box: QuestionBox) -> None:
    assert press(qtbot, box, Key.Key_Up) == ""
    box.set_past(["asked"])
    qtbot.keyClick(box, Key.Key_Up, Mod.ShiftModifier)
    qtbot.keyClick(box, Key.Key_Up, Mod.ControlModifier)
    assert box.toPlainText() == ""


def test_a_template_marks_its_blanks_in_turn(qtbot: QtBot, box: QuestionBox) -> None:
    box.setPlainText("what was there")
    box.replace("🐳 Where does ‹event› occur in ‹file›?")
    assert box.textCursor().selectedText() == "‹event›"
    qtbot.keyClick(box, Key.Key_Tab)
    assert box.textCursor().selectedText() == "‹file›"
    qtbot.keyClick(box, Key.Key_Backtab, Mod.ShiftModifier)
    assert box.textCursor().selectedText() == "‹event›"
    qtbot.keyClicks(box, "the whale")
    qtbot.keyClick(box, Key.Key_Tab)
    assert box.hasFocus() and box.textCursor().selectedText() == "‹file›"
    assert box.text == "🐳 Where does the whale occur in ‹file›?"


def test_without_blanks_tab_goes_to_the_next_field(qtbot: QtBot, box: QuestionBox) -> None:
    other = QWidget(box.parentWidget())
    other.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    other.show()
    box.setPlainText("no blanks")
    qtbot.keyClick(box, Key.Key_Tab)
    assert other.hasFocus() and box.text == "no blanks"


def test_what_a_template_replaced_comes_back(qtbot: QtBot, box: QuestionBox) -> None:
    qtbot.keyClicks(box, "my own")
    box.replace("a template")
    box.undo()
    assert box.text == "my own"
    box.redo()
    assert press(qtbot, box, Key.Key_Up) == "my own"


def test_marked_words_become_a_blank(qtbot: QtBot, box: QuestionBox) -> None:
    box.setPlainText("🐳 Who is Jonah?")
    assert box.find("Jonah")
    box.make_blank()
    assert box.text == "🐳 Who is ‹Jonah›?"
    box.make_blank()  # nothing is marked
    assert box.text == "🐳 Who is ‹Jonah›?"


def test_it_grows_with_its_text_to_a_limit(qtbot: QtBot, box: QuestionBox) -> None:
    small = box.height()
    box.setPlainText("1\n2\n3\n4")
    grown = box.height()
    assert small < grown
    qtbot.waitUntil(lambda: not box.verticalScrollBar().isVisible())
    box.setPlainText("\n".join(map(str, range(50))))
    assert grown < box.height() <= box.window().height() // 4 + 30
    qtbot.waitUntil(box.verticalScrollBar().isVisible)
    box.setPlainText("")
    assert box.height() == small
    font = box.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    box.setFont(font)
    assert box.height() > 1.5 * small


def test_a_question_that_was_taken_makes_room_for_the_next(qtbot: QtBot, box: QuestionBox) -> None:
    box.setPlainText("asked")
    box.sent("asked")
    assert box.text == ""
    assert press(qtbot, box, Key.Key_Up) == "asked"
    box.setPlainText("being typed")
    box.sent("asked")
    assert box.text == "being typed"
    box.recall("asked")
    assert box.text == "being typed"
    box.setPlainText("")
    box.recall("asked")
    assert box.text == "asked"
