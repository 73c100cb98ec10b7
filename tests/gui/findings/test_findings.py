"""More room for a run that had too little."""

from __future__ import annotations

import pytest

from rlm_desktop.events import Limits
from rlm_desktop.gui.findings.findings import more


@pytest.mark.parametrize(
    ("reached", "limits"),
    [
        ("turns", Limits(turns=40, cost_usd=0.1)),
        ("cost", Limits(cost_usd=0.2)),
        ("seconds", Limits(cost_usd=0.1)),
        (None, Limits(cost_usd=0.1)),
        ("something new", Limits(cost_usd=0.1)),
    ],
)
def test_the_limit_that_was_reached_is_doubled(reached: str | None, limits: Limits) -> None:
    assert more(Limits(cost_usd=0.1), reached) == limits
