"""Tabs of documents are closed with a cross of ours, which follows the colours of the window."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.look.scheme import scheme_palette
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS

LEFT, RIGHT = Qt.MouseButton.LeftButton, QTabBar.ButtonPosition.RightSide


def cross(window: MainWindow, index: int) -> QToolButton:
    button = window.documents.tabs.tabBar().tabButton(index, RIGHT)
    assert isinstance(button, QToolButton)
    return button


def ink(button: QToolButton) -> int:
    """How light the lines of its icon are."""
    image = button.icon().pixmap(16).toImage()
    opaque = [image.pixelColor(x, x).lightness() for x in range(16) if image.pixelColor(x, x).alpha() == 255]
    return max(opaque)


def names(window: MainWindow) -> list[str]:
    tabs = window.documents.tabs
    return [tabs.tabText(number) for number in range(tabs.count())]


def test_the_tab_whose_cross_is_clicked_is_closed(
    qtbot: QtBot, window: MainWindow, book: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("another\n", "utf-8")
    for file in (book, other):
        window.open_paths([str(file)])
        qtbot.waitUntil(lambda file=file: file.name in names(window), timeout=WAIT_MS)  # type: ignore[misc]
    window.documents.tabs.tabBar().moveTab(1, 0)
    assert cross(window, 1).accessibleName() == "Close book.txt"
    qtbot.mouseClick(cross(window, 1), LEFT)
    assert names(window) == ["other.txt"]
    qtbot.mouseClick(cross(window, 0), LEFT)
    assert names(window) == []


def test_the_cross_follows_the_colours(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    window.open_paths([str(book)])
    qtbot.waitUntil(lambda: names(window) == ["book.txt"], timeout=WAIT_MS)
    before = QApplication.palette()
    try:
        QApplication.setPalette(scheme_palette(dark=False))
        qtbot.waitUntil(lambda: ink(cross(window, 0)) < 128, timeout=WAIT_MS)
        QApplication.setPalette(scheme_palette(dark=True))
        qtbot.waitUntil(lambda: ink(cross(window, 0)) > 128, timeout=WAIT_MS)
    finally:
        QApplication.setPalette(before)
