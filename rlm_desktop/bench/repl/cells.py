"""What a cell costs: its round trip with and without a way back, and the way back after it died."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from pathlib import Path

from rlm_desktop.bench.repl.grounds import CELL_SECONDS, NAME, Grounds, Spread, one_text, run, spread
from rlm_desktop.bench.repl.plan import GIGABYTE, Plan, spelled
from rlm_desktop.bench.repl.reference import NAME as REFERENCE
from rlm_desktop.bench.repl.reference import open_reference
from rlm_desktop.bench.section import Section, Table
from rlm_desktop.errors import UserError
from rlm_desktop.repl.host import Repl

ASKED_WITHOUT, ASKED_WITH = 0.005, 0.030
"""Seconds that a round trip may take over 1 GB, without and with a checkpoint."""
TRIVIAL = "1"
TURN = 20
_ENDLESS = "while True: pass"
DEATHS = {
    "the process exits": "import os; os._exit(1)",
    "the interpreter crashes": "import os; os.abort()",
    "the cell is out of time": _ENDLESS,
}
_TIMEOUT = 0.1
_KEPT, _VALUE = "kept = 'as it was'", "'as it was'"


class Cells(Section, frozen=True, kw_only=True):
    """Cells over a text of one size.

    Attributes:
        size: Bytes of the text.
        without: Round trip of a trivial cell without a checkpoint.
        checkpointed: The same with one.
        reference: The same in the reference's REPL, which has none; ``None`` when it was not measured.
        restored: For each way to die, seconds from the end of the cell until the next one has run, with its variables.
    """

    size: int
    without: Spread
    checkpointed: Spread
    reference: Spread | None
    restored: dict[str, Spread]

    def tables(self) -> list[Table]:
        """The round trips, and the ways back."""
        trips = {
            f"{NAME}, no checkpoint": self.without,
            f"{NAME}, checkpoint": self.checkpointed,
            REFERENCE: self.reference,
        } | {f"next cell after {how}": back for how, back in self.restored.items()}
        rows = tuple((name, *trip.cells()) for name, trip in trips.items() if trip)
        asked = (
            f"Asked: {ASKED_WITHOUT * 1000:.0f} ms without and {ASKED_WITH * 1000:.0f} ms with a checkpoint."
        )
        remarks = (*self.failures, *([asked] if self.size == GIGABYTE else []))
        return [Table(self.name, ("", *Spread.HEADINGS), rows, remarks)]


async def measure_cells(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """Run cells over the smallest and the largest text.

    Raises:
        UserError: Our REPL failed.
    """
    for size in plan.extremes:
        path = await grounds.texts.of(size)
        name = f"cell, {spelled(size)}"
        grounds.tell(f"{name}: {NAME} …")
        async with grounds.open_repl(one_text(path)) as repl:
            without, checkpointed = await _round_trips(repl, plan.trips)
            restored = {how: await _ways_back(repl, code, plan.deaths) for how, code in DEATHS.items()}
        failures: list[str] = []
        reference = None
        if grounds.reference:
            grounds.tell(f"{name}: {REFERENCE} …")
            try:
                reference = await _reference(path, size, plan.trips, grounds)
            except UserError as error:
                failures.append(str(error))
        yield Cells(
            name=name,
            size=size,
            without=without,
            checkpointed=checkpointed,
            reference=reference,
            restored=restored,
            failures=tuple(failures),
        )


async def _round_trips(repl: Repl, times: int) -> tuple[Spread, Spread]:
    """Round trips without and with a checkpoint, some of each in turns, so that a slow moment hits both alike.

    The first of each turn does not count: while it runs, the kernel takes down the checkpoint of the turn before.
    """
    seconds: dict[bool, list[float]] = {False: [], True: []}
    while len(seconds[True]) < times:
        for checkpoint, trips in seconds.items():
            await run(repl, TRIVIAL, checkpoint=checkpoint)
            for _ in range(min(TURN, times - len(trips))):
                started = time.perf_counter()
                await run(repl, TRIVIAL, checkpoint=checkpoint)
                trips.append(time.perf_counter() - started)
    return spread(seconds[False]), spread(seconds[True])


async def _ways_back(repl: Repl, code: str, times: int) -> Spread:
    """Have cells die, and see how soon the next one has run.

    Raises:
        UserError: A variable was lost.
    """
    await run(repl, _KEPT)
    seconds = []
    for _ in range(times):
        timeout = _TIMEOUT if code == _ENDLESS else CELL_SECONDS
        started = time.perf_counter()
        died = await repl.execute(code, timeout=timeout)
        after = await run(repl, "kept")
        took = time.perf_counter() - started
        if not died.restored or after.output.strip() != _VALUE:
            raise UserError(f"After `{code}` the variables were not as before: {died.error}")
        seconds.append(took - (_TIMEOUT if died.status == "timeout" else 0.0))
    return spread(seconds)


async def _reference(path: Path, characters: int, times: int, grounds: Grounds) -> Spread:
    async with open_reference(grounds.scratch) as reference:
        await reference.load(path, characters)
        await reference.run(TRIVIAL, 1)
        return spread(await reference.run(TRIVIAL, times))
