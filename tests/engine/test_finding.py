"""Which row of a run a text counts for, and in which order rows are found."""

from __future__ import annotations

import pytest
from hypothesis import given

from rlm_desktop.engine.finding import Only, find
from rlm_desktop.events import (
    AnyEvent,
    CallDelta,
    CallStarted,
    CellStarted,
    MessageRef,
    Note,
    TurnFinished,
    TurnStarted,
    fold,
)
from tests.events.strategies import Writer, logs, start


def conversation() -> Writer:
    """Two turns, of which the second sends the first again; a cell; a call that streams."""
    writer = Writer()
    start(writer)
    first = (MessageRef("user", "question"),)
    second = (*first, MessageRef("assistant", "reply"), MessageRef("user", "output"))
    for number, prompt in enumerate((first, second), 1):
        span = writer.spans + 1
        writer.begin(TurnStarted, "turn", 0, number=number, depth=0, label=f"Turn {number}", prompt=prompt)
        writer.write(TurnFinished, span, reply="reply")
        writer.begin(CellStarted, "cell", span, code="code", label="Find It")
    writer.begin(CallStarted, "call", writer.spans, kind="llm", label="ask", model="m")
    writer.write(CallDelta, writer.spans, chunk="a Badger")
    writer.write(Note, writer.spans, text="It took LONG.")
    return writer


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("question", [(1, "prompt")]),
        ("reply", [(1, "reply"), (3, "reply")]),
        ("output", [(3, "prompt")]),
        ("code", [(2, "code"), (4, "code")]),
        ("find it", [(2, "label"), (4, "label")]),
        ("badger", [(5, "reply")]),
        ("long", [(5, "note")]),
        ("nothing of it", []),
    ],
)
def test_a_text_counts_for_the_row_that_said_it_first(query: str, hits: list[tuple[int, str]]) -> None:
    found = find(fold(conversation().log), query, "", lambda names: {query} & set(names))
    assert [(hit.span, hit.where) for hit in found] == hits


@pytest.mark.parametrize(
    ("only", "spans"), [("turns", [1, 3]), ("cells", [2, 4]), ("calls", [5]), ("noted", [5]), ("failed", [])]
)
def test_only_some_rows_are_looked_at(only: Only, spans: list[int]) -> None:
    found = find(fold(conversation().log), "", only, lambda names: set())
    assert [hit.span for hit in found] == spans


@given(logs())
def test_every_row_is_found_once_below_those_of_its_path(log: list[AnyEvent]) -> None:
    state = fold(log)
    found = find(state, "", "", lambda names: set())
    assert sorted(hit.span for hit in found) == sorted({event.span for event in log} - {0})
    places = [tuple(index for _, index in hit.path) for hit in found]
    assert places == sorted(places), "in the order of the tree"
    for hit in found:
        above = 0
        for span, index in hit.path:
            assert state.below[above][index] == span
            above = span
        assert above == hit.span
