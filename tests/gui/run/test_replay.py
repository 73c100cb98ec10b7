"""The replay against an engine that answers when the test lets it, in the order it was asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from rlm_desktop.events import AnyEvent, Recording, RunFinished, fold
from rlm_desktop.gui.run.replay import TICK_MS, Replay
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.wire import EngineError, Summary
from rlm_desktop.replay import Player
from tests.gui.run.test_tree_model import RUN, START, Play, everything, next_event, played, rows_of

STORED = Summary(RUN, "Who?", "answered", answer="Enoch", title="My title")


@dataclass
class Asked:
    command: str
    fields: dict[str, Any]
    reply: type[msgspec.Struct]
    done: Callable[[Any], None]
    failed: Callable[[EngineError], None]


class SlowEngine:
    """Folds as the real one does; ``most`` rows are listed in one answer."""

    def __init__(self, events: list[AnyEvent], most: int = 500) -> None:
        self.events, self.most = events, most
        self.player = Player(Recording(events, lambda _: ""))
        self.asked: deque[Asked] = deque()

    def request(self, command: str, reply: Any, done: Any, failed: Any, **fields: Any) -> None:
        self.asked.append(Asked(command, fields, reply, done, failed))

    def answer(self) -> None:
        asked = self.asked.popleft()
        answer = getattr(self, asked.command)(**{"from_": 0} | _named(asked.fields))
        asked.done(msgspec.json.decode(msgspec.json.encode(answer), type=asked.reply))

    def answer_all(self) -> None:
        while self.asked:
            self.answer()

    def replays(self) -> list[dict[str, Any]]:
        return [asked.fields for asked in self.asked if asked.command == "replay"]

    def summary(self, at: int) -> Summary:
        finish = fold(self.events[:at]).finish
        return Summary("another id", "Who?", finish.status if finish else "running")

    def replay(self, run: str, was: int, from_: int, at: int | None, moment: float | None) -> dict[str, Any]:
        at = at if at is not None else self.player.at_moment(moment or 0)
        move = self.player.move(was, max(1, at))
        far = len(move.rows) + len(move.removed) > self.most
        return {
            "run": self.summary(move.at), "at": move.at, "total": self.player.total,
            "moment": self.player.moment(move.at), "duration": self.player.duration, "turns": self.player.turns,
            "time": self.player.event(move.at).time, "rows": [] if far else deepcopy(move.rows),
            "removed": [] if far else move.removed, "anew": far,
        }  # fmt: skip

    def state(self, run: str, span: int, from_: int, count: int, at: int) -> dict[str, Any]:
        state = fold(self.events[:at])
        rows = [state.rows[child] for child in state.below.get(span, ())]
        page = rows[from_ : from_ + min(count, 2)]
        return {"run": self.summary(at), "row": state.rows[span], "rows": page, "total": len(rows)}


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    if "span" in fields:
        return {"from_" if name == "from" else name: value for name, value in fields.items()}
    return {"at": None, "moment": None} | fields


@dataclass
class Shown:
    """What panels would show."""

    summary: Summary | None = None
    tree: RunTreeModel | None = None
    trees: int = 0

    def show(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        self.summary, self.tree, self.trees = summary, tree, self.trees + 1

    def update(self, summary: Summary) -> None:
        self.summary = summary


def watched(engine: SlowEngine) -> tuple[Replay, Shown]:
    replay, shown = Replay(engine), Shown()  # type: ignore[arg-type]
    replay.shown.connect(shown.show)
    replay.updated.connect(shown.update)
    return replay, shown


@pytest.fixture
def engine() -> SlowEngine:
    play, numbers = Play(), iter([0, 0, 0, 0, 1] * 6)
    play(START)
    for _ in range(10):
        play(next_event(lambda n: next(numbers) % n, play.state))
    play(RunFinished(run=RUN, span=0, status="answered", answer="Enoch"))
    return SlowEngine(play.events)


@pytest.fixture
def replay(engine: SlowEngine) -> Iterator[Replay]:
    made, shown = watched(engine)
    made.setProperty("shown", shown)
    made.follow(STORED, RunTreeModel(RUN, made))
    engine.answer_all()
    yield made
    made.follow(None, None)
    made.deleteLater()


def test_a_run_is_shown_as_it_is_stored_and_measured(engine: SlowEngine, replay: Replay) -> None:
    shown: Shown = replay.property("shown")
    assert shown.trees == 1 and shown.summary == STORED
    assert (replay.at, replay.target, replay.total) == (12, 12, 12)
    assert not replay.replaying


def test_the_latest_of_many_targets_wins(engine: SlowEngine, replay: Replay) -> None:
    for at in (9, 7, 5, 3):
        replay.seek(at)
        assert replay.target == at
    assert [fields["at"] for fields in engine.replays()] == [9]
    engine.answer()
    assert (replay.at, replay.target) == (9, 3)
    assert [(fields["was"], fields["at"]) for fields in engine.replays()] == [(9, 3)]
    engine.answer()
    assert (replay.at, replay.target) == (3, 3) and not engine.asked


def test_targets_outside_the_run_are_its_ends(engine: SlowEngine, replay: Replay) -> None:
    for wanted, got in ((-5, 1), (99, 12)):
        replay.seek(wanted)
        engine.answer_all()
        assert replay.at == got


def test_the_past_has_the_name_of_today(engine: SlowEngine, replay: Replay) -> None:
    shown: Shown = replay.property("shown")
    replay.seek(4)
    engine.answer_all()
    assert shown.summary == Summary(RUN, "Who?", "running", title="My title")
    replay.update(msgspec.structs.replace(STORED, title="Another"))
    assert shown.summary.status == "running"
    replay.to_end()
    engine.answer_all()
    assert shown.summary.title == "Another"


def test_time_goes_on_by_the_speed(engine: SlowEngine, replay: Replay) -> None:
    replay.speed = 1000 / TICK_MS  # a second, and so an event, in each tick
    replay.play_or_pause()
    assert replay.playing
    engine.answer_all()
    assert replay.at == 1
    for at in range(2, 12):
        replay._advance()
        engine.answer_all()
        assert replay.at == at and replay.playing
    replay._advance()
    replay._advance()
    assert len(engine.replays()) == 1
    engine.answer_all()
    assert replay.at == 12 and not replay.playing


def test_a_jump_while_playing_comes_first(engine: SlowEngine, replay: Replay) -> None:
    replay.speed = 1000 / TICK_MS
    replay.play_or_pause()
    engine.answer_all()
    replay.seek(8)
    replay._advance()
    assert [fields["at"] for fields in engine.replays()] == [8]
    engine.answer_all()
    replay._advance()
    engine.answer_all()
    assert replay.at == 9 and replay.playing
    replay.to_end()
    engine.answer_all()
    assert not replay.playing


def test_nothing_moves_after_pause(engine: SlowEngine, replay: Replay) -> None:
    replay.play_or_pause()
    engine.answer_all()
    replay._advance()
    replay._advance()
    replay.play_or_pause()
    engine.answer()
    assert not engine.asked and not replay.playing


def test_answers_about_a_run_that_is_left_are_dropped(engine: SlowEngine, replay: Replay) -> None:
    shown: Shown = replay.property("shown")
    replay.seek(4)
    replay.follow(msgspec.structs.replace(STORED, status="running"), None)
    engine.answer_all()
    assert shown.tree is None and replay.total == 0
    replay.seek(3)
    replay.play_or_pause()
    assert not engine.asked and not replay.playing


def test_a_refusal_stops_it_where_it_is(engine: SlowEngine, replay: Replay) -> None:
    refused: list[EngineError] = []
    replay.refused.connect(refused.append)
    replay.play_or_pause()
    engine.asked.popleft().failed(EngineError("user", "The store cannot be read."))
    assert refused and not replay.playing
    assert (replay.at, replay.target) == (12, 12)
    replay.seek(4)
    engine.answer_all()
    assert replay.at == 4


def test_a_sample_begins_at_its_first_event(engine: SlowEngine) -> None:
    replay, shown = watched(engine)
    replay.watch(RUN)
    replay.follow(STORED, RunTreeModel(RUN, replay))
    assert shown.trees == 0
    engine.answer_all()
    assert replay.at == 1 and replay.playing and shown.summary.status == "running"  # type: ignore[union-attr]
    replay.follow(None, None)
    replay.deleteLater()


@settings(max_examples=40)
@given(st.data())
def test_after_any_moves_the_tree_is_the_fold_at_the_last(data: st.DataObject) -> None:
    """Moves, their answers and the pages a view asks for, in any order; small moves are listed, large ones not."""
    play = played(data, 25)
    engine = SlowEngine(play.events, most=data.draw(st.sampled_from((2, 6, 500))))
    replay, shown = watched(engine)
    replay.shown.connect(lambda _, tree: look_on(tree) if tree is not None else None)
    replay.follow(STORED, None)
    engine.answer_all()
    total = len(play.events)
    for at in data.draw(st.lists(st.integers(1, total), min_size=1, max_size=8)):
        replay.seek(at)
        for _ in range(data.draw(st.integers(0, 4))):
            assert len(engine.replays()) <= 1
            if engine.asked:
                engine.answer()
    target = replay.target
    engine.answer_all()
    assert replay.at == target
    tree = shown.tree
    assert tree is not None
    tester = QAbstractItemModelTester(tree, QAbstractItemModelTester.FailureReportingMode.Fatal)
    look_at_all(tree, engine)
    assert everything(tree) == rows_of(fold(play.events[:target]))
    tester.deleteLater()
    replay.follow(None, None)
    replay.deleteLater()


def look_on(tree: RunTreeModel) -> None:
    """Ask for whatever is missing, at every change, as a view does that is unfolded."""

    def ask(*_: object) -> None:
        for parent in (QModelIndex(), *(tree.index_of(row.span) for row in everything(tree)[1:] if row)):
            if tree.canFetchMore(parent):
                tree.fetchMore(parent)

    for signal in (tree.rowsInserted, tree.rowsRemoved, tree.dataChanged):
        signal.connect(ask)
    ask()


def look_at_all(tree: RunTreeModel, engine: SlowEngine) -> None:
    parents = [QModelIndex()]
    while parents:
        parent = parents.pop()
        while tree.canFetchMore(parent):
            known = tree.rowCount(parent)
            tree.fetchMore(parent)
            engine.answer_all()
            assert tree.rowCount(parent) > known
        parents += [tree.index(row, 0, parent) for row in range(tree.rowCount(parent))]
