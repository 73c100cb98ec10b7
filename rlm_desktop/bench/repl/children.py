"""How soon the REPL of a child RLM has run its first cell, started as the engine does it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec

from rlm_desktop.bench.repl.grounds import Grounds, Spread, one_text, run, spread
from rlm_desktop.bench.repl.plan import GIGABYTE, MEGABYTE, Plan, spelled
from rlm_desktop.bench.section import Section, Table
from rlm_desktop.engine.scope import spool
from rlm_desktop.errors import UserError
from rlm_desktop.repl.host import Context, ContextFile, Repl

ASKED = 0.060
"""Seconds the start may take with a parent of 1 GB."""
CONTEXTS = (100_000, 10 * MEGABYTE)
"""Characters of the children's contexts; a smaller text gives less."""
_CELL = """
import time
began = time.perf_counter()
rlm_query("How long is this?", context=context[{start}:{end}])
print(time.perf_counter() - began)
"""


class Start(msgspec.Struct, frozen=True):
    """Children with a context of one size.

    Attributes:
        characters: Of the context, which is cut from the parent's.
        start: Seconds from when the engine has the context until the child's first cell has run.
        call: The same from the call in the parent's cell, until it goes on.
    """

    characters: int
    start: Spread
    call: Spread


class Children(Section, frozen=True, kw_only=True):
    """Children of one parent.

    Attributes:
        size: Bytes of the parent's context.
        starts: For each size of context.
    """

    size: int
    starts: tuple[Start, ...]

    def tables(self) -> list[Table]:
        """Two rows for each size of context."""
        rows = []
        for one in self.starts:
            named = f"context of {spelled(one.characters)}"
            rows.append((f"{named}: start to first cell", *one.start.cells()))
            rows.append((f"{named}: rlm_query in the cell", *one.call.cells()))
        asked = f"Asked: {ASKED * 1000:.0f} ms for the start."
        return [
            Table(self.name, ("", *Spread.HEADINGS), tuple(rows), (asked,) if self.size == GIGABYTE else ())
        ]


async def measure_children(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """Have a cell over the largest text call for children, one at a time.

    Raises:
        UserError: A REPL failed.
    """
    size = max(plan.sizes)
    name = f"child RLM, parent of {spelled(size)}"
    grounds.tell(f"{name} …")
    births = _Births(grounds)
    async with grounds.open_repl(one_text(await grounds.texts.of(size)), births) as parent:
        births.parent = parent
        starts = []
        for characters in dict.fromkeys(min(size, one) for one in CONTEXTS):
            births.seconds.clear()
            calls = []
            for number in range(plan.children):
                start = (size - characters) * number // plan.children
                result = await run(parent, _CELL.format(start=start, end=start + characters))
                calls.append(float(result.output))
            starts.append(Start(characters, spread(births.seconds), spread(calls)))
    yield Children(name=name, size=size, starts=tuple(starts))


class _Births:
    """Answers ``rlm_query`` with what the first cell of a child says, and keeps how long that took."""

    def __init__(self, grounds: Grounds) -> None:
        self.seconds: list[float] = []
        self.parent: Repl | None = None
        self._grounds = grounds
        self._born = 0

    async def __call__(self, _api: str, args: dict[str, Any]) -> object:
        (text,) = args["contexts"]
        self._born += 1
        folder = self._grounds.scratch / f"child-{self._born}"
        started = time.perf_counter()
        said = await self._first_cell(text, folder)
        self.seconds.append(time.perf_counter() - started)
        if said != str(len(text)):
            raise UserError(f"A child took a context of {len(text):,} characters for {said[:40]}.")
        return [{"text": said}]

    async def _first_cell(self, text: str, folder: Path) -> str:
        corpus, _ = await asyncio.to_thread(spool, text, folder)
        files = tuple(ContextFile(one.path, one.name, one.encoding) for one in corpus.documents)
        async with self._grounds.open_repl(Context(corpus.kind, files=files), beside=self.parent) as repl:
            return (await run(repl, "len(context)")).output.strip()
