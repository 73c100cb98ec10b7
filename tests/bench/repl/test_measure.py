"""The whole bench, small, and what is left of one that was cut off."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from rlm_desktop.bench.repl import measure as measuring
from rlm_desktop.bench.repl.measure import measure
from rlm_desktop.bench.repl.plan import PARTS, Part, Plan
from rlm_desktop.bench.repl.reference import MISSING
from rlm_desktop.bench.section import Note, Section
from rlm_desktop.errors import UserError

GUARD = 60.0
SMALL = Plan(sizes=(10**6,), rounds=1, trips=3, deaths=1, children=1, kills=5)


@pytest.fixture(autouse=True)
def folder(scratch: Path, monkeypatch: pytest.MonkeyPatch, fake: Path) -> Path:
    """Where the bench makes its folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(measuring, "installed", lambda: True)
    return scratch


async def sections(plan: Plan) -> list[Section]:
    async with aclosing(measure(plan, lambda _: None, allow_unconfined=True)) as found:
        return [section async for section in found]


async def test_every_part_yields_its_sections_and_nothing_is_left(folder: Path) -> None:
    found = await sections(SMALL)
    assert [section.name for section in found][:4] == [
        "context, 1 MB",
        "cell, 1 MB",
        "child RLM, parent of 1 MB",
        "5 cells killed",
    ]
    assert not any(section.failures for section in found)
    assert all(table for section in found for table in section.tables())
    assert not list(folder.iterdir())


async def test_a_reference_that_is_not_installed_is_left_out_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "installed", lambda: False)
    note, context = await sections(Plan(parts=("context",), sizes=(1000,), rounds=1))
    assert note == Note(name="rlms LocalREPL", text=MISSING)
    assert context.name == "context, 1 kB"


async def test_a_disk_that_is_too_small_is_told_before_anything_is_written(folder: Path) -> None:
    with pytest.raises(UserError, match=r"need 2,000,000,000\.2 GB"):
        await sections(Plan(sizes=(10**18,)))
    assert not list(folder.iterdir())


@pytest.mark.parametrize("part", PARTS)
async def test_a_bench_that_is_cut_off_leaves_no_process_and_no_file(part: Part, folder: Path) -> None:
    plan = Plan(parts=(part,), sizes=(10**6,), rounds=10**9, trips=10**9, children=10**9, kills=10**9)
    begun = asyncio.Event()

    async def bench() -> None:
        async with aclosing(measure(plan, lambda _: begun.set(), allow_unconfined=True)) as found:
            async for _ in found:
                pass

    running = asyncio.create_task(bench())
    async with asyncio.timeout(GUARD):
        await begun.wait()
        while not psutil.Process().children():
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert not list(folder.iterdir())
    assert not psutil.Process().children(recursive=True)
