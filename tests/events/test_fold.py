from __future__ import annotations

import copy
from functools import reduce
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.errors import StoreError
from rlm_desktop.events import (
    AnyEvent,
    CallDelta,
    CallFinished,
    CallStarted,
    CellFinished,
    CellOutput,
    CellProgress,
    CellStarted,
    LimitReached,
    Note,
    Progress,
    Range,
    RunFinished,
    RunState,
    TurnFinished,
    TurnStarted,
    Usage,
    decode,
    fold,
)
from rlm_desktop.events.row import LIVE_TAIL
from tests.events.strategies import Writer, logs, start


def snapshot(state: RunState) -> tuple[object, ...]:
    return copy.deepcopy((state.rows, state.below, state.seq, state.start, state.finish, state.limit))


def usages(log: list[AnyEvent]) -> list[Usage]:
    return [event.usage for event in log if isinstance(event, TurnFinished | CallFinished)]


@given(logs())
def test_the_total_of_the_run_is_the_sum_of_every_usage(log: list[AnyEvent]) -> None:
    assert fold(log).rows[0].total == reduce(Usage.__add__, usages(log), Usage())


@given(logs())
def test_the_total_of_a_row_is_its_own_usage_and_its_childrens_totals(log: list[AnyEvent]) -> None:
    state = fold(log)
    for row in state.rows.values():
        below = [child.total for child in state.children(row.span)]
        assert row.total == reduce(Usage.__add__, below, row.usage)


@given(logs())
def test_the_run_counts_the_calls_that_ended_and_were_not_refused(log: list[AnyEvent]) -> None:
    ended = [event for event in log if isinstance(event, CallFinished) and event.status != "refused"]
    assert fold(log).rows[0].subcalls == len(ended)


@given(logs())
def test_children_are_counted_and_numbered_in_order(log: list[AnyEvent]) -> None:
    state = fold(log)
    for row in state.rows.values():
        children = [state.rows[child] for child in state.below.get(row.span, ())]
        assert row.children == len(children)
        assert [child.index for child in children] == [*range(len(children))]
        assert {child.parent for child in children} <= {row.span}
    reached = {0} | {child for below in state.below.values() for child in below}
    assert reached == set(state.rows)


@given(logs())
def test_exactly_the_rows_that_are_announced_change(log: list[AnyEvent]) -> None:
    state = RunState()
    for event in log:
        before = copy.deepcopy(state.rows)
        changed = state.apply(event)
        assert changed[0] is state.rows[event.span]
        assert len({row.span for row in changed}) == len(changed)
        differing = {span for span, row in state.rows.items() if row != before.get(span)}
        assert differing <= {row.span for row in changed}


@given(logs(), st.data())
def test_folding_a_part_and_then_the_rest_is_folding_the_whole(
    log: list[AnyEvent], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(log)))
    state = fold(log[:cut])
    for event in log[cut:]:
        state.apply(event)
    assert snapshot(state) == snapshot(fold(log))


@given(logs(finished=True))
def test_nothing_runs_after_the_end(log: list[AnyEvent]) -> None:
    state = fold(log)
    assert isinstance(state.finish, RunFinished)
    assert state.status == state.finish.status
    for row in state.rows.values():
        assert row.status != "running"
        assert row.finished >= row.started > 0
        assert not row.live


@given(logs(), st.integers(-3, 5).filter(lambda step: step != 1))
def test_a_gap_is_refused_and_changes_nothing(log: list[AnyEvent], step: int) -> None:
    state = fold(log)
    before = snapshot(state)
    with pytest.raises(StoreError, match="does not follow"):
        state.apply(Note(run="r1", span=0, text="", seq=state.seq + step))
    assert snapshot(state) == before


@given(logs())
def test_a_row_nobody_opened_is_refused_and_changes_nothing(log: list[AnyEvent]) -> None:
    state = fold(log)
    before = snapshot(state)
    following = state.seq + 1
    with pytest.raises(StoreError, match="unknown row"):
        state.apply(TurnFinished(run="r1", span=999, seq=following))
    with pytest.raises(StoreError, match="unknown parent"):
        state.apply(TurnStarted(run="r1", span=998, parent=999, number=1, depth=0, label="", seq=following))
    assert snapshot(state) == before


@given(logs())
def test_a_row_opened_twice_is_refused_and_changes_nothing(log: list[AnyEvent]) -> None:
    state = fold(log)
    before = snapshot(state)
    span = max(state.rows)
    with pytest.raises(StoreError, match="opened before"):
        state.apply(TurnStarted(run="r1", span=span, number=1, depth=0, label="", seq=state.seq + 1))
    assert snapshot(state) == before


def test_a_run_reads_as_a_tree() -> None:
    writer = Writer()
    start(writer)
    writer.begin(TurnStarted, "turn", 0, number=1, depth=0, label="Turn 1", model="tiny")
    writer.begin(CellStarted, "cell", 1, code="c0de", label="llm_query(…)")
    writer.write(CellOutput, 2, stream="stdout", chunk="hello ")
    writer.write(CellOutput, 2, stream="stderr", chunk="world")
    writer.begin(CallStarted, "call", 2, kind="llm", label="Who?", model="tiny", batch=3, batch_size=2)
    state = fold(writer.log)
    assert [row.kind for row in state.rows.values()] == ["run", "turn", "cell", "call"]
    assert state.rows[2].live == "hello world"
    assert {row.status for row in state.rows.values()} == {"running"}

    writer.write(
        CallFinished, 3, status="ok", seconds=1.0, reply="f00d", usage=Usage(10, 2, calls=1), verdict="yes"
    )
    writer.write(CellFinished, 2, status="error", seconds=1.5, output="0e0e", error="KeyError: 'x'")
    writer.write(TurnFinished, 1, reply="beef", usage=Usage(100, 20, calls=1), nudge="Look first.")
    writer.write(RunFinished, 0, status="not_found", answer="It does not say.")
    state = fold(writer.log)
    run, turn, cell, call = state.rows.values()
    assert (call.status, call.detail, call.texts) == ("done", "yes", {"reply": "f00d"})
    assert (cell.status, cell.error, cell.live) == ("warning", "KeyError: 'x'", "")
    assert cell.texts == {"code": "c0de", "output": "0e0e"}
    assert cell.total == Usage(10, 2, calls=1)
    assert (turn.notes, turn.texts) == (("Look first.",), {"reply": "beef"})
    assert (turn.usage, turn.total) == (Usage(100, 20, calls=1), Usage(110, 22, calls=2))
    assert (run.status, run.detail, run.total) == ("done", "not_found", turn.total)


def test_a_limit_is_noted_on_its_row_and_the_runs_own_is_kept() -> None:
    writer = Writer()
    start(writer)
    writer.begin(TurnStarted, "turn", 0, number=1, depth=0, label="Turn 1")
    writer.begin(CallStarted, "call", 1, kind="rlm", label="child", model="tiny")
    writer.write(LimitReached, 2, which="turns", value=5)
    state = fold(writer.log)
    assert state.limit is None
    assert state.rows[2].notes == ("The limit of 5 turns was reached.",)
    writer.write(LimitReached, 0, which="tokens", value=1000)
    assert fold(writer.log).limit == writer.log[-1]


def test_rows_still_open_at_the_end_were_cut_off() -> None:
    writer = Writer()
    start(writer)
    writer.begin(TurnStarted, "turn", 0, number=1, depth=0, label="Turn 1")
    writer.write(RunFinished, 0, status="interrupted", error="The program was ended.")
    state = RunState()
    for event in writer.log:
        changed = state.apply(event)
    assert [row.span for row in changed] == [0, 1]
    assert (state.rows[1].status, state.rows[1].finished) == ("cancelled", writer.log[-1].time)
    assert (state.rows[0].status, state.rows[0].error) == ("failed", "The program was ended.")


def test_a_running_row_keeps_only_the_tail_of_what_it_streams() -> None:
    writer = Writer()
    start(writer)
    writer.begin(TurnStarted, "turn", 0, number=1, depth=0, label="Turn 1")
    writer.begin(CellStarted, "cell", 1, code="c0de", label="")
    for chunk in ("a" * LIVE_TAIL, "b" * 10):
        writer.write(CellOutput, 2, stream="stdout", chunk=chunk)
    live = fold(writer.log).rows[2].live
    assert len(live) == LIVE_TAIL
    assert live.endswith("a" + "b" * 10)


def test_a_reply_that_begins_again_takes_the_place_of_what_was_streamed() -> None:
    writer = Writer()
    start(writer)
    writer.begin(TurnStarted, "turn", 0, number=1, depth=0, label="Turn 1")
    for chunk, anew in (("I was ", False), ("going to", False), ("", True), ("The ", False), ("fox", False)):
        writer.write(CallDelta, 1, chunk=chunk, anew=anew)
    assert fold(writer.log).rows[1].live == "The fox"


@pytest.mark.parametrize(("status", "left"), [("ok", None), ("timeout", Progress(2, 3, "pages"))])
def test_the_progress_of_a_cell_is_shown_until_the_cell_has_succeeded(
    status: Any, left: Progress | None
) -> None:
    writer = Writer()
    start(writer)
    writer.begin(TurnStarted, "turn", 0, number=1, depth=0, label="turn")
    writer.begin(CellStarted, "cell", 1, code="c0de", label="for page in progress(pages)")
    for done in (1, 2):
        writer.write(CellProgress, 2, progress=Progress(done, 3, "pages"))
    writer.write(CellFinished, 2, status=status, seconds=1)
    assert [fold(writer.log[:seq]).rows[2].progress for seq in (3, 4, 5, 6)] == [
        None,
        Progress(1, 3, "pages"),
        Progress(2, 3, "pages"),
        left,
    ]


@given(st.integers(0, 2**53), st.none() | st.integers(0, 2**53))
def test_a_progress_is_never_more_than_everything(done: int, total: int | None) -> None:
    share = Progress(done, total).share
    assert share is None or 0 <= share <= 1
    assert str(Progress(done, total)).startswith(f"{done:,}")


@given(logs())
def test_rows_travel_as_json(log: list[AnyEvent]) -> None:
    for row in fold(log).rows.values():
        assert msgspec.json.decode(msgspec.json.encode(row), type=type(row)) == row


def test_ranges_of_older_versions_still_count_and_none_counts_twice() -> None:
    log = [
        b'{"event":"run.started","run":"r","span":0,"seq":1,"time":1,"question":"Who?","strategy":"rlm",'
        b'"dialect":"d","prompt_version":"1","models":[],"limits":{},"sandbox":"none","program":"0",'
        b'"sources":[{"path":"/tmp/a.txt","size":100,"mtime":1,"sha256":""}]}',
        b'{"event":"turn.started","run":"r","span":1,"seq":2,"time":2,"number":1,"depth":0,"label":"Turn 1"}',
        b'{"event":"call.started","run":"r","span":2,"parent":1,"seq":3,"time":3,"kind":"read","label":"Read","model":"m"}',
        b'{"event":"call.finished","run":"r","span":2,"seq":4,"time":4,"status":"ok","seconds":1.0,'
        b'"ranges":[{"document":0,"start":10,"end":30}]}',
        b'{"event":"cell.started","run":"r","span":3,"parent":1,"seq":5,"time":5,"code":"c","label":"x"}',
        b'{"event":"cell.finished","run":"r","span":3,"seq":6,"time":6,"status":"ok","seconds":1.0,'
        b'"printed":"0:20+20","searched":"0:60+5"}',
    ]
    state = fold(map(decode, log))
    assert state.rows[2].sent == "0:10+20"
    assert state.rows[3].provenance == (
        "Shown to the model 20 characters: a.txt 21–40. Found and not shown 5 characters: a.txt 61–65."
    )
    assert list(state.seen) == [Range(0, 10, 40)]
    assert state.account == "Models have seen 30 characters of 1 of 1 document, about 30 % of their text."
