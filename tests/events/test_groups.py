"""Rows that stand for many: batches, and crowds of those that come after the first few hundred."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.events import (
    AnyEvent,
    CallFinished,
    CallStarted,
    CellFinished,
    CellStarted,
    Progress,
    Row,
    RunFinished,
    RunState,
    TurnStarted,
    Usage,
    fold,
    groups,
    is_single,
)
from tests.events.strategies import Writer, logs, start


@pytest.fixture
def small_crowds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(groups, "CROWD", 3)
    yield


def in_a_cell() -> Writer:
    """A run, its turn (1) and its cell (2)."""
    writer = Writer()
    start(writer)
    writer.begin(TurnStarted, "turn", 0, number=1, depth=0, label="Turn 1", model="tiny")
    writer.begin(CellStarted, "cell", 1, code="c0de", label="read(…)")
    return writer


def batch(writer: Writer, size: int, *, parent: int = 2, opened: int | None = None) -> list[int]:
    first = writer.spans + 1
    for index in range(size if opened is None else opened):
        writer.begin(
            CallStarted, "call", parent, kind="read", label=f"Look at {index}", model="tiny",
            batch=first, index=index, batch_size=size,
        )  # fmt: skip
    return list(range(first, writer.spans + 1))


def finish(writer: Writer, span: int, status: str = "ok", error: str = "") -> None:
    usage = Usage(100, 10, 50, 0, 1, 0.5)
    writer.write(CallFinished, span, status=status, seconds=1.0, usage=usage, error=error)


def shown(state: RunState, span: int = 2) -> list[Row]:
    return [state.rows[child] for child in state.below.get(span, ())]


def test_a_batch_is_one_row_that_says_how_far_it_has_come() -> None:
    writer = in_a_cell()
    calls = batch(writer, 64)
    for span in calls[:12]:
        finish(writer, span)
    state = fold(writer.log)
    (row,) = shown(state)
    assert (row.kind, row.label, row.children, row.status) == ("group", "64 reads", 64, "running")
    assert row.progress == Progress(12, 64)
    assert (row.total.calls, row.total.prompt_tokens, row.total.cost_usd) == (12, 1200, 6.0)
    assert row.usage == Usage()
    assert state.rows[2].total == row.total == state.rows[0].total
    for span in calls[12:]:
        finish(writer, span)
    row = shown(fold(writer.log))[0]
    assert (row.status, row.progress, row.finished) == ("done", Progress(64, 64), writer.log[-1].time)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_few_calls_are_no_group(size: int) -> None:
    writer = in_a_cell()
    calls = batch(writer, size)
    assert [row.span for row in shown(fold(writer.log))] == calls


def test_what_failed_is_counted_all_the_way_up_with_its_reason() -> None:
    writer = in_a_cell()
    calls = batch(writer, 4)
    finish(writer, calls[0], "error", "The worker died.")
    finish(writer, calls[1], "error", "It died again.")
    state = fold(writer.log)
    assert [state.rows[span].failures for span in (calls[0], calls[2], 2, 1, 0)] == [1, 0, 2, 2, 2]
    assert (shown(state)[0].failures, shown(state)[0].status) == (2, "running")
    finish(writer, calls[2])
    finish(writer, calls[3])
    row = shown(fold(writer.log))[0]
    assert (row.status, row.error, row.failures) == ("warning", "The worker died.", 2)


@pytest.mark.parametrize(
    ("ends", "status"),
    [("eeee", "failed"), ("oooo", "done"), ("orrr", "warning"), ("occo", "cancelled"), ("rrrr", "warning")],
)
def test_a_batch_ended_as_its_calls_did(ends: str, status: str) -> None:
    words = {"e": "error", "o": "ok", "r": "refused", "c": "cancelled"}
    writer = in_a_cell()
    for span, end in zip(batch(writer, 4), ends, strict=True):
        finish(writer, span, words[end])
    assert shown(fold(writer.log))[0].status == status


def test_a_batch_that_was_cut_short_ends_with_its_cell() -> None:
    writer = in_a_cell()
    for span in batch(writer, 9, opened=5):
        finish(writer, span, "cancelled")
    state = fold(writer.log)
    assert shown(state)[0].status == "running"
    writer.write(CellFinished, 2, status="cancelled", seconds=1.0)
    changed = state.apply(writer.log[-1])
    group = shown(state)[0]
    assert (group.status, group.finished, group.progress) == (
        "cancelled", writer.log[-1].time, Progress(5, 9),
    )  # fmt: skip
    assert [row.span for row in changed] == [2, group.span]


def test_rows_after_the_first_few_stand_in_crowds(small_crowds: None) -> None:
    writer = in_a_cell()
    for number in range(11):
        writer.begin(CallStarted, "call", 2, kind="llm", label=f"call {number}", model="tiny")
    state = fold(writer.log)
    rows = shown(state)
    assert [row.label for row in rows] == ["call 0", "call 1", "call 2", "4 to 6", "7 to 9", "10 to 12"]
    assert [row.children for row in rows] == [0, 0, 0, 3, 3, 2]
    assert [row.label for row in state.children(2)] == [f"call {number}" for number in range(11)]
    for span in range(6, 10):
        finish(writer, span)
    statuses = [row.status for row in shown(fold(writer.log))]
    assert statuses == ["running", "running", "running", "done", "running", "running"]


def test_a_wide_batch_has_crowds_of_its_own(small_crowds: None) -> None:
    writer = in_a_cell()
    calls = batch(writer, 8)
    for span in calls:
        finish(writer, span)
    state = fold(writer.log)
    (group,) = shown(state)
    assert [row.label for row in shown(state, group.span)][3:] == ["4 to 6", "7 to 9"]
    assert (group.progress, group.status, group.total.calls) == (Progress(8, 8), "done", 8)
    assert all(state.above(state.rows[span]).span == 2 for span in calls)


def test_the_ids_of_groups_can_be_told_from_others_and_fit_31_bits(small_crowds: None) -> None:
    writer = in_a_cell()
    for _ in range(4):
        batch(writer, 4)
    state = fold(writer.log)
    assert {span for span, row in state.rows.items() if row.kind != "group"} == set(range(3 + 16))
    assert all(is_single(span) == (row.kind != "group") for span, row in state.rows.items())
    assert max(state.rows) < 2**31


def test_a_batch_that_a_damaged_log_puts_below_two_rows_does_no_harm() -> None:
    writer = in_a_cell()
    batch(writer, 4)
    writer.begin(
        CallStarted, "call", 1, kind="llm", label="elsewhere", model="m", batch=3, index=1, batch_size=4
    )
    assert fold(writer.log).rows[writer.spans].parent == 1


@settings(max_examples=60)
@given(log=logs(), crowd=st.sampled_from([2, 3, 500]))
def test_groups_hold_whatever_happens(log: list[AnyEvent], crowd: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "CROWD", crowd)
        state = RunState()
        for event in log:
            before = {span: (row.total, row.failures, row.children) for span, row in state.rows.items()}
            changed = {row.span for row in state.apply(event)}
            now = {span: (row.total, row.failures, row.children) for span, row in state.rows.items()}
            assert {span for span in now if now[span] != before.get(span)} <= changed
            assert changed and min(changed) >= 0
        for row in state.rows.values():
            below = shown(state, row.span)
            assert row.total == reduce(Usage.__add__, (child.total for child in below), row.usage)
            own = row.status == "failed" and row.kind in ("turn", "cell", "call")
            assert row.failures == sum(child.failures for child in below) + own
            assert len([child for child in below if child.span < 2**30]) <= crowd
        spoken_of = {event.span for event in log}
        assert spoken_of == {span for span in state.rows if is_single(span)}
        ended = isinstance(log[-1], RunFinished)
        assert not ended or all(row.finished for row in state.rows.values())
