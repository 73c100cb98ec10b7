"""Where ``bench repl`` takes place: its folder, its texts, and how a REPL is opened over one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, ClassVar

import msgspec

from rlm_desktop.bench.repl.texts import Texts
from rlm_desktop.bench.section import Tell
from rlm_desktop.errors import UserError
from rlm_desktop.repl.host import CallFailure, CellResult, Context, ContextFile, Handler, Repl, ReplLimits

NAME = "rlm-desktop"
CELL_SECONDS = 60.0


class Spread(msgspec.Struct, frozen=True):
    """Seconds of something that was done several times: the middle one, and one that a twentieth exceed."""

    times: int
    median: float
    p95: float

    HEADINGS: ClassVar = ("median ms", "p95 ms", "times")

    def cells(self) -> tuple[str, str, str]:
        """It in a row of a table, below `HEADINGS`."""
        return f"{self.median * 1000:.2f}", f"{self.p95 * 1000:.2f}", f"{self.times:,}"


@dataclass(frozen=True)
class Grounds:
    """Where the bench takes place.

    Attributes:
        scratch: A folder for whatever REPLs write.
        texts: What they explore.
        reference: Whether the reference's REPL is measured too.
        allow_unconfined: Whether cells may be run without a sandbox.
        tell: Told what is being done.
    """

    scratch: Path
    texts: Texts
    reference: bool
    allow_unconfined: bool
    tell: Tell

    @asynccontextmanager
    async def open_repl(
        self, context: Context, handler: Handler | None = None, beside: Repl | None = None
    ) -> AsyncIterator[Repl]:
        """A REPL as the engine would start it; leaving it ends all its processes.

        Args:
            context: What it is to explore.
            handler: Answers the calls of cells; without one they fail.
            beside: The REPL whose cell asks for it.

        Raises:
            UserError: There is no sandbox, or it does not start.
        """
        repl = await Repl.start(
            context,
            scratch=self.scratch,
            handler=handler or _refuse,
            limits=ReplLimits(),
            allow_unconfined=self.allow_unconfined,
            beside=beside,
        )
        try:
            yield repl
        finally:
            await repl.close()


def one_text(path: Path) -> Context:
    """One text as a REPL's context."""
    return Context("str", files=(ContextFile(str(path), path.name, "utf-8"),))


async def run(repl: Repl, code: str, *, checkpoint: bool = True) -> CellResult:
    """Run a cell that must end well.

    Raises:
        UserError: It did not.
    """
    result = await repl.execute(code, timeout=CELL_SECONDS, checkpoint=checkpoint)
    if result.status != "ok":
        raise UserError(f"A cell of the bench failed ({result.status}): {result.error}")
    return result


def spread(seconds: Sequence[float]) -> Spread:
    """What several measurements have in common."""
    p95 = quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Spread(len(seconds), median(seconds), p95)


async def _refuse(api: str, _: dict[str, Any]) -> object:
    raise CallFailure(f"nobody answers {api} in a bench")
