import gc
import tracemalloc
from collections.abc import Callable
from copy import deepcopy
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from rlm_desktop.events import (
    AnyEvent,
    CallDelta,
    CallFinished,
    CallStarted,
    CellFinished,
    CellStarted,
    Limits,
    Recording,
    Row,
    RunFinished,
    RunStarted,
    RunState,
    TurnFinished,
    TurnStarted,
    Usage,
    fold,
    is_single,
)
from rlm_desktop.gui.run.tree_model import ROOT, RunTreeModel
from rlm_desktop.replay import Player

RUN = "r"
START = RunStarted(
    run=RUN, span=0, question="?", strategy="rlm", dialect="d", prompt_version="1", models=(),
    limits=Limits(), sources=(), sandbox="full", program="0",
)  # fmt: skip


def shown(state: RunState, span: int) -> list[Row]:
    """The rows that stand directly below one row."""
    return [state.rows[child] for child in state.below.get(span, ())]


class Play:
    """Folds random but lawful events, as the engine does."""

    def __init__(self) -> None:
        self.state = RunState()
        self.events: list[AnyEvent] = []

    def __call__(self, event: AnyEvent) -> list[Row]:
        seq = self.state.seq + 1
        self.events.append(type(event)(**{**_fields(event), "seq": seq, "time": seq * 1_000_000}))
        return deepcopy(self.state.apply(self.events[-1]))

    def page(self, span: int, first: int, count: int) -> list[Row]:
        return deepcopy([self.state.rows[span], *shown(self.state, span)[first : first + count]])


def _fields(event: AnyEvent) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def next_event(draw: Callable[[int], int], state: RunState) -> AnyEvent:
    """One lawful event: open a row below any open one, stream, or close."""
    span = max(filter(is_single, state.rows)) + 1
    parents = [row for row in state.rows.values() if not row.finished and row.kind != "group"]
    parent = parents[draw(len(parents))]
    choice = draw(6)
    if choice <= 2:
        if parent.kind in ("run", "call"):
            return TurnStarted(
                run=RUN, span=span, parent=parent.span, number=1, depth=0, label=f"Turn {span}"
            )
        if parent.kind == "turn":
            return CellStarted(run=RUN, span=span, parent=parent.span, code="c", label=f"cell {span}")
        batch = span if draw(3) == 0 else 0  # of which no more will come
        return CallStarted(
            run=RUN, span=span, parent=parent.span, kind="rlm", label=f"call {span}", model="m",
            batch=batch, batch_size=4 if batch else 1,
        )  # fmt: skip
    if choice == 3 and parent.kind != "run":
        return CallDelta(run=RUN, span=parent.span, chunk="x")
    closable = [row for row in parents if row.kind != "run"]
    if not closable:
        return TurnStarted(run=RUN, span=span, number=1, depth=0, label="Turn")
    row = closable[draw(len(closable))]
    if row.kind == "turn":
        return TurnFinished(run=RUN, span=row.span, usage=Usage(5, 1, 2, 0, 1))
    if row.kind == "cell":
        return CellFinished(run=RUN, span=row.span, status="ok", seconds=1)
    return CallFinished(run=RUN, span=row.span, status="ok", seconds=1, usage=Usage(5, 1, 0, 0, 1))


def labels(model: QAbstractItemModel, parent: QModelIndex | None = None) -> list[object]:
    parent = parent or QModelIndex()
    return [
        (model.index(row, 0, parent).data(), labels(model, model.index(row, 0, parent)))
        for row in range(model.rowCount(parent))
    ]


def folded(state: RunState, span: int = ROOT) -> list[object]:
    return [(row.label, folded(state, row.span)) for row in shown(state, span)]


@settings(max_examples=40)
@given(st.data())
def test_live_events_build_the_folded_tree(data: st.DataObject) -> None:
    model = RunTreeModel(RUN, clock=lambda: 0.0)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    resets: list[object] = []
    model.modelAboutToBeReset.connect(lambda: resets.append(1))
    play = Play()
    model.take(play(START))
    for _ in range(data.draw(st.integers(0, 40))):
        model.take(play(next_event(lambda n: data.draw(st.integers(0, n - 1)), play.state)))
    assert labels(model) == folded(play.state)
    model.take(play(RunFinished(run=RUN, span=0, status="answered")))
    assert all(model.row(span).status != "running" for span in play.state.rows)  # type: ignore[union-attr]
    assert not resets
    tester.deleteLater()
    model.deleteLater()


@settings(max_examples=40)
@given(st.data())
def test_pages_in_any_order_never_break_the_tree(data: st.DataObject) -> None:
    """A tree that is looked at late: pages, late answers and live events, mixed."""
    play = Play()
    play(START)
    for _ in range(data.draw(st.integers(0, 25))):
        play(next_event(lambda n: data.draw(st.integers(0, n - 1)), play.state))
    model = RunTreeModel(RUN, clock=lambda: 0.0)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    wanted: list[tuple[int, int]] = []
    model.wanted.connect(lambda span, first: wanted.append((span, first)))
    late: list[list[Row]] = [play.page(ROOT, 0, 3)]
    for _ in range(data.draw(st.integers(0, 25))):
        if data.draw(st.booleans()):
            model.take(play(next_event(lambda n: data.draw(st.integers(0, n - 1)), play.state)))
        elif late:
            model.take(late.pop(data.draw(st.integers(0, len(late) - 1))))
        if wanted:
            late.append(play.page(*wanted.pop(0), 3))
    for page in late:
        model.take(page)
    fetch_all(model, play, wanted)
    assert labels(model) == folded(play.state)
    tester.deleteLater()
    model.deleteLater()


def everything(model: RunTreeModel, parent: QModelIndex | None = None) -> list[Row | None]:
    parent = parent or QModelIndex()
    found = [model.row(ROOT)] if not parent.isValid() else []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        found += [model.row_at(index), *everything(model, index)]
    return found


def rows_of(state: RunState, span: int = ROOT) -> list[Row]:
    return [state.rows[span], *(row for child in state.below.get(span, ()) for row in rows_of(state, child))]


def played(data: st.DataObject, most: int) -> Play:
    play = Play()
    play(START)
    for _ in range(data.draw(st.integers(0, most))):
        play(next_event(lambda n: data.draw(st.integers(0, n - 1)), play.state))
    if data.draw(st.booleans()):
        play(RunFinished(run=RUN, span=0, status="answered"))
    return play


@settings(max_examples=30)
@given(st.data())
def test_wherever_one_goes_the_tree_is_the_fold_of_the_events_up_to_there(data: st.DataObject) -> None:
    play = played(data, 30)
    player = Player(Recording(play.events, lambda _: ""))
    model = RunTreeModel(RUN, clock=lambda: 0.0)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    was = 0
    for at in data.draw(st.lists(st.integers(1, player.total), min_size=1, max_size=8)):
        move = player.move(was, at)
        model.move(deepcopy(move.rows), move.removed)
        was = move.at
        assert everything(model) == rows_of(fold(play.events[:at]))
    tester.deleteLater()
    model.deleteLater()


@settings(max_examples=30)
@given(st.data())
def test_a_tree_that_is_read_in_pages_can_go_anywhere_too(data: st.DataObject) -> None:
    """Rows nobody looked at are neither put in nor taken out, and are read as they are at the place one is at."""
    play = played(data, 30)
    player = Player(Recording(play.events, lambda _: ""))
    model = RunTreeModel(RUN, clock=lambda: 0.0)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    wanted: list[tuple[int, int]] = []
    model.wanted.connect(lambda span, first: wanted.append((span, first)))
    past = Play()
    past.state = fold(play.events[:1])
    model.move(past.page(ROOT, 0, 2))
    was = 1
    for at in data.draw(st.lists(st.integers(1, player.total), min_size=1, max_size=8)):
        move = player.move(was, at)
        model.forget_questions()
        wanted.clear()
        model.move(deepcopy(move.rows), move.removed)
        was, past.state = move.at, fold(play.events[:at])
        for span, first in wanted[: data.draw(st.integers(0, 3))]:
            model.move(past.page(span, first, 2))
    fetch_all(model, past, wanted)
    assert everything(model) == rows_of(past.state)
    tester.deleteLater()
    model.deleteLater()


def fetch_all(model: RunTreeModel, play: Play, wanted: list[tuple[int, int]]) -> None:
    """Look at everything, as a view does that is unfolded and scrolled to its end."""
    model.forget_questions()
    parents = [QModelIndex()]
    while parents:
        parent = parents.pop()
        span = parent.internalId() if parent.isValid() else ROOT
        model.take(play.page(span, 0, 1))
        while model.canFetchMore(parent):
            model.fetchMore(parent)
            model.take(play.page(*wanted.pop(0), 3))  # Qt's tester may have asked for it before
        parents += [model.index(row, 0, parent) for row in range(model.rowCount(parent))]


@pytest.fixture
def small() -> RunTreeModel:
    model, play = RunTreeModel(RUN, clock=lambda: 10.0), Play()
    for event in (
        START,
        TurnStarted(run=RUN, span=1, number=1, depth=0, label="Turn 1", model="m"),
        CellStarted(run=RUN, span=2, parent=1, code="c", label="find()"),
        CallStarted(run=RUN, span=3, parent=2, kind="read", label="Read", model="m", batch=3, batch_size=2),
        CallFinished(run=RUN, span=3, status="ok", seconds=1, usage=Usage(1204, 61, 800, 40, 1, 0.0031)),
    ):
        model.take(play(event))
    return model


def test_a_reply_that_begins_again_takes_the_place_of_what_was_streamed(small: RunTreeModel) -> None:
    def stream(chunk: str, *, anew: bool = False) -> str:
        row = deepcopy(small.row(2))
        assert row is not None
        row.live = ""  # the engine sends the piece alone
        small.take([row], chunk, anew=anew)
        shown = small.row(2)
        assert shown is not None
        return shown.live

    assert stream("I was ") + stream("going") == "I was I was going"
    assert stream("", anew=True) == ""
    assert stream("The fox") == "The fox"


def test_it_passes_qts_own_examination(qtmodeltester: ModelTester, small: RunTreeModel) -> None:
    qtmodeltester.check(small)


def test_columns_read_well(small: RunTreeModel) -> None:
    row = [small.index_of(3, column).data() for column in range(small.columnCount())]
    assert row == [
        "Read  (2 together)",
        "Done · ↺ 66\u202f%",
        "m",
        "1.2k / 61 / 800",
        "1.0\u202fs",
        "$0.0031",
    ]
    assert small.index_of(2, 4).data() == "7\u202fs"
    exact = small.index_of(3, 3).data(Qt.ItemDataRole.ToolTipRole)
    assert exact == "1,204 tokens in, 61 out, 800 of those in reused, 40 of those out spent thinking"
    assert small.index_of(2, 5).data() == "$0.0031"


def test_a_row_says_that_something_was_remarked_about_it(small: RunTreeModel) -> None:
    row = deepcopy(small.row(3))
    assert row is not None
    row.notes = ("A thread of this cell still runs.",)
    small.take([row])
    status = small.index_of(3, 1)
    assert status.data() == "Done · note · ↺ 66\u202f%"
    assert (
        status.data(Qt.ItemDataRole.ToolTipRole)
        == "Done, 66\u202f% of the prompt reused from memory\nA thread of this cell still runs."
    )


def test_only_what_changed_is_announced(small: RunTreeModel) -> None:
    touched: list[int] = []
    small.dataChanged.connect(lambda first, last: touched.append(first.internalId()))
    row = deepcopy(small.row(2))
    assert row is not None
    row.label = "grep()"
    small.take([row])
    assert touched == [2]
    assert small.index_of(2).data() == "grep()"


def test_going_back_takes_rows_away_and_makes_others_run_again(small: RunTreeModel) -> None:
    removed: list[tuple[int, int, int]] = []
    small.rowsAboutToBeRemoved.connect(
        lambda parent, first, last: removed.append((parent.internalId(), first, last))
    )
    cell = deepcopy(small.row(2))
    assert cell is not None
    cell.children, cell.total, cell.live = 0, Usage(), "a hit"
    small.move([cell], [3])
    assert removed == [(2, 0, 0)]
    assert small.row(3) is None and not small.hasChildren(small.index_of(2))
    cell = deepcopy(cell)
    cell.live = ""
    small.move([cell])
    assert small.row(2).live == ""  # type: ignore[union-attr]


def test_text_is_collected_when_the_engine_sends_only_pieces(small: RunTreeModel) -> None:
    for chunk in ("one ", "two"):
        row = deepcopy(small.row(2))
        assert row is not None
        row.live = ""
        small.take([row], chunk)
    assert small.row(2).live == "one two"  # type: ignore[union-attr]


def test_a_page_is_asked_for_once(small: RunTreeModel) -> None:
    asked: list[tuple[int, int]] = []
    small.wanted.connect(lambda span, first: asked.append((span, first)))
    row = deepcopy(small.row(1))
    assert row is not None
    row.children = 5
    small.take([row])
    parent = small.index_of(1)
    assert small.canFetchMore(parent)
    small.fetchMore(parent)
    small.fetchMore(parent)
    assert asked == [(1, 1)]
    small.forget_questions()
    small.fetchMore(parent)
    assert asked == [(1, 1), (1, 1)]


def batch(play: Play, size: int) -> list[list[Row]]:
    """A turn, its cell, and calls that are made together; the rows of each event."""
    begin = (
        START,
        TurnStarted(run=RUN, span=1, number=1, depth=0, label="Turn 1", model="m"),
        CellStarted(run=RUN, span=2, parent=1, code="c", label="read()"),
    )
    calls = (
        CallStarted(run=RUN, span=3 + n, parent=2, kind="read", label=f"Look {n}", model="m", batch=3, index=n,
                    batch_size=size)
        for n in range(size)
    )  # fmt: skip
    return [play(event) for event in (*begin, *calls)]


def test_many_events_are_taken_in_at_once_and_announced_as_ranges(qtbot: QtBot) -> None:
    model, play = RunTreeModel(RUN, clock=lambda: 0.0), Play()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    inserted: list[tuple[int, int]] = []
    changed: list[int] = []
    model.rowsInserted.connect(lambda parent, first, last: inserted.append((first, last)))
    model.changed.connect(changed.append)
    for rows in batch(play, 64):
        model.hear(rows)
    assert model.rowCount() == 0
    with qtbot.waitSignal(model.rowsInserted):
        pass
    assert inserted == [(0, 0), (0, 0), (0, 0), (0, 63)]  # turn, cell, batch, calls
    assert len(changed) == len(set(changed)) == len(play.state.rows)
    assert labels(model) == folded(play.state)
    touched: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: touched.append((first.row(), last.row())))
    for span in (*range(3, 23), 40):
        model.hear(play(CallFinished(run=RUN, span=span, status="ok", seconds=1, usage=Usage(calls=1))))
    model.take([])  # whatever is taken in at once comes after what was heard of
    assert sorted(touched) == [(0, 0), (0, 0), (0, 0), (0, 19), (37, 37)]
    tester.deleteLater()
    model.deleteLater()


@given(st.randoms(use_true_random=False))
def test_rows_may_come_in_any_order(random: Random) -> None:
    play = Play()
    batch(play, 9)
    rows = deepcopy(list(play.state.rows.values()))
    random.shuffle(rows)
    model = RunTreeModel(RUN, clock=lambda: 0.0)
    model.take(rows)
    assert labels(model) == folded(play.state)
    assert model.newest == 11  # the last call, and not its batch
    model.deleteLater()


def test_a_row_that_has_ended_takes_less_than_a_kilobyte() -> None:
    model, play = RunTreeModel(RUN, clock=lambda: 0.0), Play()
    count = 400
    for rows in batch(play, count):
        model.take(rows)
    ended = [
        [play(CallFinished(run=RUN, span=3 + n, status="ok", seconds=1, reply=f"{n:032}", verdict="93% yes",
                           usage=Usage(1204, 61, 800, 0, 1, 0.0031), sent="0:100+400"))]
        for n in range(count)
    ]  # fmt: skip
    tracemalloc.start()
    for (rows,) in ended:
        model.take(deepcopy(rows))
    ended.clear()
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken / count < 1024
    assert model.row(3) == play.state.rows[3]
    model.deleteLater()


def test_what_stands_at_the_top_may_come_before_the_run_itself() -> None:
    model, play = RunTreeModel(RUN, clock=lambda: 0.0), Play()
    batch(play, 1)
    assert model.row(ROOT) is None
    model.take(play.page(1, 0, 1))
    assert labels(model) == [("Turn 1", [("read()", [])])]
    model.take(play.page(ROOT, 0, 1))
    assert model.row(ROOT) == play.state.rows[ROOT]
    model.deleteLater()
