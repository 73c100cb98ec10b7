"""Round trips and ways back, over small texts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rlm_desktop.bench.repl import cells
from rlm_desktop.bench.repl.cells import Cells, measure_cells
from rlm_desktop.bench.repl.grounds import Grounds, Spread, spread
from rlm_desktop.bench.repl.plan import GIGABYTE, Plan
from rlm_desktop.errors import UserError
from tests.bench.repl.conftest import SIZES

PLAN = Plan(sizes=SIZES, trips=4, deaths=2)


async def test_cells_are_run_over_the_smallest_and_the_largest_text(grounds: Grounds) -> None:
    sections = [section async for section in measure_cells(PLAN, grounds)]
    assert [section.name for section in sections] == ["cell, 20 kB", "cell, 50 kB"]
    for section in sections:
        assert isinstance(section, Cells)
        assert not section.failures
        assert section.without.times == section.checkpointed.times == 4
        assert section.reference
        assert {back.times for back in section.restored.values()} == {2}
        (table,) = section.tables()
        assert len(table.rows) == 6


async def test_a_reference_that_fails_costs_only_itself(
    grounds: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "broken")
    (section,) = [section async for section in measure_cells(replace(PLAN, sizes=SIZES[:1]), grounds)]
    assert isinstance(section, Cells)
    assert section.reference is None
    assert section.failures == (
        "rlms LocalREPL failed: ValueError: no context today. Uninstall rlms to leave it out.",
    )
    assert section.failures[0] in section.tables()[0].remarks


async def test_a_variable_that_is_lost_ends_the_bench(
    grounds: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "DEATHS", {"it ends well": "kept = 'changed'"})
    with pytest.raises(UserError, match="After `kept = 'changed'` the variables were not as before"):
        [section async for section in measure_cells(PLAN, grounds)]


def test_a_spread_is_its_middle_and_what_a_twentieth_exceeds() -> None:
    assert spread([n / 100 for n in range(101)]) == Spread(101, 0.5, 0.95)
    assert spread([0.0123456]).cells() == ("12.35", "12.35", "1")


def test_what_was_asked_is_told_at_a_gigabyte() -> None:
    trip = Spread(1, 0.001, 0.002)
    section = Cells(
        name="cell", size=GIGABYTE, without=trip, checkpointed=trip, reference=None, restored={"x": trip}
    )
    (table,) = section.tables()
    assert table.rows[-1] == ("next cell after x", "1.00", "2.00", "1")
    assert table.remarks == ("Asked: 5 ms without and 30 ms with a checkpoint.",)
