from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.library.document_view import DocumentView
from rlm_desktop.gui.library.line_source import BLOCK, LineSource
from rlm_desktop.gui.wire.documents import Document
from tests.gui.conftest import WAIT_MS


@pytest.fixture
def view(qtbot: QtBot, engine: EngineClient, book: Path) -> DocumentView:
    document = Document(0, "book.txt", str(book), book.stat().st_size, "utf-8")
    view = DocumentView(LineSource(engine, document))
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    qtbot.waitUntil(lambda: view.source.total == 1000, timeout=WAIT_MS)
    return view


def test_only_the_blocks_one_looks_at_are_fetched(qtbot: QtBot, view: DocumentView) -> None:
    assert set(view.source._blocks) == {0}
    view.go_to(901)
    qtbot.waitUntil(lambda: view.source.line(900) is not None, timeout=WAIT_MS)
    assert set(view.source._blocks) == {0, 900 // BLOCK}
    assert view.source.line(900) == "0901 And Enoch walked with God, in the year 901"


def test_a_cited_range_is_marked_and_in_view(qtbot: QtBot, view: DocumentView) -> None:
    view.show_lines(500, 503)
    assert view.cited == range(499, 503)
    assert view.first_visible < 499 < view.first_visible + view.verticalScrollBar().pageStep()


def test_a_line_can_be_asked_for_before_the_document_is_there(
    qtbot: QtBot, engine: EngineClient, book: Path
) -> None:
    view = DocumentView(LineSource(engine, Document(0, "book.txt", str(book), 1, "utf-8")))
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show_lines(800, 800)
    view.show()
    qtbot.waitUntil(lambda: view.first_visible > 700, timeout=WAIT_MS)


def test_lines_are_selected_and_copied_across_blocks(qtbot: QtBot, view: DocumentView) -> None:
    view.go_to(199)
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ShiftModifier)
    assert view.selection[0] == 198 and len(view.selection) > 5
    QGuiApplication.clipboard().clear()
    view.copy()
    qtbot.waitUntil(lambda: bool(QGuiApplication.clipboard().text()), timeout=WAIT_MS)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0].startswith("0199") and len(lines) == len(view.selection)


def test_the_mouse_selects_lines(qtbot: QtBot, view: DocumentView) -> None:
    port, height = view.viewport(), view._height()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(90, height // 2))
    qtbot.mouseMove(port, QPoint(90, 3 * height + 2))
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, shift, QPoint(90, 3 * height + 2))
    assert view.selection == range(4)


def test_keys_scroll(qtbot: QtBot, view: DocumentView) -> None:
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.first_visible == view.verticalScrollBar().maximum()
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.first_visible == view.verticalScrollBar().maximum() - 1
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.first_visible == 0


def test_long_lines_scroll_sideways(qtbot: QtBot, view: DocumentView) -> None:
    view.grab()
    assert view.horizontalScrollBar().maximum() > 0


def test_a_file_that_is_gone_is_named(qtbot: QtBot, engine: EngineClient, tmp_path: Path) -> None:
    view = DocumentView(LineSource(engine, Document(0, "gone.txt", "/no/gone.txt", 1, "utf-8")))
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.source.failed, timeout=WAIT_MS):
        view.show()
    assert view._error == "gone.txt cannot be read."
