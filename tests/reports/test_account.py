"""What a run came to."""

from __future__ import annotations

from rlm_desktop.events import Limits
from rlm_desktop.reports.account import account
from tests.reports.runs import Making


def test_a_sub_call_that_was_refused_was_not_used() -> None:
    making = Making(limits=Limits(subcalls=2))
    turn = making.turn(1)
    cell = making.cell(turn, "llm_query_batched(['a'] * 5)")
    for status in ("ok", "error", "refused", "refused", "refused"):
        making.end_call(making.call(cell, ("user", "a")), status=status)
    making.end_cell(cell)
    making.end_turn(turn)
    used = {one.which: one.used for one in account(making.finish("x")).allowances}
    assert used["subcalls"] == 2
