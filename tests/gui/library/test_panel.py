"""What a person does with what is open and what was lately."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QMenu
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow, close
from tests.gui.test_main_window import open_book

LEFT = Qt.MouseButton.LeftButton


def rows(view: QAbstractItemView) -> list[str]:
    model = view.model()
    return [model.index(row, 0).data().split("   ")[0] for row in range(model.rowCount())]


def click(qtbot: QtBot, view: QAbstractItemView, row: int, *, twice: bool = False) -> None:
    place = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    if twice:
        qtbot.mouseDClick(view.viewport(), LEFT, pos=place)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.txt"
    path.write_text("Something else\n" * 20)
    return path


def open_both(qtbot: QtBot, window: MainWindow, book: Path, other: Path) -> None:
    open_book(qtbot, window, book)
    window.open_paths([str(other)])
    qtbot.waitUntil(lambda: len(window.library.model.sources) == 2, timeout=WAIT_MS)


def test_nothing_open_offers_one_button(window: MainWindow) -> None:
    panel = window.library_panel
    assert panel.open.isVisible() and not panel.recent.isVisible()
    assert [action.objectName() for action in panel.open.menu().actions()] == ["open_file", "open_folder"]


def test_a_source_is_closed_and_opened_again(
    qtbot: QtBot, window: MainWindow, book: Path, other: Path
) -> None:
    open_both(qtbot, window, book, other)
    panel = window.library_panel
    assert rows(panel.view) == ["book.txt", "other.txt"] and not panel.recent.isVisible()
    click(qtbot, panel.view, 1)
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert rows(panel.view) == ["book.txt"] and rows(panel.recent) == ["other.txt"]
    assert [view.source.document.name for view in window.documents.views()] == ["book.txt"]
    assert window.ask._about.text().startswith("Ask about book.txt")
    click(qtbot, panel.view, 0)
    window.actions_by_name["close_source"].trigger()
    assert panel.open.isVisible() and rows(panel.recent) == ["other.txt", "book.txt"]
    assert window.library.ground is None and window.documents.welcome.open.isVisible()
    click(qtbot, panel.recent, 0, twice=True)
    qtbot.waitUntil(lambda: len(rows(panel.view)) == 1, timeout=WAIT_MS)
    panel.recent.setCurrentIndex(panel.recent.model().index(0, 0))
    qtbot.keyClick(panel.recent, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(rows(panel.view)) == 2, timeout=WAIT_MS)
    assert not panel.recent.isVisible()


def test_one_is_taken_off_the_list(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.library_panel
    for name in "ab":
        window.recent.note([f"/no/such/{name}.txt"])
    with qtbot.waitSignal(window.recent.changed, timeout=WAIT_MS):
        window.recent.look()
    assert rows(panel.recent) == ["b.txt (missing)", "a.txt (missing)"]
    click(qtbot, panel.recent, 0)
    qtbot.keyClick(panel.recent, Qt.Key.Key_Delete)
    assert window.recent.entries == (("/no/such/a.txt",),)
    click(qtbot, panel.recent, 0, twice=True)
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert "/no/such/a.txt does not exist." in window.banner.text.text()


def test_a_path_is_copied_and_its_folder_opened(
    qtbot: QtBot, window: MainWindow, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    names = ("show_in_folder", "copy_path", "close_source", "reopen", "forget_recent")
    assert not any(window.actions_by_name[name].isEnabled() for name in names)
    open_book(qtbot, window, book)
    assert [window.actions_by_name[name].isEnabled() for name in names] == [True, True, True, False, False]
    assert window.library_panel.view.actions() == [window.actions_by_name[name] for name in names[:3]]
    window.actions_by_name["copy_path"].trigger()
    assert QGuiApplication.clipboard().text() == str(book)
    window.actions_by_name["show_in_folder"].trigger()
    assert opened == [QUrl.fromLocalFile(str(book.parent))]


def menu(window: MainWindow) -> QMenu:
    (found,) = (
        one for one in window.actions_by_name["clear_recent"].associatedObjects() if isinstance(one, QMenu)
    )
    found.aboutToShow.emit()
    return found


def test_the_menu_lists_what_was_opened(
    qtbot: QtBot, make_window: MakeWindow, book: Path, other: Path
) -> None:
    first = make_window()
    assert not menu(first).menuAction().isEnabled()
    open_both(qtbot, first, book, other)
    close(qtbot, first)
    other.unlink()
    second = make_window()
    qtbot.waitUntil(lambda: bool(second.recent.missing), timeout=WAIT_MS)
    texts = [action.text() for action in menu(second).actions()]
    assert (
        sorted(texts[:2]) == ["book.txt", "other.txt (missing)"]
        and texts[2] == ""
        and texts[-1] == "&Clear the list"
    )
    for source in second.library.model.sources:
        second.library.close(source)
    by_text = {action.text(): action for action in menu(second).actions()}
    assert not by_text["other.txt (missing)"].isEnabled()
    by_text["book.txt"].trigger()
    qtbot.waitUntil(lambda: rows(second.library_panel.view) == ["book.txt"], timeout=WAIT_MS)
    second.actions_by_name["clear_recent"].trigger()
    assert not second.recent.entries and not menu(second).menuAction().isEnabled()
