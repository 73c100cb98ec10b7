"""The panes of the window: closed, opened, floated, put back, and found again where they were left."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCloseEvent, QFont, QPalette
from PySide6.QtWidgets import QLabel, QMainWindow, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.window_state import WindowState
from rlm_desktop.gui.look.scheme import scale_text
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.widgets.docks import PLACES, Dock, Docks
from tests.gui.conftest import WAIT_MS, fake_command


class Window(QMainWindow):
    def __init__(self) -> None:
        super().__init__()
        self.setCentralWidget(QLabel("documents"))
        self.docks = Docks(self, {name: QLabel(name) for name in PLACES})

    def dock(self, name: str) -> Dock:
        return self.docks.by_name[name]

    def seen(self) -> set[str]:
        return {name for name, dock in self.docks.by_name.items() if dock.isVisible()}


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    return window


WITHOUT_RUN = {name for name, place in PLACES.items() if not place.of_run}


def test_panes_of_a_run_give_their_room_to_the_documents(window: Window) -> None:
    assert window.seen() == WITHOUT_RUN
    window.docks.show_run(True)
    assert window.seen() == set(PLACES)
    window.docks.show_run(False)
    assert window.seen() == WITHOUT_RUN


def press(qtbot: QtBot, dock: Dock, name: str) -> None:
    button = dock.findChild(QToolButton, name)
    assert isinstance(button, QToolButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_pane_that_was_closed_stays_closed_until_it_is_wanted(qtbot: QtBot, window: Window) -> None:
    window.docks.show_run(True)
    press(qtbot, window.dock("details"), "close")
    window.docks.show_run(False)
    window.docks.show_run(True)
    assert "details" not in window.seen()
    assert window.docks.closed == ("details",)
    window.docks.toggle("details")
    assert window.seen() == set(PLACES)
    window.docks.toggle("ask")
    window.docks.bring(window.dock("ask").widget())
    assert "ask" in window.seen()


def test_a_new_layout_is_shared_out_and_each_pane_can_be_read(qtbot: QtBot, window: Window) -> None:
    window.docks.show_run(True)
    qtbot.waitUntil(lambda: window.dock("run").height() > 200)
    assert 180 < window.dock("library").width() < 320
    assert 300 < window.dock("answer").width() < 440
    assert window.centralWidget().width() > 500
    window.resize(1920, 1080)
    qtbot.waitUntil(lambda: window.dock("run").height() > 280)
    assert window.dock("timeline").height() > 160


def test_a_pane_taken_out_stands_aside_and_has_a_line_around_it(qtbot: QtBot, window: Window) -> None:
    library = window.dock("library")
    place = library.mapToGlobal(QPoint(0, 0))
    press(qtbot, library, "float")
    qtbot.waitUntil(lambda: library.pos().x() > place.x() and library.pos().y() > place.y())
    picture = library.grab().toImage()
    line = library.palette().color(QPalette.ColorRole.Dark).rgb()
    assert picture.pixel(0, library.height() // 2) == line
    assert picture.pixel(library.width() // 2, library.height() - 1) == line
    press(qtbot, library, "float")
    assert not library.isFloating()
    assert library.contentsMargins().isNull()


def test_a_floating_pane_comes_back_with_the_first_layout(qtbot: QtBot, window: Window) -> None:
    press(qtbot, window.dock("library"), "float")
    assert window.dock("library").isFloating()
    window.dock("sessions").closeEvent(QCloseEvent())
    window.docks.reset()
    assert not window.dock("library").isFloating()
    assert window.docks.closed == ()
    assert window.seen() == WITHOUT_RUN


def test_it_is_found_as_it_was_left(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window.docks.show_run(True)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.dock("library"))
    window.docks.toggle("details")
    WindowState(tmp_path / "window.ini").save(window, window.docks)

    second = Window()
    qtbot.addWidget(second)
    WindowState(tmp_path / "window.ini").restore(second, second.docks)
    second.docks.show_run(True)
    with qtbot.waitExposed(second):
        second.show()
    assert second.dockWidgetArea(second.dock("library")) is Qt.DockWidgetArea.RightDockWidgetArea
    assert second.seen() == set(PLACES) - {"details"}


def test_a_layout_that_is_none_leaves_the_first_one(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    file.write_text("[window]\ngeometry=nonsense\ndocks=@ByteArray(\\0\\0)\n", "utf-8")
    window = Window()
    qtbot.addWidget(window)
    WindowState(file).restore(window, window.docks)
    with qtbot.waitExposed(window):
        window.show()
    assert window.seen() == WITHOUT_RUN


def test_where_there_is_little_room_panes_stand_behind_others(qtbot: QtBot, window: Window) -> None:
    window.docks.show_run(True)
    font = window.font()
    large = QFont(font)
    large.setPointSizeF(2 * font.pointSizeF())
    window.setFont(large)
    qtbot.waitUntil(lambda: window.tabifiedDockWidgets(window.dock("answer")) == [window.dock("details")])
    assert window.tabifiedDockWidgets(window.dock("run")) == [window.dock("timeline")]
    assert not window.dock("answer").visibleRegion().isEmpty()
    window.docks.bring(window.dock("details").widget())
    assert not window.dock("details").visibleRegion().isEmpty()
    window.setFont(font)
    qtbot.waitUntil(lambda: window.tabifiedDockWidgets(window.dock("answer")) == [])
    assert window.dock("details").y() > window.dock("answer").y()


def test_tabs_go_with_the_layout_that_had_them(qtbot: QtBot, window: Window) -> None:
    def tabs() -> list[list[str]]:
        bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [[bar.tabText(tab) for tab in range(bar.count())] for bar in bars if bar.isVisible()]

    window.docks.show_run(True)
    for _ in range(2):
        window.tabifyDockWidget(window.dock("answer"), window.dock("details"))
        qtbot.waitUntil(lambda: tabs() == [["Answer", "Details"]], timeout=WAIT_MS)
        window.docks.reset()
        qtbot.waitUntil(lambda: window.seen() == set(PLACES), timeout=WAIT_MS)
        window.grab()
        assert not tabs()


def test_a_window_that_comes_back_has_no_tabs_without_panes(qtbot: QtBot, home: Path) -> None:
    def window() -> MainWindow:
        window = MainWindow(EngineClient(fake_command(home)), Settings(home))
        qtbot.addWidget(window)
        return window

    scale_text(1.5)
    try:
        first = window()
        first.resize(1280, 1000)
        first.show()
        first.save()
        again = window()
        again.show()
        bars = again.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        empty = [bar for bar in bars if not bar.count() and bar.geometry().intersects(again.rect())]
        assert empty and not any(bar.isVisible() for bar in empty)
    finally:
        scale_text(1)


def test_the_pane_that_hears_the_keys_is_marked(qtbot: QtBot, window: Window) -> None:
    def marked() -> list[str]:
        line = window.palette().highlight().color()
        shown = {
            name: dock.title.grab().toImage()
            for name, dock in window.docks.by_name.items()
            if dock.isVisible()
        }
        return [name for name, image in shown.items() if image.pixelColor(2, image.height() - 1) == line]

    for name in ("library", "ask"):
        pane = window.dock(name).widget()
        pane.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        pane.setFocus()
        qtbot.waitUntil(lambda name=name: marked() == [name])
