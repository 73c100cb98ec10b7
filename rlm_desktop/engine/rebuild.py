"""Bring a new REPL to where another one was, by running its cells again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rlm_desktop.repl.host import Handler, Repl
from rlm_desktop.repl.journal import Divergence, Grown, Replayed, Step


@dataclass(frozen=True)
class Rebuilt:
    """What came of it.

    Attributes:
        cells: How many were run.
        seconds: How long that took.
        differs: One sentence on what may be otherwise than it was; empty if nothing seems to be.
    """

    cells: int
    seconds: float
    differs: str

    def __str__(self) -> str:
        cells = f"{self.cells} cell{'s' * (self.cells != 1)}"
        said = (
            f"The variables of the earlier questions were computed again from {cells} ({self.seconds:.1f} s)."
        )
        return f"{said} {self.differs}".strip()


async def rebuild(
    repl: Repl, steps: Sequence[Step], documents: int, searching: Callable[[int], Handler]
) -> Rebuilt:
    """Run cells again, their output dropped and no model asked anything.

    Args:
        repl: A new one, with the documents there were at the first of them; whoever goes on with it gives it a handler.
        steps: The cells, and where documents were added.
        documents: How many documents it has.
        searching: Gives what answers searches in the first so many documents.

    Raises:
        UserError: A document cannot be read, or the REPL cannot be started again.
    """
    began = time.monotonic()
    divergence = Divergence()
    handler = searching(documents)
    cells = 0
    for step in steps:
        if isinstance(step, Grown):
            await repl.add(step.files)
            documents += len(step.files)
            handler = searching(documents)
            continue
        cells += 1
        repl.serve(Replayed(step.record.calls, handler))
        repl.set_history(step.history)
        result = await repl.execute(step.code, timeout=step.patience)
        divergence.take(step, result)
    return Rebuilt(cells, time.monotonic() - began, str(divergence))
