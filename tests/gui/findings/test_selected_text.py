"""What is copied from a page: text as it is, and of tables the cells that are marked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QTextCursor
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.findings.prose_view import ProseView
from tests.gui.conftest import WAIT_MS

MOVE = QTextCursor.MoveMode.KeepAnchor
TABLE = "| name | years |\n|---|---|\n" + "".join(
    f"| Son **{number}** | {900 + number} |\n" for number in range(60)
)


@pytest.fixture
def view(qtbot: QtBot) -> ProseView:
    view = ProseView("Answer")
    view.resize(360, 400)
    qtbot.addWidget(view)
    view.show()
    view.show_text(f"Before *it*.\n\n{TABLE}\nAfter it.\n")
    qtbot.waitUntil(lambda: not view.busy, timeout=WAIT_MS)
    return view


def copied(qtbot: QtBot, view: ProseView, cursor: QTextCursor) -> str:
    view.setTextCursor(cursor)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QGuiApplication.clipboard().text()


def from_to(view: ProseView, first: str, last: str) -> QTextCursor:
    cursor = QTextCursor(view.document().find(first))
    cursor.setPosition(cursor.selectionStart())
    cursor.setPosition(view.document().find(last).selectionEnd(), MOVE)
    return cursor


def test_words_of_a_cell_are_copied_alone(qtbot: QtBot, view: ProseView) -> None:
    assert copied(qtbot, view, view.document().find("Son 3")) == "Son 3"
    assert not QGuiApplication.clipboard().mimeData().hasHtml()
    assert copied(qtbot, view, view.document().find("n 3")) == "n 3"


def test_cells_are_copied_with_tabs_and_a_row_a_line(qtbot: QtBot, view: ProseView) -> None:
    assert copied(qtbot, view, from_to(view, "Son 3", "904")) == "Son 3\t903\nSon 4\t904"
    assert copied(qtbot, view, from_to(view, "903", "905")) == "903\n904\n905"
    assert not QGuiApplication.clipboard().mimeData().hasHtml()


def test_a_selection_beyond_the_table_keeps_its_rows_and_looks(qtbot: QtBot, view: ProseView) -> None:
    view.selectAll()
    text = copied(qtbot, view, view.textCursor())
    rows = [f"Son {number}\t{900 + number}" for number in range(60)]
    assert text.split("\n") == ["Before it.", "name\tyears", *rows, "After it."]
    assert QGuiApplication.clipboard().mimeData().hasHtml()


def test_prose_is_copied_as_it_is(qtbot: QtBot, view: ProseView) -> None:
    assert copied(qtbot, view, view.document().find("efore it")) == "efore it"


def test_the_menu_of_a_cell_copies_it(qtbot: QtBot, view: ProseView) -> None:
    for words, offered in (("902", ["902"]), ("Before", [])):
        place = view.cursorRect(view.document().find(words)).center()
        place -= QPoint(6, 0)  # a cursor stands behind what was found
        QApplication.sendEvent(
            view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place))
        )
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        QGuiApplication.clipboard().clear()
        copy = [action for action in menu.actions() if action.text() == "Copy cell"]
        for action in copy:
            action.trigger()
        assert [QGuiApplication.clipboard().text() for _ in copy] == offered
        menu.close()
