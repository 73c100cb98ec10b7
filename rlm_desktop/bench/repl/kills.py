"""Cells killed at random points, and whether any variable was lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

from rlm_desktop.bench.repl.cells import TRIVIAL
from rlm_desktop.bench.repl.grounds import CELL_SECONDS, Grounds, Spread, one_text, run, spread
from rlm_desktop.bench.repl.memory import descendants
from rlm_desktop.bench.repl.plan import Plan
from rlm_desktop.bench.section import Section, Table
from rlm_desktop.errors import UserError
from rlm_desktop.repl.host import Repl

LATEST = 0.01
"""Seconds after its beginning at which a cell dies at the latest."""
WORKS = {
    "computing": "sum(i * i for i in range(2000))",
    "allocating": "heap.append(bytearray(100_000)); del heap[50:]",
    "printing": "print('x' * 1000)",
    "writing files": "open('notes.txt', 'w').write('x' * 1000)",
    "waiting for a call": "llm_query('Wait.')",
}
"""What cells do until they die."""
_LAST = {"ended by os._exit": "os._exit(3)", "ended by os.abort": "os.abort()"}
CANCELLED, KILLED = "cancelled", "killed from outside"
CAUSES = (CANCELLED, KILLED, *_LAST)
"""What they die of."""
_SIGN = "here"
_BEGIN = """
def make(i):
    return [i, str(i) * 10, {i: float(i)}, b"." * (i % 50)]
kept = {}
"""
_CELL = f"""
import os, time
heap, end = [], time.perf_counter() + {{seconds}}
kept.clear()
make = context = answer = None
print("{_SIGN}")
while time.perf_counter() < end:
    {{work}}
print("{_SIGN}")
{{last}}
"""
_CHECK = """
lost = [i for i in range({count}) if kept.get(i) != make(i)]
print(len(lost) + ("heap" in globals()))
kept[{count}] = make({count})
"""


class Kills(Section, frozen=True, kw_only=True):
    """Cells that died.

    Attributes:
        cells: How many.
        lost: Variables that were not as before the cell, of the ``checked`` that were looked at.
        checked: Variables looked at, all of them after each death.
        causes: What of they died.
        statuses: What the REPL said of them; those that were cancelled give no result.
        recovery: From the death of a cell until the next one has run.
    """

    cells: int
    lost: int
    checked: int
    causes: dict[str, int]
    statuses: dict[str, int]
    recovery: Spread

    def tables(self) -> list[Table]:
        """The recovery in a row, and the rest in sentences."""
        died, called = (
            ", ".join(f"{count} {name}" for name, count in counts.items())
            for counts in (self.causes, self.statuses)
        )
        remarks = (
            f"{self.lost} variables lost; after each of {self.cells} deaths every variable was compared, "
            f"{self.checked:,} in all.",
            f"They were {died}; the REPL called it {called}.",
        )
        rows = (("next cell after a death", *self.recovery.cells()),)
        return [Table(self.name, ("", *Spread.HEADINGS), rows, (*self.failures, *remarks))]


async def measure_kills(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """Have cells over the smallest text die, one after the other, and look at every variable after each.

    Raises:
        UserError: The REPL could not go on.
    """
    name = f"{plan.kills:,} cells killed"
    grounds.tell(f"{name} …")
    path = await grounds.texts.of(min(plan.sizes))
    async with grounds.open_repl(one_text(path), _answer) as repl:
        deaths = _Deaths(repl)
        for _ in range(plan.kills):
            await deaths.another()
    yield Kills(
        name=name,
        cells=plan.kills,
        lost=deaths.lost,
        checked=deaths.checked,
        causes=dict(deaths.causes),
        statuses=dict(deaths.statuses),
        recovery=spread(deaths.recoveries),
        failures=(f"{deaths.lost} variables were lost.",) if deaths.lost else (),
    )


class _Deaths:
    """Deaths of cells in one REPL, which gets one more variable after each."""

    def __init__(self, repl: Repl) -> None:
        self.lost = self.checked = 0
        self.causes: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.recoveries: list[float] = []
        self._repl = repl
        self._chance = random.Random(1)  # noqa: S311 - it is to be the same every time
        self._ways = itertools.cycle(self._shuffled())
        self._kept = 0
        self._said = asyncio.Event()
        self._last_said = 0.0

    def _shuffled(self) -> list[tuple[str, str]]:
        ways = list(itertools.product(CAUSES, WORKS))
        self._chance.shuffle(ways)
        return ways

    async def another(self) -> None:
        """One more death, and a look at what is left."""
        if not self._kept:
            await run(self._repl, _BEGIN)
        cause, work = next(self._ways)
        died = await self._die(cause, work)
        await run(self._repl, TRIVIAL)
        self.recoveries.append(time.perf_counter() - died)
        self.causes[cause] += 1
        await self._check()

    async def _check(self) -> None:
        self.checked += self._kept
        check = await self._repl.execute(_CHECK.format(count=self._kept), timeout=CELL_SECONDS)
        lost = int(check.output) if check.status == "ok" else max(1, self._kept)  # not even `kept` is there
        self.lost += lost
        self._kept = 0 if lost else self._kept + 1

    async def _die(self, cause: str, work: str) -> float:
        """Run a cell until it dies of this cause; the moment when it did, of `time.perf_counter`."""
        moment = self._chance.uniform(0.0, LATEST)
        seconds = moment if cause in _LAST else CELL_SECONDS
        code = _CELL.format(seconds=seconds, work=WORKS[work], last=_LAST.get(cause, ""))
        self._said.clear()
        before = set(descendants(os.getpid()))
        cell = asyncio.create_task(self._repl.execute(code, timeout=CELL_SECONDS, on_output=self._hear))
        cell.add_done_callback(lambda _: self._said.set())
        try:
            if cause in _LAST:
                await asyncio.wait([cell])
                died = self._last_said
            elif cause == CANCELLED:
                await asyncio.sleep(moment)
                died = time.perf_counter()
            else:
                await self._said.wait()
                await asyncio.sleep(moment)
                died = time.perf_counter()
                _kill(set(descendants(os.getpid())) - before)
                await asyncio.wait([cell])
        finally:
            cell.cancel()
            await asyncio.wait([cell])
        self.statuses[CANCELLED if cell.cancelled() else cell.result().status] += 1
        return died

    def _hear(self, _stream: str, _text: str) -> None:
        self._last_said = time.perf_counter()
        self._said.set()


def _kill(processes: set[int]) -> None:
    """Kill what has come to be since the cell was asked for: its process.

    Raises:
        UserError: There is none, so what runs the cell is its own way back.
    """
    if not processes:
        raise UserError("The process of a cell to be killed was not found.")
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


async def _answer(_api: str, args: dict[str, Any]) -> object:
    await asyncio.sleep(LATEST / 4)
    return [{"text": ""} for _ in args["prompts"]]
