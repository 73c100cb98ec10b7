"""Every state of the window and every dialog: names, tab order, and text of twice the size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.look.scheme import scale_text
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask

INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTabBar,
    QTextEdit,
)
SETTLE_MS = 3_000
ACTIVE = Qt.FocusReason.TabFocusReason
State = Callable[[QtBot, MainWindow, Path], QWidget]


def welcome(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
    return window


def answered(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
    ask(qtbot, window, book, "Who?", "Answered")
    return window


def running(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
    ask(qtbot, window, book, "hold on", "Running")
    return window


def limits(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
    window.ask.fold.click()
    return window


def complaint(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
    window.open_paths(["/nowhere/at/all.txt"])
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    return window


def sample(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
    window.documents.welcome.sample.click()
    qtbot.waitUntil(window.replay_bar.isVisible, timeout=WAIT_MS)
    return window


def dialog_of(name: str) -> State:
    def show(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
        window.actions_by_name[name].trigger()
        qtbot.waitUntil(lambda: bool(dialogs(window)), timeout=WAIT_MS)
        return dialogs(window)[0]

    return show


def settings_page(page: str) -> State:
    def show(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
        window.care.settings.show_page(page)
        qtbot.waitUntil(lambda: bool(window.care.settings.keys), timeout=WAIT_MS)
        return window.care.settings

    return show


def unconfined(qtbot: QtBot, window: MainWindow, book: Path) -> QWidget:
    window.consent.dialog.put("the kernel has no Landlock")
    return window.consent.dialog


def dialogs(window: MainWindow) -> list[QDialog]:
    return [one for one in window.findChildren(QDialog) if one.isVisible()]


STATES: dict[str, State] = {
    "welcome": welcome,
    "answered": answered,
    "running": running,
    "limits": limits,
    "complaint": complaint,
    "sample": sample,
    "unconfined": unconfined,
    "add a model": dialog_of("add_model"),
    "models": dialog_of("models"),
    "palette": dialog_of("palette"),
    "help": dialog_of("help"),
    "shortcuts": dialog_of("shortcuts"),
    "about": dialog_of("about"),
    **{
        f"settings {page}": settings_page(page)
        for page in ("general", "look", "running", "network", "storage")
    },
}


@pytest.fixture(params=STATES)
def place(request: pytest.FixtureRequest, qtbot: QtBot, window: MainWindow, book: Path) -> Iterator[QWidget]:
    window.resize(1280, 800)
    window.activateWindow()
    place = STATES[request.param](qtbot, window, book)
    QApplication.processEvents()
    yield place
    for dialog in dialogs(window):
        dialog.close()


def seen(place: QWidget, *kinds: type[QWidget]) -> list[QWidget]:
    """The widgets of these kinds that belong to this window and can be seen, without the inner parts of Qt's own."""
    found = [one for one in place.findChildren(QWidget) if isinstance(one, kinds or QWidget)]
    return [one for one in found if one.isVisible() and one.window() is place and not inner(one)]


def inner(widget: QWidget) -> bool:
    """Whether it is a part of a widget of Qt, which speaks for it."""
    if widget.objectName().startswith("qt_") or isinstance(widget, QHeaderView | QScrollBar):
        return True
    parent = widget.parentWidget()
    whole = QAbstractSpinBox | QComboBox | QLineEdit | QMenuBar | QHeaderView | QTabBar
    return isinstance(parent, whole) or (
        isinstance(parent, QWidget) and parent.objectName().startswith("qt_scrollarea")
    )


def name_of(widget: QWidget) -> str:
    """What a screen reader calls it."""
    if widget.accessibleName():
        return widget.accessibleName()
    buddies = [label for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
    if buddies:
        return buddies[0].text()
    return widget.text() if isinstance(widget, QAbstractButton) else ""


def where(widget: QWidget) -> str:
    chain = []
    parent: QWidget | None = widget
    while parent is not None:
        chain.append(type(parent).__name__ + (f"({name_of(parent)})" if name_of(parent) else ""))
        parent = parent.parentWidget()
    return " in ".join(chain[:5])


def test_whatever_can_be_used_has_a_name_that_none_beside_it_has(place: QWidget) -> None:
    nameless = [where(one) for one in seen(place, *INTERACTIVE) if not any(map(str.isalpha, name_of(one)))]
    assert nameless == []
    for parent in {id(one.parentWidget()): one.parentWidget() for one in seen(place, *INTERACTIVE)}.values():
        names = Counter(name_of(one) for one in seen(place, *INTERACTIVE) if one.parentWidget() is parent)
        assert [name for name, count in names.items() if count > 1] == [], where(parent)


def walk(place: QWidget, forward: bool) -> list[QWidget]:
    """Who has the focus as Tab is pressed, until it comes round; within a text it goes from link to link first."""
    key = Qt.Key.Key_Tab if forward else Qt.Key.Key_Backtab
    modifier = Qt.KeyboardModifier.NoModifier if forward else Qt.KeyboardModifier.ShiftModifier
    order: list[QWidget] = []
    for _ in range(300):
        widget = QApplication.focusWidget()
        assert widget is not None
        if len(order) > 1 and widget is order[0]:
            return order
        if not order or widget is not order[-1]:
            order.append(widget)
        QTest.keyClick(widget, key, modifier)
    if len(order) == 1:
        return order
    raise AssertionError(f"Tab does not come round: {where(order[-1])}")


def test_tab_comes_to_everything_and_is_caught_nowhere(qtbot: QtBot, place: QWidget) -> None:
    place.activateWindow()
    qtbot.waitUntil(place.isActiveWindow, timeout=WAIT_MS)
    can = [
        one
        for one in seen(place, *INTERACTIVE)
        if one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.focusProxy() is None
    ]
    can[0].setFocus(ACTIVE)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None, timeout=WAIT_MS)
    forward = walk(place, forward=True)
    missed = [where(one) for one in can if one not in forward and one.isVisible() and one.isEnabled()]
    assert missed == [], [where(one) for one in forward]
    backward = walk(place, forward=False)
    assert {where(one) for one in backward} >= {where(one) for one in forward if one in can}


@pytest.fixture
def twice(qtbot: QtBot) -> Iterator[None]:
    scale_text(2)
    yield
    scale_text(1)


def test_no_text_of_twice_the_size_is_cut_off(twice: None, qtbot: QtBot, place: QWidget) -> None:
    def nothing_is_cut_off() -> None:  # layouts in layouts settle in several turns
        clipped = [
            f"{where(one)} {one.size().toTuple()} needs {room_of(one)}"
            for one in seen(place, QLabel, QAbstractButton)
            if cut(one)
        ]
        assert clipped == []

    qtbot.waitUntil(nothing_is_cut_off, timeout=SETTLE_MS)


def room_of(widget: QWidget) -> tuple[int, int]:
    """The pixels its text takes."""
    if isinstance(widget, QLabel) and widget.wordWrap():
        return min(widget.minimumSizeHint().width(), 1), widget.heightForWidth(widget.width())
    hint = widget.minimumSizeHint() if isinstance(widget, QLabel) else widget.sizeHint()
    return hint.width(), hint.height()


def cut(widget: QWidget) -> bool:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    if not text:
        return False
    width, height = room_of(widget)
    return widget.width() + 1 < width or widget.height() + 1 < height
