from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given

from rlm_desktop.events import MessageRef, fold, is_single
from rlm_desktop.reports.outline import Batch, Closed, Opened, Same, clipped, prompts, steps
from tests.events.strategies import logs
from tests.reports.runs import Making, conversation


@given(logs())
def test_every_row_opens_once_below_its_parent_and_closes(events) -> None:
    state = fold(events)
    open_rows, seen = [0], []
    for step in steps(state):
        if isinstance(step, Opened):
            above = [span for span in open_rows if span is not None][-1]
            assert state.above(step.row).span == above
            open_rows.append(step.row.span)
            seen.append(step.row.span)
        elif isinstance(step, Batch):
            open_rows.append(None)
        else:
            assert isinstance(step, Closed)
            open_rows.pop()
    assert open_rows == [0]
    assert sorted(seen) == sorted(span for span in state.rows if span and is_single(span))


def test_calls_made_at_once_stand_together() -> None:
    making = Making()
    cell = making.cell(making.turn(1), "llm_query_batched(…)")
    alone = making.call(cell, ("user", "alone"))
    batch = making.spans + 1
    for name in "abc":
        making.call(cell, ("user", name), batch=batch, batch_size=3)
    state = fold(making.events)
    found = [step for step in steps(state) if isinstance(step, Batch)]
    assert [[row.label for row in step.rows] for step in found] == [["a", "b", "c"]]
    assert found[0].verdicts == [("running", 3)]
    assert any(isinstance(step, Opened) and step.row.span == alone for step in steps(state))


def test_verdicts_that_all_differ_are_counted_as_what_they_are() -> None:
    making = Making()
    cell = making.cell(making.turn(1), "read()")
    batch = making.spans + 1
    for share in range(60, 64):
        making.end_call(making.call(cell, ("user", "x"), batch=batch), verdict=f"{share}% yes")
    (found,) = [step for step in steps(fold(making.events)) if isinstance(step, Batch)]
    assert found.verdicts == [("done", 4)]


def test_a_growing_conversation_shows_only_what_is_new() -> None:
    recording = conversation(turns=40)
    state = fold(recording.events)
    shown = prompts(state)
    turns = state.children(0)
    assert [type(part) for part in shown[turns[0].span]] == [MessageRef, MessageRef]
    for before, turn in pairwise(turns):
        same, new = shown[turn.span]
        assert same == Same(len(turn.prompt) - 1, before)
        assert isinstance(new, MessageRef)
        assert recording.text(new.text).startswith("Output of turn")


def test_a_system_prompt_shared_by_calls_is_shown_where_it_stood_first() -> None:
    making = Making()
    cell = making.cell(making.turn(1), "x")
    first, *others = [making.call(cell, ("system", "Read."), ("user", name)) for name in "abc"]
    state = fold(making.events)
    shown = prompts(state)
    assert not any(isinstance(part, Same) for part in shown[first])
    for call in others:
        same, new = shown[call]
        assert isinstance(same, Same)
        assert (same.count, same.row.span) == (1, first)
        assert isinstance(new, MessageRef)


@given(st.text(max_size=2000), st.integers(30, 300))
def test_what_is_left_out_is_counted(text: str, limit: int) -> None:
    clip = clipped(text, limit)
    assert len(clip.head) + clip.left_out + len(clip.tail) == len(text)
    assert len(clip.head) + len(clip.tail) <= limit
    assert text.startswith(clip.head)
    assert text.endswith(clip.tail)
    assert bool(clip.left_out) == (len(text) > limit)
