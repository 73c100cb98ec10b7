"""``bench repl`` from its first to its last figure."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from tempfile import TemporaryDirectory

from rlm_desktop.bench.repl.cells import TRIVIAL, measure_cells
from rlm_desktop.bench.repl.children import measure_children
from rlm_desktop.bench.repl.context import measure_context
from rlm_desktop.bench.repl.grounds import Grounds, one_text, run
from rlm_desktop.bench.repl.kills import measure_kills
from rlm_desktop.bench.repl.plan import Part, Plan
from rlm_desktop.bench.repl.provenance import measure_provenance
from rlm_desktop.bench.repl.reference import MISSING, installed
from rlm_desktop.bench.repl.reference import NAME as REFERENCE
from rlm_desktop.bench.repl.texts import Texts
from rlm_desktop.bench.section import Note, Section, Tell


async def measure(plan: Plan, tell: Tell, *, allow_unconfined: bool = False) -> AsyncGenerator[Section]:
    """Measure what the plan says; each section is yielded as soon as it is finished.

    Args:
        plan: What to measure.
        tell: Told what is being done.
        allow_unconfined: Whether cells may be run without a sandbox.

    Raises:
        UserError: There is no room for the texts, or our REPL failed.
    """
    parts: dict[Part, Callable[[Plan, Grounds], AsyncGenerator[Section]]] = {
        "context": measure_context,
        "cell": measure_cells,
        "child": measure_children,
        "kills": measure_kills,
        "provenance": measure_provenance,
    }
    with TemporaryDirectory(prefix="rlm-desktop-bench-") as folder:
        texts = Texts(Path(folder), plan.sizes)
        texts.check_room()
        grounds = Grounds(Path(folder), texts, installed(), allow_unconfined, tell)
        if not grounds.reference:
            yield Note(name=REFERENCE, text=MISSING)
        await _warm_up(grounds, min(plan.sizes))
        for part in plan.parts:
            async with aclosing(parts[part](plan, grounds)) as sections:
                async for section in sections:
                    yield section


async def _warm_up(grounds: Grounds, size: int) -> None:
    """Run a cell that does not count: the first one of all reads the interpreter from the disk.

    Raises:
        UserError: No cell can be run here.
    """
    async with grounds.open_repl(one_text(await grounds.texts.of(size))) as repl:
        await run(repl, TRIVIAL)
