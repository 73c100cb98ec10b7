"""The player shows exactly what the fold of the first events gives, however one got there."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.events import (
    AnyEvent,
    CallDelta,
    CellFinished,
    CellOutput,
    CellStarted,
    Limits,
    Recording,
    Row,
    RunFinished,
    RunStarted,
    TurnFinished,
    TurnStarted,
    Usage,
    fold,
)
from rlm_desktop.replay import Player
from rlm_desktop.replay.player import LONGEST_PAUSE


def events() -> list[AnyEvent]:
    start = RunStarted(
        run="r", span=0, question="Who?", strategy="rlm", dialect="rlm-v1", prompt_version="1", models=(),
        limits=Limits(), sources=(), sandbox="full", program="1",
    )  # fmt: skip
    found: list[AnyEvent] = [start]
    for turn in (1, 3):
        found += [
            TurnStarted(run="r", span=turn, parent=0, number=turn, depth=0, label=f"Turn {turn}", model="m"),
            CallDelta(run="r", span=turn, chunk="thinking"),
            CellStarted(run="r", span=turn + 1, parent=turn, code="", label="find()"),
            CellOutput(run="r", span=turn + 1, stream="stdout", chunk="hit"),
            CellFinished(run="r", span=turn + 1, status="ok", seconds=0.1),
            TurnFinished(run="r", span=turn, usage=Usage(10, 5, calls=1)),
        ]
    found.append(RunFinished(run="r", span=0, status="answered", answer="Enoch", turns=2))
    seconds = [0, 1, 60, 61, 61.5, 62, 63, 64, 65, 66, 67, 68, 69, 70]
    return [
        type(event)(**{name: getattr(event, name) for name in event.__struct_fields__}
                    | {"seq": number, "time": int(second * 1e6)})
        for number, (event, second) in enumerate(zip(found, seconds, strict=True), 1)
    ]  # fmt: skip


def player() -> Player:
    return Player(Recording(events(), lambda _: ""))


def rows_after(at: int) -> dict[int, Row]:
    return fold(events()[:at]).rows


@given(st.lists(st.integers(-2, 20), min_size=1, max_size=12))
def test_a_view_that_follows_the_moves_shows_the_fold_of_the_first_events(stops: list[int]) -> None:
    play, was, shown = player(), 0, dict[int, Row]()
    for at in stops:
        move = play.move(was, at)
        for span in move.removed:
            assert not any(row.parent == span != row.span for row in shown.values())
            del shown[span]
        for row in move.rows:
            assert row.span in shown or row.kind == "run" or row.parent in shown
            shown[row.span] = copy.copy(row)
        was = move.at
        assert shown == rows_after(was)


def test_a_move_says_only_what_changed() -> None:
    move = player().move(2, 3)
    assert [row.span for row in move.rows] == [1]
    assert move.rows[0].live == "thinking"


def test_stepping_stops_after_each_turn_and_at_the_end() -> None:
    assert player().turns == (7, 13, 14)


def test_a_long_wait_is_played_as_a_short_one() -> None:
    play = player()
    assert play.moment(3) - play.moment(2) == LONGEST_PAUSE
    assert play.moment(4) - play.moment(3) == 1.0
    assert play.moment(play.total) == play.duration


@given(st.integers(1, 14))
def test_a_moment_leads_back_to_its_event(at: int) -> None:
    play = player()
    assert play.at_moment(play.moment(at)) == at
    assert play.at_moment(play.duration + 1) == play.total


def test_what_is_streamed_stands_there_as_far_as_it_had_come() -> None:
    assert player().seek(5).rows[2].live == "hit"
    assert player().seek(3).status == "running"


def test_a_recording_without_events_has_nothing_to_play() -> None:
    play = Player(Recording((), lambda _: ""))
    assert (play.total, play.duration, play.turns, play.move(0, 5).at) == (0, 0.0, (), 0)
