"""Searching, naming, pinning and deleting runs, with real keys and clicks."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.history.model import HeadingRole, HistoryModel, HitRole
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow, close
from tests.gui.test_main_window import ask

Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton


@pytest.fixture
def asked(qtbot: QtBot, window: MainWindow, book: Path) -> MainWindow:
    """A window with three runs, the newest on show."""
    for question in ("Who was it?", "nothing about tea?", "And when?"):
        ask(qtbot, window, book, question, "The document does not say" if "tea" in question else "Answered")
    listed(qtbot, window, "And when?", "nothing about tea?", "Who was it?")
    return window


def names(window: MainWindow) -> tuple[str, ...]:
    model = window.history_panel.current.model()
    return tuple(model.index(row, 0).data().removeprefix("↳ ") for row in range(model.rowCount()))


def listed(qtbot: QtBot, window: MainWindow, *expected: str) -> None:
    qtbot.waitUntil(lambda: names(window) == expected, timeout=WAIT_MS)


def mark(window: MainWindow, row: int) -> None:
    view = window.history_panel.current
    view.setFocus()
    view.setCurrentIndex(view.model().index(row, 0))


def type_in_place(qtbot: QtBot, window: MainWindow, text: str) -> None:
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, text) if text else qtbot.keyClick(editor, Key.Key_Delete)
    qtbot.keyClick(editor, Key.Key_Return)


def test_a_search_lists_what_it_finds_and_esc_ends_it(qtbot: QtBot, asked: MainWindow) -> None:
    panel = asked.history_panel
    qtbot.keyClick(asked, Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert panel.search.hasFocus()
    qtbot.keyClicks(panel.search, "tea")
    qtbot.waitUntil(lambda: panel.current is panel.results, timeout=WAIT_MS)
    assert names(asked) == ("nothing about tea?",)
    qtbot.keyClick(panel.search, Key.Key_Down)
    assert panel.results.hasFocus()
    qtbot.keyClick(panel.results, Key.Key_Return)
    qtbot.waitUntil(lambda: asked.answer.status.text() == "The document does not say", timeout=WAIT_MS)
    panel.search.setFocus()
    qtbot.keyClick(panel.search, Key.Key_Escape)
    assert panel.search.text() == "" and panel.current is panel.view
    assert panel.view.isVisible()


def test_a_search_tells_where_it_found_the_words(qtbot: QtBot, asked: MainWindow) -> None:
    panel = asked.history_panel
    qtbot.keyClicks(panel.search, "father of Meth")
    qtbot.waitUntil(lambda: panel.current is panel.results, timeout=WAIT_MS)
    hits = {panel.results.model().index(row, 0).data(HitRole).where for row in range(3)}
    assert hits == {"answer", "code"}  # the run that found nothing looked for them all the same


def test_a_search_that_finds_nothing_says_so(qtbot: QtBot, asked: MainWindow) -> None:
    panel = asked.history_panel
    qtbot.keyClicks(panel.search, "unheard of")
    qtbot.waitUntil(panel._nothing.isVisible, timeout=WAIT_MS)
    assert "Nothing found for “unheard of”" in panel._nothing.text()
    assert asked.runs.on_show is not None


def test_esc_stops_the_run_from_an_empty_search(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    search = window.history_panel.search
    search.setFocus()
    qtbot.keyClicks(search, "x")
    qtbot.keyClick(search, Key.Key_Escape)
    assert window.runs.busy and not window.runs.stopping
    qtbot.keyClick(search, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.runs.busy, timeout=WAIT_MS)


def test_a_run_gets_a_name_in_its_place(qtbot: QtBot, asked: MainWindow) -> None:
    mark(asked, 1)
    qtbot.keyClick(asked.history_panel.view, Key.Key_F2)
    type_in_place(qtbot, asked, "Tea")
    listed(qtbot, asked, "And when?", "Tea", "Who was it?")
    assert asked.history_panel.marked.name == "Tea"  # type: ignore[union-attr]
    assert "nothing about tea?" in asked.history_panel.view.currentIndex().data(Qt.ItemDataRole.ToolTipRole)
    qtbot.keyClick(asked.history_panel.view, Key.Key_F2)
    type_in_place(qtbot, asked, "")
    listed(qtbot, asked, "And when?", "nothing about tea?", "Who was it?")


def test_news_of_a_run_leave_alone_what_is_typed_as_its_name(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    mark(window, 0)
    qtbot.keyClick(window.history_panel.view, Key.Key_F2)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    qtbot.keyClicks(editor, "Methus")
    window.runs.stop()
    qtbot.waitUntil(lambda: window.history_panel.marked.status == "cancelled", timeout=WAIT_MS)  # type: ignore[union-attr]
    assert editor.text() == "Methus"
    qtbot.keyClick(editor, Key.Key_Return)
    listed(qtbot, window, "Methus")


def test_pinned_runs_come_first_and_stay_marked(qtbot: QtBot, make_window: MakeWindow, book: Path) -> None:
    window = make_window()
    for question in ("Who?", "When?", "Where?"):
        ask(qtbot, window, book, question, "Answered")
    listed(qtbot, window, "Where?", "When?", "Who?")
    mark(window, 2)
    pin = window.actions_by_name["pin"]
    assert pin.text() == "&Pin"
    pin.trigger()
    listed(qtbot, window, "Who?", "Where?", "When?")
    assert window.history_panel.marked.question == "Who?"  # type: ignore[union-attr]
    assert pin.text() == "Un&pin"
    close(qtbot, window)
    again = make_window()
    listed(qtbot, again, "Who?", "Where?", "When?")
    mark(again, 0)
    again.actions_by_name["pin"].trigger()
    listed(qtbot, again, "Where?", "When?", "Who?")


def test_a_deleted_run_can_be_brought_back(qtbot: QtBot, asked: MainWindow) -> None:
    panel = asked.history_panel
    undo = asked.actions_by_name["undo_delete"]
    mark(asked, 0)
    assert not undo.isEnabled()
    qtbot.keyClick(panel.view, Key.Key_Delete)
    listed(qtbot, asked, "nothing about tea?", "Who was it?")
    qtbot.waitUntil(lambda: asked.runs.on_show is None, timeout=WAIT_MS)
    assert panel.deleted.text.text() == "Deleted “And when?”."
    assert not asked.tree.isVisible() and undo.isEnabled()
    qtbot.mouseClick(panel.deleted.action, LEFT)
    listed(qtbot, asked, "And when?", "nothing about tea?", "Who was it?")
    qtbot.waitUntil(lambda: panel.marked.question == "And when?", timeout=WAIT_MS)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: asked.answer.status.text() == "Answered", timeout=WAIT_MS)
    assert not panel.deleted.isVisible() and not undo.isEnabled()


def test_ctrl_z_undoes_the_last_deletion_only(qtbot: QtBot, asked: MainWindow) -> None:
    panel = asked.history_panel
    for left in (2, 1):
        mark(asked, 0)
        qtbot.keyClick(panel.view, Key.Key_Delete)
        qtbot.waitUntil(lambda left=left: len(names(asked)) == left, timeout=WAIT_MS)
    qtbot.keyClick(panel.view, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    listed(qtbot, asked, "nothing about tea?", "Who was it?")
    qtbot.keyClick(panel.view, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert names(asked) == ("nothing about tea?", "Who was it?")


def test_ctrl_z_brings_the_only_run_back(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who was it?", "Answered")
    listed(qtbot, window, "Who was it?")
    window.activateWindow()
    mark(window, 0)
    window.history_panel.view.setFocus()
    qtbot.keyClick(window.history_panel.view, Key.Key_Delete)
    listed(qtbot, window)
    qtbot.waitUntil(window.history_panel.deleted.action.hasFocus, timeout=WAIT_MS)
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    listed(qtbot, window, "Who was it?")


def test_the_line_that_brings_back_can_be_put_away(qtbot: QtBot, asked: MainWindow) -> None:
    mark(asked, 0)
    asked.actions_by_name["delete"].trigger()
    deleted = asked.history_panel.deleted
    qtbot.waitUntil(deleted.isVisible, timeout=WAIT_MS)
    deleted.hide()
    assert not asked.actions_by_name["undo_delete"].isEnabled()


def test_the_run_that_goes_on_cannot_be_deleted(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    mark(window, 0)
    assert not window.actions_by_name["delete"].isEnabled()
    qtbot.keyClick(window.history_panel.view, Key.Key_Delete)
    assert names(window) == ("hold on",) and window.runs.busy


def test_del_in_the_search_field_deletes_no_run(qtbot: QtBot, asked: MainWindow) -> None:
    mark(asked, 0)
    search = asked.history_panel.search
    search.setFocus()
    qtbot.keyClick(search, Key.Key_Delete)
    qtbot.keyClick(search, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not asked.history_panel.deleted.isVisible() and len(names(asked)) == 3


def test_a_click_opens_a_run_and_news_move_neither_mark_nor_place(qtbot: QtBot, asked: MainWindow) -> None:
    panel = asked.history_panel
    row = panel.view.visualRect(panel.view.model().index(2, 0))
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=row.center() - QPoint(20, 0))
    qtbot.waitUntil(lambda: asked.runs.on_show.question == "Who was it?", timeout=WAIT_MS)  # type: ignore[union-attr]
    place = panel.view.verticalScrollBar().value()
    with qtbot.waitSignal(asked.engine.noticed, timeout=WAIT_MS):
        asked.history.pin(panel.view.model().summary(panel.view.model().index(1, 0)).run, True)  # type: ignore[attr-defined]
    listed(qtbot, asked, "nothing about tea?", "And when?", "Who was it?")
    assert panel.marked.question == "Who was it?"  # type: ignore[union-attr]
    assert panel.view.verticalScrollBar().value() == place


def test_keys_and_clicks_pass_over_headings(qtbot: QtBot, asked: MainWindow) -> None:
    panel = asked.history_panel
    model = panel.view.model()
    assert isinstance(model, HistoryModel)
    oldest = model.summary(model.index(2, 0))
    assert oldest is not None
    asked.history.pin(oldest.run, True)
    listed(qtbot, asked, "Who was it?", "And when?", "nothing about tea?")
    headings = [model.index(row, 0).data(HeadingRole) for row in range(3)]
    assert headings == ["Pinned", "9 October 2025", ""]
    mark(asked, 0)
    shown = asked.runs.on_show
    row = panel.view.visualRect(model.index(1, 0))
    heading = row.topLeft() + QPoint(row.width() // 2, 4)
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=heading)
    assert panel.marked is not None and panel.marked.question == "Who was it?"
    assert not panel.view.indexAt(heading).isValid() and asked.runs.on_show is shown
    qtbot.keyClick(panel.view, Key.Key_Down)
    assert panel.marked.question == "And when?"
    below = row.bottomLeft() + QPoint(row.width() // 2, -4)
    assert panel.view.indexAt(below).row() == 1
    qtbot.keyClick(panel.view, Key.Key_F2)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit) and editor.geometry().top() > heading.y()
    qtbot.keyClick(editor, Key.Key_Escape)
