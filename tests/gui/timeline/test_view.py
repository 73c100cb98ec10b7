"""The timeline as people use it: with the mouse, the wheel and the keys, and by what they see."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.look.theme import colours, contrast
from rlm_desktop.gui.timeline.painter import Inks
from rlm_desktop.gui.timeline.timeline import Timeline
from rlm_desktop.gui.timeline.view import TimelineView
from rlm_desktop.gui.timeline.waterfall import Paint
from rlm_desktop.gui.wire import EngineError, Summary
from tests.gui.conftest import WAIT_MS
from tests.gui.shots.camera import palette
from tests.gui.timeline.test_timeline import Asked
from tests.gui.timeline.timelines import RUNNING, SECOND, THREE_TURNS, ZERO, Step, long_run, page

LEFT, NONE, CONTROL, SHIFT = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


class Shown:
    """A timeline in a window of its own."""

    def __init__(self, qtbot: QtBot) -> None:
        self.engine = Asked()
        self.seconds = 10.0
        self.timeline = Timeline(self.engine, clock=lambda: ZERO / SECOND + self.seconds)
        self.view = TimelineView(self.timeline)
        self.ways: list[list[int]] = []
        self.view.wanted.connect(self.ways.append)
        qtbot.addWidget(self.view)
        self.view.resize(900, 200)
        self.view.show()
        qtbot.waitExposed(self.view)

    @property
    def chosen(self) -> list[int]:
        return [way[-1] for way in self.ways]

    def show(self, steps: tuple[Step, ...]) -> TimelineView:
        running = steps[0].end is None
        self.timeline.follow(Summary("r", "Who?", "running" if running else "answered"))
        self.engine.answer(page(steps))
        return self.view

    def place(self, span: int, share: float = 0.5) -> QPoint:
        """Where the bar of a row is."""
        view = self.view
        fall, window = view.fall, view.part.window
        bar = fall.picture.span.tolist().index(span)
        start, end = float(fall.picture.start[bar]), float(fall.ends[bar])
        y = view.header + math.ceil(window.y(int(fall.picture.lanes.lane[bar])) + 0.01)
        return QPoint(round(window.x(start + (end - start) * share)), y)

    def colour(self, place: QPoint) -> QColor:
        return self.image().pixelColor(place)

    def image(self) -> QImage:
        return self.view.viewport().grab().toImage()

    def wheel(self, place: QPoint, notches: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
        target = self.view.viewport()
        event = QWheelEvent(
            QPointF(place), QPointF(target.mapToGlobal(place)), QPoint(), QPoint(0, round(120 * notches)),
            Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(target, event)


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


@pytest.fixture
def dark() -> Iterator[None]:
    before = QApplication.palette()
    QApplication.setPalette(palette(True))
    yield
    QApplication.setPalette(before)


def test_bars_have_the_colours_of_what_they_are(shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    inks = Inks.of(view.palette())
    assert shown.colour(shown.place(1, 0.75)) == inks.bars[Paint.TURN]
    assert shown.colour(shown.place(2)) == inks.bars[Paint.CELL]
    assert shown.colour(shown.place(60, 0.99)) == inks.bars[Paint.CALL]
    assert shown.colour(shown.place(14, 0.9)) == inks.bars[Paint.FAILED]
    assert shown.colour(shown.place(60, 0.3)) in (inks.bars[Paint.WAITING], inks.band)


def test_a_failure_is_marked_by_a_shape_above_the_lanes(shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    failed = Inks.of(view.palette()).bars[Paint.FAILED]
    image = shown.image()
    above = range(view.header - 8, view.header)
    marks = {x for x in range(image.width()) for y in above if image.pixelColor(x, y) == failed}
    place = shown.place(14, 1).x()
    assert marks and all(abs(x - place) <= 8 for x in marks)


def test_it_is_repainted_in_the_colours_of_another_scheme(shown: Shown, dark: None) -> None:
    view = shown.show(THREE_TURNS)
    assert shown.colour(shown.place(2)) == QColor(colours(palette(True)).keyword)
    assert shown.colour(QPoint(885, 190)).lightness() < 100
    view.setPalette(palette(False))
    assert shown.colour(shown.place(2)) == QColor(colours(palette(False)).keyword)


@pytest.mark.parametrize("scheme", [False, True])
def test_what_has_words_on_it_can_be_read(scheme: bool) -> None:
    inks = Inks.of(palette(scheme))
    for paint in (Paint.CELL, Paint.CALL, Paint.TURN, Paint.WARNING, Paint.FAILED, Paint.STOPPED):
        assert contrast(inks.bars[paint], inks.ground) >= 4.5
    assert contrast(inks.quiet, inks.ground) >= 4.5 and contrast(inks.bars[Paint.GROUP], inks.ground) >= 3


def test_a_click_chooses_a_step_and_says_so(qtbot: QtBot, shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    qtbot.mouseClick(view.viewport(), LEFT, pos=shown.place(4, 0.8))
    assert shown.chosen == [4] and shown.ways == [[3, 4]] and view.selected == 4
    assert view.accessibleDescription() == "ask them all, done, 20\u202fs"
    qtbot.mouseClick(view.viewport(), LEFT, pos=QPoint(20, 5))
    assert shown.chosen == [4]


def test_the_tree_chooses_without_being_answered(shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    view.select(60)
    assert view.selected == 60 and not shown.chosen
    assert view.accessibleDescription().startswith("Passage 55, done")
    view.select(999)  # its page has not come
    assert view.selected == 999 and view.accessibleDescription() == ""


def test_a_step_that_was_chosen_before_it_came_is_chosen_then(shown: Shown) -> None:
    view = shown.view
    shown.timeline.follow(Summary("r", "Who?", "answered"))
    shown.engine.answer(page(THREE_TURNS[:2], 0, len(THREE_TURNS)))
    view.select(4)
    assert view.bar is None
    shown.engine.answer(page(THREE_TURNS[2:], 2))
    assert view.bar == 4 and view.accessibleDescription().startswith("ask them all")
    shown.show(RUNNING)
    assert view.bar is None and view.selected == -1 and view.accessibleDescription() == ""


def test_keys_walk_from_step_to_step(qtbot: QtBot, shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    walk = ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 3), (Qt.Key.Key_Down, 4), (Qt.Key.Key_Down, 5),
            (Qt.Key.Key_Up, 4), (Qt.Key.Key_Up, 3), (Qt.Key.Key_Left, 1), (Qt.Key.Key_Left, 1))  # fmt: skip
    for key, span in walk:
        qtbot.keyClick(view, key)
        assert view.selected == span
    assert not shown.chosen and view.accessibleDescription() == "Turn 1, done, 2.0\u202fs"
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert shown.chosen == [1]


def test_the_wheel_zooms_where_it_is_and_pans(shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    whole = view.part.window
    place = shown.place(4, 0.25)
    time = whole.time(place.x())
    shown.wheel(place, 3, CONTROL)
    zoomed = view.part.window
    assert zoomed.right - zoomed.left < 0.6 * (whole.right - whole.left)
    assert abs(zoomed.time(place.x()) - time) < SECOND / 100
    shown.wheel(place, -1, SHIFT)
    assert view.part.window.left > zoomed.left
    shown.wheel(place, -3)
    assert view.part.window.top > zoomed.top
    shown.wheel(place, -30, CONTROL)
    assert view.part.window == whole


def test_keys_pan_and_fit(qtbot: QtBot, shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    whole = view.part.window
    qtbot.keyClick(view, Qt.Key.Key_Equal)
    before = view.part.window
    assert before.right - before.left < whole.right - whole.left
    qtbot.keyClick(view, Qt.Key.Key_Right, SHIFT)
    assert view.part.window.left > before.left and view.selected == -1
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.part.window.top > 0
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.part.window == whole


def test_dragging_moves_what_is_seen_and_chooses_nothing(qtbot: QtBot, shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    shown.wheel(QPoint(450, 100), 5, CONTROL)
    before = view.part.window
    start = QPoint(450, 120)
    qtbot.mousePress(view.viewport(), LEFT, pos=start)
    for x in (440, 400, 350):
        qtbot.mouseMove(view.viewport(), QPoint(x, 120))
    qtbot.mouseRelease(view.viewport(), LEFT, pos=QPoint(350, 120))
    moved = view.part.window
    assert abs((moved.left - before.left) * before.scale - 100) < 2
    assert not shown.chosen
    assert view.viewport().cursor().shape() is Qt.CursorShape.ArrowCursor


def test_a_double_click_fills_the_window_with_a_step(qtbot: QtBot, shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    place = shown.place(3, 0.75)
    qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    qtbot.mouseDClick(view.viewport(), LEFT, pos=place)
    window = view.part.window
    assert window.left < 4 * SECOND and 26 * SECOND < window.right < 29 * SECOND  # with all that is below it


def test_the_tooltip_says_what_and_when_and_above_the_bars_what_was_spent(shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    place = shown.place(3, 0.75)
    event = QHelpEvent(QEvent.Type.ToolTip, place, view.viewport().mapToGlobal(place))
    QApplication.sendEvent(view.viewport(), event)
    assert QToolTip.text().startswith("Turn 2\nDone, 2.0\u202fs\nFrom 4.0\u202fs to 6.0\u202fs")
    QToolTip.hideText()
    middle = QPoint(round(view.part.window.x(5 * SECOND)), view.header // 2)
    assert view.words_at(middle) == "1k tokens in, 50 out, $0.0010"
    assert view.words_at(QPoint(880, 190)) == ""


def test_the_replay_is_a_line_and_what_comes_later_is_veiled(shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    call = shown.place(60, 0.99)
    plain = shown.colour(call)
    shown.timeline.place(ZERO + 10 * SECOND)
    x = round(view.part.window.x(10 * SECOND))
    assert shown.colour(QPoint(x, 195)) == Inks.of(view.palette()).text
    assert shown.colour(call).lightness() > plain.lightness()
    assert shown.colour(shown.place(2)) == Inks.of(view.palette()).bars[Paint.CELL]
    shown.timeline.place(None)
    assert shown.colour(call) == plain


def test_what_runs_grows_by_the_second(qtbot: QtBot, shown: Shown) -> None:
    view = shown.show(RUNNING)
    assert view._tick.isActive() and view.part.window.right == 10 * SECOND
    shown.seconds = 20
    qtbot.waitUntil(lambda: view.part.window.right == 20 * SECOND, timeout=5_000)
    view.hide()
    assert not view._tick.isActive()
    view.show()
    assert view._tick.isActive()
    shown.show(THREE_TURNS)
    assert not view._tick.isActive()


def test_it_says_why_there_is_nothing(qtbot: QtBot, shown: Shown) -> None:
    view = shown.view
    assert "Ask a question" in view.nothing
    shown.timeline.follow(Summary("r", "Who?", "answered"))
    assert view.nothing == ""  # for a moment
    qtbot.waitUntil(lambda: "Reading" in view.nothing, timeout=WAIT_MS)
    shown.engine.questions.pop(0)[2](EngineError("user", "The history cannot be read.", "Look at the disk."))
    assert view.nothing == "The history cannot be read. Look at the disk."
    shown.show(RUNNING[:1])
    assert "no steps" in view.nothing
    shown.timeline.follow(None)
    assert "Ask a question" in view.nothing


def test_it_can_be_low_and_its_text_large(shown: Shown) -> None:
    view = shown.show(THREE_TURNS)
    view.resize(600, 96)
    assert view.part.window.height >= 40
    assert shown.colour(shown.place(60, 0.99)).isValid()
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    header = view.header
    view.setFont(font)
    assert view.header > header and view.minimumHeight() >= view.header


def test_nothing_is_painted_anew_while_nothing_changes(shown: Shown) -> None:
    view = shown.show(long_run(5_000))
    shown.image()
    painted = view._painted
    view.select(40)
    shown.timeline.place(ZERO + SECOND)
    shown.image()
    assert view._painted is painted
    shown.wheel(QPoint(300, 100), 1, CONTROL)
    shown.image()
    assert view._painted is not painted
