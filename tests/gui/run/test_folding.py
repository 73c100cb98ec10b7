"""Which rows are unfolded by themselves, and what the view follows."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rlm_desktop.events import (
    AnyEvent,
    CallFinished,
    CallStarted,
    CellFinished,
    CellStarted,
    Limits,
    RunStarted,
    RunState,
    TurnFinished,
    TurnStarted,
)
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.run.tree_view import RunTreeView

START = RunStarted(
    run="r", span=0, question="?", strategy="rlm", dialect="d", prompt_version="1", models=(),
    limits=Limits(), sources=(), sandbox="full", program="0",
)  # fmt: skip


class Live:
    """A run that goes on in a view."""

    def __init__(self, qtbot: QtBot) -> None:
        self.state = RunState()
        self.spans = 0
        self.view = RunTreeView()
        qtbot.addWidget(self.view)
        self.tree = RunTreeModel("r", self.view)
        self.view.resize(500, 200)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.happen(START)
        self.view.show_tree(self.tree)

    def happen(self, event: AnyEvent) -> None:
        seq = self.state.seq + 1
        self.tree.take(self.state.apply(msgspec.structs.replace(event, seq=seq, time=seq * 1000)))

    def turn(self, number: int, *, calls: int = 1, error: str = "") -> int:
        """A turn with a cell that makes calls, from beginning to end."""
        turn, cell = self.spans + 1, self.spans + 2
        self.happen(TurnStarted(run="r", span=turn, number=number, depth=0, label=f"Turn {number}"))
        self.happen(CellStarted(run="r", span=cell, parent=turn, code="c", label="x"))
        first = cell + 1
        for span in range(first, first + calls):
            self.happen(
                CallStarted(run="r", span=span, parent=cell, kind="llm", label=f"call {span}", model="m",
                            batch=first, batch_size=calls)
            )  # fmt: skip
        for span in range(first, first + calls):
            status = "error" if error else "ok"
            self.happen(CallFinished(run="r", span=span, status=status, seconds=1, error=error))
        self.happen(CellFinished(run="r", span=cell, status="ok", seconds=1))
        self.happen(TurnFinished(run="r", span=turn))
        self.spans = cell + calls
        return turn

    def unfolded(self, *spans: int) -> list[bool]:
        return [self.view.isExpanded(self.tree.index_of(span)) for span in spans]


@pytest.fixture
def live(qtbot: QtBot) -> Iterator[Live]:
    yield Live(qtbot)


def test_earlier_turns_fold_unless_something_in_them_failed(live: Live) -> None:
    first = live.turn(1)
    failed = live.turn(2, error="It is full.")
    later = [live.turn(number) for number in (3, 4, 5, 6)]
    assert live.unfolded(first, failed, *later) == [False, True, False, True, True, True]
    again = RunTreeModel("r", live.view)
    again.take(live.state.rows.values())
    live.view.show_tree(again)
    live.tree = again
    assert live.unfolded(first, failed, *later) == [False, True, False, True, True, True]


def test_what_the_person_folds_or_unfolds_stays_so(live: Live) -> None:
    first, second = live.turn(1), live.turn(2)
    live.view.collapse(live.tree.index_of(second))
    live.view.collapse(live.tree.index_of(first))
    live.view.expand(live.tree.index_of(first))
    for number in range(3, 7):
        live.turn(number)
    assert live.unfolded(first, second) == [True, False]
    again = RunTreeModel("r", live.view)
    again.take(live.state.rows.values())
    live.view.show_tree(again)
    live.tree = again
    assert live.unfolded(first, second) == [True, False], "in another tree of the same run too"


def test_a_batch_stays_folded(live: Live) -> None:
    turn = live.turn(1, calls=64)
    assert live.unfolded(turn, turn + 1, (1 << 29) + turn + 2) == [True, True, False]


def test_all_below_a_turn_folds_with_it(live: Live) -> None:
    first = live.turn(1)
    assert live.unfolded(first, first + 1) == [True, True]
    for number in range(2, 6):
        live.turn(number)
    assert live.unfolded(first, first + 1) == [False, False]


def in_sight(live: Live, span: int) -> bool:
    index = live.tree.index_of(span)
    place = live.view.visualRect(index)
    return place.isValid() and live.view.viewport().rect().intersects(place)


def test_the_view_follows_until_the_person_scrolls_up(qtbot: QtBot, live: Live) -> None:
    live.happen(TurnStarted(run="r", span=1, number=1, depth=0, label="Turn 1"))
    follows: list[bool] = []
    live.view.follows.connect(follows.append)

    def begin(span: int) -> None:
        live.happen(CellStarted(run="r", span=span, parent=1, code="c", label=f"cell {span}"))
        QApplication.processEvents()

    for span in range(2, 12):
        begin(span)
    live.view.expand(live.tree.index_of(1))
    for span in range(12, 42):
        begin(span)
    qtbot.waitUntil(lambda: in_sight(live, 41))
    wheel = QWheelEvent(
        QPointF(5, 5), live.view.viewport().mapToGlobal(QPointF(5, 5)), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(live.view.viewport(), wheel)
    assert follows == [False]
    before = live.view.verticalScrollBar().value()
    begin(42)
    assert live.view.verticalScrollBar().value() == before
    qtbot.keyClick(live.view, Qt.Key.Key_End)
    assert follows == [False, True]
    begin(43)
    qtbot.waitUntil(lambda: in_sight(live, 43))


def test_a_step_in_a_folded_batch_is_followed_at_the_row_of_the_batch(qtbot: QtBot, live: Live) -> None:
    turn = live.turn(1, calls=64)
    live.view.show_newest()
    assert live.view.currentIndex().internalId() == (1 << 29) + turn + 2
    assert live.view.following


def test_alt_up_and_down_go_by_turns(qtbot: QtBot, live: Live) -> None:
    turns = [live.turn(number) for number in (1, 2, 3)]
    live.view.setCurrentIndex(live.tree.index_of(turns[1] + 1))
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(live.view, key, Qt.KeyboardModifier.AltModifier)
        seen.append(live.view.currentIndex().internalId())
    assert seen == [turns[1], turns[0], turns[1], turns[2], turns[2]]
