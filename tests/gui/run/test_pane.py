"""What a person does with the tree of a run, by mouse and keys, against the scripted engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.wire import Nothing
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask

BATCH = (1 << 29) + 3


def tree_of(window: MainWindow) -> RunTreeModel:
    tree = window.tree.tree()
    assert tree is not None
    return tree


def choose(qtbot: QtBot, window: MainWindow, span: int) -> None:
    """Click on a row."""
    index = tree_of(window).index_of(span)
    assert index.isValid()
    window.tree.scrollTo(index)
    place = window.tree.visualRect(index).center()
    qtbot.mouseClick(window.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.tree.currentIndex().internalId() == span


def chosen(window: MainWindow) -> int:
    return int(window.tree.currentIndex().internalId())


def menu_of(qtbot: QtBot, window: MainWindow) -> QMenu:
    """The menu of the chosen row, asked for with the keyboard."""
    qtbot.keyClick(window.tree, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu), timeout=WAIT_MS)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def can(menu: QMenu) -> set[str]:
    """What can be done, by the names of the actions."""
    names = {action.objectName() for action in menu.actions() if action.isEnabled()}
    copies = next(action.menu() for action in menu.actions() if action.menu())
    assert isinstance(copies, QMenu)
    names |= {action.objectName() for action in copies.actions() if action.isEnabled()}
    return names - {""}


def in_use(qtbot: QtBot, window: MainWindow, book: Path, question: str, status: str) -> None:
    ask(qtbot, window, book, question, status)
    qtbot.waitUntil(lambda: tree_of(window).row(2) is not None, timeout=WAIT_MS)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    window.tree.setFocus()


def test_a_batch_is_one_row_that_opens(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "Read a batch", "Answered")
    tree, view = tree_of(window), window.tree
    qtbot.waitUntil(lambda: tree.row(BATCH) is not None, timeout=WAIT_MS)
    group = tree.index_of(BATCH)
    assert (group.data(), group.siblingAtColumn(1).data()) == ("64 reads", "Done")
    assert not view.isExpanded(group)
    choose(qtbot, window, BATCH)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.isExpanded(group)
    qtbot.waitUntil(lambda: tree.rowCount(group) == 64, timeout=WAIT_MS)
    assert tree.index(63, 0, group).data() == "Reading passage 64"
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert not view.isExpanded(group)


def test_a_search_goes_to_steps_nobody_has_opened(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "Read a batch", "Answered")
    pane, tree = window.run_pane, tree_of(window)
    qtbot.keyClick(window.tree, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(pane.search.hasFocus, timeout=WAIT_MS)
    qtbot.keyClicks(pane.search, "passage 6")
    qtbot.waitUntil(lambda: pane.count.text() == "6 found", timeout=WAIT_MS)
    qtbot.keyClick(pane.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: chosen(window) == 8, timeout=WAIT_MS)
    assert pane.count.text() == "1 of 6"
    assert window.tree.isExpanded(tree.index_of(BATCH))
    qtbot.keyClick(pane.search, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: chosen(window) == 62, timeout=WAIT_MS)
    qtbot.keyClick(pane.search, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(pane.search, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: chosen(window) == 66, timeout=WAIT_MS)  # before the first comes the last
    assert pane.count.text() == "6 of 6"
    qtbot.keyClick(pane.search, Qt.Key.Key_Escape)
    assert not pane.count.isVisible() and pane.search.text() == ""


def test_what_is_found_in_the_code_opens_the_code(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "Who?", "Answered")
    qtbot.keyClicks(window.run_pane.search, "where it stands")
    qtbot.keyClick(window.run_pane.search, Qt.Key.Key_Return)  # before there is an answer
    qtbot.waitUntil(lambda: chosen(window) == 1, timeout=WAIT_MS)
    assert window.details.tabs.currentWidget() is window.details.response
    qtbot.keyClick(window.run_pane.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: chosen(window) == 2, timeout=WAIT_MS)
    assert window.details.tabs.currentWidget() is window.details.code


def pick_filter(window: MainWindow, words: str) -> None:
    actions = window.run_pane.filter.menu().actions()
    next(action for action in actions if action.text() == words).trigger()


def labels(window: MainWindow, parent: QModelIndex | None = None) -> list[str]:
    tree, parent = tree_of(window), parent or QModelIndex()
    found = []
    for place in range(tree.rowCount(parent)):
        index = tree.index(place, 0, parent)
        found += [index.data(), *labels(window, index)]
    return found


def test_only_some_steps_are_shown_with_those_above(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "Read a batch, then hold", "Running")
    whole = tree_of(window)
    cell = 'find("father of Methuselah")'
    choose(qtbot, window, 2)
    pick_filter(window, "Calls only")
    qtbot.waitUntil(lambda: window.run_pane.count.text() == "64 found", timeout=WAIT_MS)
    assert labels(window)[:4] == ["Turn 1", cell, "64 reads", "Reading passage 1"]
    assert len(labels(window)) == 67
    assert chosen(window) == 2 and window.tree.isExpanded(tree_of(window).index_of(BATCH))
    choose(qtbot, window, 3)
    assert window.details.tabs.isVisible()
    pick_filter(window, "Failed only")
    qtbot.waitUntil(window.run_pane.nothing.isVisible, timeout=WAIT_MS)
    pick_filter(window, "Running only")
    qtbot.waitUntil(lambda: window.run_pane.count.text() == "64 found", timeout=WAIT_MS)  # and the cell
    window.engine.request("cancel", Nothing, lambda _: None, run=whole.run, span=4)
    qtbot.waitUntil(lambda: window.run_pane.count.text() == "63 found", timeout=WAIT_MS)
    pick_filter(window, "All steps")
    assert tree_of(window) is whole


def test_one_call_is_stopped_or_asked_again(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "hold on", "Running")
    tree = tree_of(window)
    qtbot.waitUntil(lambda: (row := tree.row(3)) is not None and bool(row.finished), timeout=WAIT_MS)
    choose(qtbot, window, 3)
    menu = menu_of(qtbot, window)
    assert can(menu) == {"open_prompt", "copy_step", "copy_prompt", "copy_response"}
    menu.close()
    choose(qtbot, window, 4)
    menu = menu_of(qtbot, window)
    assert {"cancel_step", "retry_step"} <= can(menu)
    letters = [QKeySequence.mnemonic(action.text()).toString() for action in menu.actions() if action.text()]
    assert all(letters) and len(set(letters)) == len(letters)
    menu.close()
    window.actions_by_name["retry_step"].trigger()
    qtbot.waitUntil(lambda: bool(tree.row(4).notes), timeout=WAIT_MS)  # type: ignore[union-attr]
    window.actions_by_name["cancel_step"].trigger()
    qtbot.waitUntil(lambda: tree.row(4).status == "cancelled", timeout=WAIT_MS)  # type: ignore[union-attr]
    assert not window.actions_by_name["cancel_step"].isEnabled()
    assert window.runs.busy


def test_a_question_is_asked_again(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "Who?", "Answered")
    first = window.runs.on_show
    choose(qtbot, window, 2)
    window.actions_by_name["retry_step"].trigger()
    qtbot.waitUntil(
        lambda: (run := window.runs.on_show) is not None and run is not first and run.run != first.run,  # type: ignore[union-attr]
        timeout=WAIT_MS,
    )
    assert window.runs.on_show is not None and window.runs.on_show.question == "Who?"


@pytest.mark.parametrize(
    ("name", "span", "text"),
    [
        ("copy_step", 2, 'find("father of Methuselah")'),
        ("copy_code", 2, "hits = find("),
        ("copy_output", 2, "And Enoch lived sixty and five years\n" * 40),
        ("copy_prompt", 1, "[system]\nYou explore a document with code.\n\n[user]\nWho?"),
        ("copy_response", 1, "```repl\n"),
    ],
)
def test_what_a_step_says_is_copied(
    qtbot: QtBot, window: MainWindow, book: Path, name: str, span: int, text: str
) -> None:
    in_use(qtbot, window, book, "Who?", "Answered")
    choose(qtbot, window, span)
    QGuiApplication.clipboard().clear()
    window.actions_by_name[name].trigger()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().startswith(text), timeout=WAIT_MS)


def test_the_menu_opens_at_a_row_and_nowhere_else(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "Who?", "Answered")
    asked: list[QPoint] = []
    window.tree.menu_wanted.connect(asked.append)
    choose(qtbot, window, 2)
    menu = menu_of(qtbot, window)
    assert window.tree.rect().contains(window.tree.mapFromGlobal(asked[0]))
    menu.close()


def pick(qtbot: QtBot, menu: QMenu, name: str) -> None:
    """Click on an entry."""
    entry = next(action for action in menu.actions() if action.objectName() == name)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())


def test_the_menu_leads_to_what_a_step_read(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "Who?", "Answered")
    choose(qtbot, window, 2)
    for _ in ("open", "closed and forgotten"):
        menu = menu_of(qtbot, window)
        assert {"show_in_document", "retry_step"} <= can(menu)
        pick(qtbot, menu, "show_in_document")
        qtbot.waitUntil(
            lambda: (view := window.documents.current) is not None and view.cited == range(1), timeout=WAIT_MS
        )
        assert window.documents.current.source.document.path == str(book)  # type: ignore[union-attr]
        window.library.close(window.library.model.sources[0])
        assert window.documents.current is None
        window.tree.setFocus()
    book.unlink()
    pick(qtbot, menu_of(qtbot, window), "show_in_document")
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert "cannot be opened" in window.banner.text.text() and book.name in window.banner.text.text()


def test_the_menu_says_whether_a_call_or_the_question_is_asked_again(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    in_use(qtbot, window, book, "hold on", "Running")
    choose(qtbot, window, 2)
    retry = window.actions_by_name["retry_step"]
    assert retry.text().replace("&", "") == "Retry"
    window.runs.stop()
    qtbot.waitUntil(lambda: window.answer.status.text() == "Stopped", timeout=WAIT_MS)
    menu = menu_of(qtbot, window)
    assert retry.text().replace("&", "") == "Ask the question again"
    menu.close()


def test_space_shows_the_details(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    in_use(qtbot, window, book, "Who?", "Answered")
    choose(qtbot, window, 2)
    dock = window.docks.by_name["details"]
    dock.close()
    assert not dock.isVisible()
    qtbot.keyClick(window.tree, Qt.Key.Key_Space)
    assert dock.isVisible()


def test_following_stops_at_a_choice_and_goes_on_with_end(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    in_use(qtbot, window, book, "hold on", "Running")
    follow = window.run_pane.follow
    assert follow.isChecked() and window.tree.following
    choose(qtbot, window, 1)
    assert not follow.isChecked()
    qtbot.keyClick(window.tree, Qt.Key.Key_End)
    assert follow.isChecked() and window.tree.following
    qtbot.mouseClick(follow, Qt.MouseButton.LeftButton)
    assert not follow.isChecked() and not window.tree.following
    qtbot.mouseClick(follow, Qt.MouseButton.LeftButton)
    assert window.tree.following
