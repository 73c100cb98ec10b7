"""Where attempts are made: a REPL, a neighbour in the same process tree, and the surroundings; for any user and level."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from rlm_desktop.repl.host import CellResult, Context, Repl, ReplLimits, sandbox_level
from tests.repl.escape.attempt import Attempt, verdict
from tests.repl.escape.surroundings import Surroundings
from tests.repl.escape.tree import children, numbers
from tests.repl.processes import descendants, descriptors

PATIENCE = 40.0
"""Seconds after which something has hung."""
LIMITS = ReplLimits(
    memory_bytes=256 * 2**20, cpu_seconds=20, output_chars=100_000, scratch_bytes=16 * 2**20, open_files=128
)
TEXT = "the document of this REPL"
ELSEWHERE = "the document of the neighbour"

_CELLS = 3
"""Cells that may be lost with a state that was spoilt: the one it dies of, and one handed to it before that was known."""


def levels() -> list[str]:
    """The levels cells can be held at on this computer, the best first."""
    best, _why = sandbox_level()
    return [best, "partial"] if best == "full" and "level" in _options() else [best]


def _options() -> Iterable[str]:
    return inspect.signature(Repl.start).parameters


async def answer(api: str, args: dict[str, Any]) -> object:
    """Answers calls, as far as attempts make any."""
    if api in ("llm_query", "rlm_query"):
        return [{"text": f"<{prompt[:50]}>"} for prompt in args["prompts"]]
    if api == "read":
        return [{"found": False} for _ in args["passages"]]
    return [{"text": "found"}]


class Stage:
    """A REPL to try things in, and all that must not notice.

    Args:
        surroundings: What is around.
        start: Starts a REPL with this text as its context, in the tree of another one if it is given.
    """

    def __init__(
        self, surroundings: Surroundings, start: Callable[[str, Repl | None], Awaitable[Repl]]
    ) -> None:
        self.surroundings = surroundings
        self._start = start
        self._repl: Repl | None = None
        self._prepared = False  # whether a cell has noted which variables the REPL begins with
        self._neighbour: Repl | None = None
        self._before = children(os.getpid())
        self._processes = 0

    async def enter(self) -> None:
        """Start the neighbour, and the REPL beside it."""
        await self._welcome()
        await self.repl()
        assert len(self._trees()) == 1
        self._processes = len(descendants(os.getpid()))

    def _trees(self) -> set[int]:
        return children(os.getpid()) - self._before

    async def _welcome(self) -> None:
        """Start a neighbour, who has a variable and a file of its own, and tell attempts where to find it."""
        self._neighbour = await self._start(ELSEWHERE, None)
        code = (
            f"import os; mine = {ELSEWHERE!r}; _ = open('mine', 'w').write(mine)\n"
            "print(os.getcwd(), os.getpid(), os.getsid(0))"
        )
        result = await self._neighbour.execute(code, timeout=20)
        folder, state, keeper = result.output.split()
        self.surroundings.names |= {"neighbour": f"{folder}/mine", "sibling": int(state)} | numbers(
            int(keeper)
        )

    async def _unharmed(self) -> list[str]:
        """Complains if the neighbour is not as it was."""
        assert self._neighbour is not None
        result = await self._neighbour.execute("mine, context, open('mine').read()", timeout=20)
        return [] if result.output == f"{(ELSEWHERE,) * 3}\n" else [f"the neighbour: {verdict(result)}"]

    async def repl(self) -> Repl:
        """The REPL for the next attempt."""
        if self._repl is None:
            self._repl = await self._start(TEXT, self._neighbour)
        return self._repl

    async def _gather(self) -> list[str]:
        """Have the REPL and its neighbour live in one tree; it has room for so many REPLs, and then both move."""
        await self.repl()
        if len(self._trees()) == 1:
            return []
        wrong = await self._unharmed()
        await self.leave()
        if self._trees():
            wrong.append("a tree outlives its REPLs")
        await self._welcome()
        await self.repl()
        return wrong if len(self._trees()) == 1 else [*wrong, "the neighbour is out of reach"]

    async def renew(self) -> None:
        """Close the REPL; the next attempt gets a new one."""
        if self._repl is not None:
            await self._repl.close()
            self._repl, self._prepared = None, False

    async def execute(self, code: str, seconds: float = 20.0) -> CellResult:
        """Run a cell, or raise `TimeoutError` if nobody ends it."""
        async with asyncio.timeout(PATIENCE):
            return await (await self.repl()).execute(code, timeout=seconds)

    async def attempt(self, attempt: Attempt) -> list[str]:
        """Make one attempt; what was wrong with what came of it."""
        try:
            wrong = await self._attempt(attempt)
        except TimeoutError:
            wrong = ["the host waited for ever"]
            await self.renew()
        if attempt.spoils or not attempt.keeps:
            await self.renew()
        return [f"{attempt.name}: {complaint}" for complaint in wrong]

    async def _attempt(self, attempt: Attempt) -> list[str]:
        wrong = []
        if not self._prepared:
            wrong += await self._gather()
            await self.execute("kept = 'kept'; known = set(globals())")
        result = await self.execute(attempt.cell(self.surroundings.names), attempt.seconds)
        if not attempt.held(result):
            wrong.append(f"it came to {verdict(result)[:1500]!r}")
        wrong += self.surroundings.complaints()
        after = await self.execute(_TIDY, 5 if attempt.keeps else 0.3)
        self._prepared = after.output == "'kept'\n"
        if attempt.keeps and not self._prepared:
            wrong.append(f"afterwards: {verdict(after)[:500]!r}")
        if attempt.serves and not attempt.keeps:
            wrong += await self._serves()
        if attempt.serves:
            wrong += [*await self._gather(), *await self._crowd()]
        return wrong

    async def _crowd(self) -> list[str]:
        """Complains of processes that outlive the cell; those of checkpoints take a moment to go."""
        try:
            async with asyncio.timeout(PATIENCE / 10):
                while (now := len(descendants(os.getpid()))) > self._processes:
                    await asyncio.sleep(0)
        except TimeoutError:
            return [f"{now} processes, where there were {self._processes}"]
        return []

    async def _serves(self) -> list[str]:
        for _ in range(_CELLS):
            result = await self.execute("context", 1)
            if result.output == f"{TEXT!r}\n":
                return []
        return [f"it serves no more: {verdict(result)[:500]!r}"]

    async def family(self, attempts: Iterable[Attempt]) -> list[str]:
        """Make them all; what was wrong."""
        wrong = []
        for attempt in attempts:
            wrong += await self.attempt(attempt)
        return wrong + await self._unharmed()

    async def leave(self) -> None:
        """Close everything."""
        await self.renew()
        if self._neighbour is not None:
            await self._neighbour.close()
            self._neighbour = None


_TIDY = "[globals().pop(name) for name in set(globals()) - known - {'known'}]\nkept"


@contextlib.asynccontextmanager
async def staged(folder: Path, level: str, **options: Any) -> AsyncIterator[Stage]:
    """A stage in a folder; at its end nothing is left of it.

    Raises:
        AssertionError: A process, a descriptor or a file is left.
    """
    (folder / "around").mkdir()
    scratch = folder / "scratch"
    scratch.mkdir()
    open_before, children_before = descriptors(), descendants(os.getpid())
    around = Surroundings(folder / "around")
    settings: dict[str, Any] = {"scratch": scratch, "handler": answer, "limits": LIMITS} | options
    if "level" in _options():
        settings["level"] = level

    async def start(text: str, beside: Repl | None) -> Repl:
        return await Repl.start(Context("str", texts=(text,)), beside=beside, **settings)

    stage = Stage(around, start)
    try:
        await stage.enter()
        yield stage
    finally:
        await stage.leave()
        around.close()
    left = list(scratch.iterdir())
    assert left == [], left
    assert descendants(os.getpid()) == children_before
    open_still = descriptors() - open_before
    assert not open_still, open_still
