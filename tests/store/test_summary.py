"""The summary folded from events is the one the history keeps."""

from __future__ import annotations

import msgspec
import pytest

from rlm_desktop.errors import StoreError
from rlm_desktop.events import LimitReached, RunState, TurnFinished, TurnStarted, Usage
from rlm_desktop.store import Store, summarise
from tests.store.conftest import finished, started


def test_a_run_is_summarised_after_each_event_and_in_the_end_as_stored(store: Store) -> None:
    spent = Usage(prompt_tokens=7, completion_tokens=2, calls=1, cost_usd=0.5)
    end = msgspec.structs.replace(finished(seq=5), usage=spent, turns=1)
    state = RunState()
    seconds = []
    for event in (
        started(session="r0", parent_run="r0"),
        TurnStarted(run="r1", span=1, seq=2, time=1_500_000, number=1, depth=0, label="t"),
        TurnFinished(run="r1", span=1, seq=3, time=2_500_000, usage=spent),
        LimitReached(run="r1", span=0, seq=4, time=2_600_000, which="turns", value=1),
    ):
        store.append(event)
        state.apply(event)
        summary = summarise(state)
        assert (summary.status, summary.answer, summary.error, summary.evidence) == ("running", "", "", ())
        seconds.append(summary.seconds)
    assert seconds == [0, 0.5, 1.5, 1.5]
    assert (summary.usage, summary.cost_usd, summary.turns, summary.limit) == (spent, 0.5, 1, "turns")
    store.append(end)
    state.apply(end)
    assert summarise(state) == store.summary("r1")
    assert summarise(state).session == "r0"


def test_nothing_has_no_summary() -> None:
    with pytest.raises(StoreError, match="first event"):
        summarise(RunState())
