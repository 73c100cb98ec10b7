"""The timeline in the window: linked with the tree and the replay, with its keys in the one registry."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.timeline.view import TimelineView
from tests.gui.conftest import WAIT_MS


def ask(qtbot: QtBot, window: MainWindow, book: Path, question: str) -> TimelineView:
    window.resize(1280, 800)
    window.open_paths([str(book)])
    qtbot.waitUntil(lambda: bool(window.documents.views()), timeout=WAIT_MS)
    window.ask.box.setFocus()
    qtbot.keyClicks(window.ask.box, question)
    qtbot.keyClick(window.ask.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(window.timeline.fall.picture) == 6, timeout=WAIT_MS)
    return window.timeline


def place(view: TimelineView, span: int) -> QPoint:
    fall, part = view.fall, view.part.window
    bar = fall.picture.span.tolist().index(span)
    x = part.x(float(fall.picture.start[bar] + fall.ends[bar]) / 2)
    return QPoint(round(x), round(view.header + part.y(int(fall.picture.lanes.lane[bar])) + part.pitch / 2))


def chosen(window: MainWindow) -> int:
    index = window.tree.currentIndex()
    return index.internalId() if index.isValid() else 0


def test_a_step_chosen_in_the_one_is_chosen_in_the_other(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    view = ask(qtbot, window, book, "Who was it?")
    qtbot.waitUntil(lambda: not view.fall.picture.running, timeout=WAIT_MS)
    for span in (4, 1, 2):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place(view, span))
        qtbot.waitUntil(lambda span=span: chosen(window) == span, timeout=WAIT_MS)
    qtbot.keyClick(window.tree, Qt.Key.Key_Down)
    assert view.selected == chosen(window) != 2


def test_a_step_that_the_filter_leaves_out_is_shown_all_the_same(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    view = ask(qtbot, window, book, "Who was it?")
    qtbot.waitUntil(lambda: not view.fall.picture.running, timeout=WAIT_MS)
    whole = window.run_pane.tree.tree()
    failures = next(kind for kind in window.run_pane.filter.menu().actions() if kind.data())
    failures.trigger()
    qtbot.waitUntil(lambda: window.run_pane.tree.tree() is not whole, timeout=WAIT_MS)
    left_out = next(span for span in (1, 2, 4) if window.run_pane.tree.tree().row(span) is None)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place(view, left_out))
    qtbot.waitUntil(lambda: chosen(window) == left_out, timeout=WAIT_MS)
    assert window.run_pane.tree.tree() is whole


def test_a_run_that_goes_on_is_followed_to_its_end(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    view = ask(qtbot, window, book, "hold")
    assert view.fall.picture.running and view._tick.isActive()
    window.runs.stop()
    qtbot.waitUntil(lambda: not view.fall.picture.running, timeout=WAIT_MS)
    assert not view._tick.isActive()


def test_the_replay_moves_the_line(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    view = ask(qtbot, window, book, "Who was it?")
    qtbot.waitUntil(lambda: window.replay.total > 0 and not window.runs.busy, timeout=WAIT_MS)
    assert view.moment is None
    window.replay.seek(3)
    qtbot.waitUntil(lambda: view.moment is not None, timeout=WAIT_MS)
    early = view.moment
    window.replay.seek(12)
    qtbot.waitUntil(lambda: view.moment != early, timeout=WAIT_MS)
    assert early is not None and view.moment is not None and early < view.moment < view.fall.now
    window.replay.to_end()
    qtbot.waitUntil(lambda: view.moment is None, timeout=WAIT_MS)


def test_its_keys_are_actions(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    view = ask(qtbot, window, book, "Who was it?")
    qtbot.waitUntil(lambda: not view.fall.picture.running, timeout=WAIT_MS)
    window.activateWindow()
    view.setFocus()
    whole = view.part.window
    qtbot.keyClick(view, "+")
    zoomed = view.part.window
    assert zoomed.right - zoomed.left < whole.right - whole.left
    qtbot.keyClick(view, "-")
    qtbot.keyClick(view, "-")
    assert view.part.fitted
    view.select(4)
    qtbot.keyClick(view, "z")
    assert not view.part.fitted
    qtbot.keyClick(view, "0")
    assert view.part.window == whole
    assert [action.objectName() for action in view.actions()] == list(view.handlers)
