"""Children of a cell that calls for them."""

from __future__ import annotations

import pytest

from rlm_desktop.bench.repl import children
from rlm_desktop.bench.repl.children import Children, measure_children
from rlm_desktop.bench.repl.grounds import Grounds
from rlm_desktop.bench.repl.plan import Plan
from tests.bench.repl.conftest import SIZES


async def test_a_cell_calls_for_children_of_each_size(
    grounds: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "CONTEXTS", (1000, 40_000, 90_000))
    (section,) = [section async for section in measure_children(Plan(sizes=SIZES, children=2), grounds)]
    assert isinstance(section, Children)
    assert section.size == 50_000
    assert [one.characters for one in section.starts] == [1000, 40_000, 50_000]
    for one in section.starts:
        assert one.start.times == one.call.times == 2
        assert one.start.median < one.call.median
    (table,) = section.tables()
    assert [row[0] for row in table.rows][:2] == [
        "context of 1 kB: start to first cell",
        "context of 1 kB: rlm_query in the cell",
    ]
    assert not table.remarks
