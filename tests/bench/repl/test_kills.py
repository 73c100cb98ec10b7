"""Cells that die, in a REPL that keeps its variables, and in one that does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rlm_desktop.bench.repl import kills
from rlm_desktop.bench.repl.grounds import Grounds
from rlm_desktop.bench.repl.kills import _CELL, CAUSES, KILLED, WORKS, Kills, measure_kills
from rlm_desktop.bench.repl.plan import Plan
from rlm_desktop.errors import UserError
from rlm_desktop.repl.host import CellResult, Context, Handler, Repl
from tests.bench.repl.conftest import SIZES

WAYS = len(CAUSES) * len(WORKS)


class Forgetful:
    """A REPL that has no way back from cells that are to die."""

    def __init__(self, repl: Repl) -> None:
        self._repl = repl

    async def execute(self, code: str, **options: Any) -> CellResult:
        dies = _CELL.partition("{")[0] in code
        return await self._repl.execute(code, **options | {"checkpoint": not dies})


class Forgetting(Grounds):
    @asynccontextmanager
    async def open_repl(
        self, context: Context, handler: Handler | None = None, beside: Repl | None = None
    ) -> AsyncIterator[Any]:
        async with super().open_repl(context, handler, beside) as repl:
            yield Forgetful(repl)


async def killed(grounds: Grounds, count: int) -> Kills:
    (section,) = [section async for section in measure_kills(Plan(sizes=SIZES, kills=count), grounds)]
    assert isinstance(section, Kills)
    return section


async def test_cells_die_in_every_way_and_no_variable_is_lost(grounds: Grounds) -> None:
    section = await killed(grounds, WAYS)
    assert section.lost == 0
    assert not section.failures
    assert section.checked == sum(range(WAYS))
    assert set(section.causes.values()) == {len(WORKS)}
    assert section.statuses == {"cancelled": len(WORKS), "memory": len(WORKS), "crash": 2 * len(WORKS)}
    assert section.recovery.times == WAYS
    (table,) = section.tables()
    assert table.remarks[0].startswith("0 variables lost; after each of 20 deaths")


async def test_variables_that_are_lost_are_counted(grounds: Grounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "CAUSES", [cause for cause in CAUSES if cause != KILLED])
    forgetting = Forgetting(grounds.scratch, grounds.texts, False, True, grounds.tell)
    section = await killed(forgetting, 10)
    assert section.lost > 0
    assert section.failures == (f"{section.lost} variables were lost.",)


async def test_a_process_that_is_not_found_ends_the_bench(
    grounds: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "CAUSES", [KILLED])
    forgetting = Forgetting(grounds.scratch, grounds.texts, False, True, grounds.tell)
    with pytest.raises(UserError, match="was not found"):
        await killed(forgetting, 5)
