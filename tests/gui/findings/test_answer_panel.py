"""Journeys through the answer: its links, its raw text, what was not read, and what to do when it is not whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QTextBrowser
from pytestqt.qtbot import QtBot

from rlm_desktop.events import CallStarted, Row
from rlm_desktop.events.groups import batch_row
from rlm_desktop.gui.findings.answer_panel import AnswerPanel
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.wire import Summary
from tests.gui.conftest import WAIT_MS, MakeWindow
from tests.gui.test_main_window import ask


def rich(qtbot: QtBot, window: MainWindow, book: Path) -> AnswerPanel:
    ask(qtbot, window, book, "Tell me richly", "Answered")
    qtbot.waitUntil(lambda: not window.answer.page.busy, timeout=WAIT_MS)
    return window.answer


def place_of(page: QTextBrowser, words: str) -> QPoint:
    """Where in the page these words stand."""
    cursor = page.document().find(words)
    assert not cursor.isNull()
    cursor.setPosition(cursor.selectionStart() + 2)
    page.setTextCursor(cursor)
    page.ensureCursorVisible()
    return page.cursorRect(cursor).center()


def test_markdown_is_a_page_and_what_is_none_stays(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    page = rich(qtbot, window, book).page
    text = page.toPlainText()
    for words in (
        "2*3*4",
        "another_snake_case",
        "x**2 + y**2",
        "<script>alert(1)</script>",
        "[Image: a picture]",
    ):
        assert words in text
    assert "✓ verified" in text and "⚠ not found word for word" in text and "<b>God</b>" in text
    assert "**" not in text.replace("x**2 + y**2", "") and "|" not in text
    assert page.document().find("snake_case_name").charFormat().fontFixedPitch()
    assert page.verticalScrollBar().value() == 0


def test_a_citation_in_the_text_opens_its_line_by_mouse_and_by_key(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    page = rich(qtbot, window, book).page
    qtbot.mouseClick(page.viewport(), Qt.MouseButton.LeftButton, pos=place_of(page, "[book.txt:12]"))
    qtbot.waitUntil(lambda: (view := window.documents.current) is not None and view.cited == range(11, 12))
    page.moveCursor(page.textCursor().MoveOperation.Start)
    page.setFocus()
    found: list[str] = []
    page.linked.connect(found.append)
    for _ in range(3):  # the place, the quotation and, after it, the first link out
        qtbot.keyClick(page, Qt.Key.Key_Tab)
        if page.textCursor().charFormat().anchorHref().startswith("cite:"):
            qtbot.keyClick(page, Qt.Key.Key_Return)
    assert found and set(found) == {"cite:0"}


def test_a_link_out_is_followed_only_after_it_was_shown_where_it_leads(
    qtbot: QtBot, window: MainWindow, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    answer = rich(qtbot, window, book)
    question = answer._link_question
    qtbot.mouseClick(answer.page.viewport(), Qt.MouseButton.LeftButton, pos=place_of(answer.page, "a page"))
    qtbot.waitUntil(question.isVisible)
    assert question.informativeText() == "https://example.org/enoch?q=1" and "example.org" in question.text()
    leave, copy = question.defaultButton(), question.buttons()[1]
    qtbot.mouseClick(leave, Qt.MouseButton.LeftButton)
    assert not opened and not question.isVisible()
    question.put("https://xn--80ak6aa92e.com/а")
    assert question.informativeText().isascii()
    copy = next(button for button in question.buttons() if button.accessibleName() == "Copy the address")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("https://") and not opened


def test_the_answer_is_shown_as_written_and_that_is_remembered(
    qtbot: QtBot, make_window: MakeWindow, book: Path
) -> None:
    window = make_window()
    answer = rich(qtbot, window, book)
    assert answer.page.isVisible() and not answer.raw.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    assert answer.raw.isVisible() and answer.raw.toPlainText().startswith("## Who begat whom\n\n**Enoch**")
    second = make_window()
    assert second.actions_by_name["raw"].isChecked()
    assert second.answer.text_view is second.answer.raw


def test_what_was_not_read_is_a_click_away(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text("And Enoch walked with God.\n" * 40)
    window.open_paths([str(folder)])
    qtbot.waitUntil(lambda: window.library.ground is not None, timeout=WAIT_MS)
    qtbot.keyClicks(window.ask.box, "who?")
    qtbot.keyClick(window.ask.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    line = window.answer.coverage
    qtbot.waitUntil(line.isVisible, timeout=WAIT_MS)
    assert "2 of 3 files unread" in line.text() and "not read" in line.text()
    line.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    dialog = line._dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() == 2, timeout=WAIT_MS)
    assert dialog.part.currentText() == "Never looked at (2)"
    qtbot.keyClicks(dialog.names, "c.t")
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() == 1, timeout=WAIT_MS)
    dialog.names.clear()
    dialog.part.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() == 1, timeout=WAIT_MS)
    dialog.table.selectRow(0)
    with qtbot.waitSignal(line.opened, timeout=WAIT_MS):
        qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.documents.current is not None, timeout=WAIT_MS)
    dialog.close()


def test_a_partial_answer_offers_to_go_on_with_more_room(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "A limit please", "Partial answer")
    answer = window.answer
    assert answer.more.isVisible() and not answer.again.isVisible()
    before = window.ask.limits.limits().turns
    qtbot.mouseClick(answer.more, Qt.MouseButton.LeftButton)
    assert window.ask.limits.limits().turns == 2 * (before or 0)
    assert "A limit please" in window.ask.box.toPlainText()
    assert window.ask.follow_up.run is not None
    assert window.focusWidget() is window.ask.box


def test_a_failed_run_offers_to_ask_again(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Please fail", "Failed")
    answer = window.answer
    assert answer.again.isVisible() and answer.copy.isVisible() and not answer.more.isVisible()
    qtbot.mouseClick(answer.again, Qt.MouseButton.LeftButton)
    assert window.ask.box.toPlainText() == "Please fail"
    assert window.ask.follow_up.run is None


def test_words_are_found_in_the_answer(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    answer = rich(qtbot, window, book)
    answer.page.setFocus()
    qtbot.keyClick(answer.page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert answer.find_bar.isVisible()
    qtbot.keyClicks(answer.find_bar.field, "enoch")
    assert answer.page.textCursor().selectedText() == "Enoch"
    first = answer.page.textCursor().position()
    qtbot.keyClick(answer.find_bar.field, Qt.Key.Key_Return)
    assert answer.page.textCursor().position() > first
    qtbot.keyClick(answer.find_bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert answer.page.textCursor().position() == first
    assert "found" in answer.find_bar.count.text()
    qtbot.keyClick(answer.find_bar.field, Qt.Key.Key_Escape)
    assert not answer.find_bar.isVisible() and window.focusWidget() is answer.page


def test_without_a_run_it_says_what_comes_here(qtbot: QtBot, window: MainWindow) -> None:
    assert "The answer comes here" in window.answer.page.toPlainText()
    for name in ("copy_answer", "not_read"):
        assert not window.actions_by_name[name].isEnabled()


def test_while_the_answer_is_written_its_draft_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    answer, tree = window.answer, RunTreeModel("run9")
    whole = Row(span=0, parent=0, index=0, kind="run", label="?", children=1)
    answer.follow(Summary("run9", "?", "running", strategy="direct"), tree)
    assert answer.page.toPlainText() == "Working…"
    for text in ("**Enoch** was", "**Enoch** was the\n\n- father", "Another"):
        turn = Row(span=1, parent=0, index=0, kind="turn", label="Answer", started=1, live=text)
        tree.take((whole, turn))
        shown = text.replace("*", "").replace("\n\n- ", "\n•\t")
        qtbot.waitUntil(lambda shown=shown: answer.page.toPlainText() == shown, timeout=WAIT_MS)
    answer.follow(None, None)


def test_what_a_run_does_is_said_after_a_batch_too(qtbot: QtBot, window: MainWindow) -> None:
    answer, tree = window.answer, RunTreeModel("run9")
    answer.follow(Summary("run9", "?", "running", strategy="rlm"), tree)
    read = CallStarted(run="run9", span=3, parent=2, kind="read", label="?", model="", batch=3, batch_size=6)
    group = batch_row(read)
    calls = [
        Row(span=3 + n, parent=group.span, index=n, kind="call", label="?", call_kind="read", batch_size=6)
        for n in range(6)
    ]
    for row, said in (
        (Row(span=0, parent=0, index=0, kind="run", label="?"), "Working…"),
        (
            Row(span=1, parent=0, index=0, kind="turn", label="Turn 1"),
            "Turn 1: the model decides what to do…",
        ),
        (Row(span=2, parent=1, index=0, kind="cell", label="?"), "Running the code of this step…"),
        (group, "Running the code of this step…"),
        *((call, "Reading 6 passages…") for call in calls),
        (
            Row(span=9, parent=0, index=1, kind="turn", label="Turn 2"),
            "Turn 2: the model decides what to do…",
        ),
    ):
        tree.take((row,))
        assert answer.page.toPlainText() == said
    answer.follow(None, None)
