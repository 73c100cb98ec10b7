"""The REPL where there is no ``fork``: a cell that fails ends the process, and the cells before it are run again.

They are run again before the next cell, their output is dropped, and their calls are answered by what was answered
then (`journal`): no model is asked twice. What they draw at random and the order of their sets are the same each time;
what depends on the clock may not be, and then the next cell's result says so.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rlm_desktop.errors import UserError
from rlm_desktop.events import Progress, SandboxLevel
from rlm_desktop.repl.attempt import WATCHES_MEMORY, Attempt
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.host import Repl
from rlm_desktop.repl.journal import CellRecord, Divergence, Grown, PastCell, Replayed, Step
from rlm_desktop.repl.piped import PipedChild, empty_folder
from rlm_desktop.repl.results import LOST, CellResult, Handler, OnOutput, OnProgress, ReplLimits

AGAIN, RUN_AGAIN = "cells run again", "The cells before this one were run again."
ATTEMPTS = 6
"""Times it is begun to run them again, when they die of it."""


class ReplayingRepl(Repl):
    """A REPL of one process."""

    level: SandboxLevel = "none"

    def __init__(
        self, context: Context, scratch: Path, handler: Handler, limits: ReplLimits, python: str | None
    ) -> None:
        self._scratch = scratch
        self._handler = handler
        self._limits = limits
        self._start_child = partial(
            PipedChild.start, context, scratch=scratch / "work", limits=limits, python=python
        )
        self._child: PipedChild | None = None
        self._most_memory = 0
        self._ending: asyncio.Task[int | None] | None = None
        self._turn = asyncio.Lock()
        self._journal: list[Step] = []
        self._history: tuple[object, ...] = ()
        self._variables: dict[str, str] = {}
        self._cells = 0
        self._unsaid = ""
        self._closed = False

    @classmethod
    async def begin(
        cls,
        context: Context,
        *,
        scratch: Path,
        handler: Handler,
        limits: ReplLimits,
        python: str | None,
    ) -> ReplayingRepl:
        """Start a child; see `Repl.start`."""
        repl = cls(context, Path(tempfile.mkdtemp(prefix="repl-", dir=scratch)), handler, limits, python)
        try:
            await repl._begin_child()
        except BaseException:
            await repl.close()
            raise
        return repl

    def serve(self, handler: Handler) -> None:
        self._handler = handler

    def set_history(self, history: Sequence[object]) -> None:
        self._history = tuple(history)

    async def add(self, files: Sequence[ContextFile]) -> None:
        async with self._turn:
            child, self._unsaid = await self._serving_child()
            try:
                problem = await child.add(files)
            except asyncio.CancelledError:  # its answer is still to come
                self._end_child()
                raise
            if problem:
                raise UserError(
                    f"The documents could not be added: {problem}.", "Ask about them in a new session."
                )
            self._journal.append(Grown(tuple(files)))

    async def execute(
        self,
        code: str,
        *,
        timeout: float,  # noqa: ASYNC109 - see `Repl.execute`
        on_output: OnOutput | None = None,
        on_progress: OnProgress | None = None,
        checkpoint: bool = True,  # noqa: ARG002 - the journal is always there
    ) -> CellResult:
        async with self._turn:
            child, said = await self._serving_child(on_progress)
            self._cells += 1
            order = {"code": code, "number": self._cells, "history": self._history}
            attempt = Attempt(child, self._handler, self._limits, self._most_memory)
            try:
                result = await attempt.run(order, timeout, on_output, on_progress)
                self._refuse_if_closed()  # meanwhile
            except BaseException:
                self._end_child()
                raise
            if attempt.ended_by_itself:
                past = PastCell(
                    self._cells, code, self._history, result.status, result.error, CellRecord.of(result)
                )
                self._journal.append(past)
                self._variables = result.variables
            else:
                self._end_child()
                result = replace(result, restored=True, variables=self._variables)
            return result.after(said)

    async def _serving_child(self, on_progress: OnProgress | None = None) -> tuple[PipedChild, str]:
        """The child that runs the next cell, and what may have become of variables since the last."""
        self._refuse_if_closed()
        said, self._unsaid = self._unsaid, ""
        if self._child is not None and self._child.alive:
            return self._child, said
        said = f"{said} {await self._replay(on_progress)}".strip()
        self._refuse_if_closed()  # meanwhile
        assert self._child is not None
        return self._child, said

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise UserError("The REPL is closed.")

    async def _begin_child(self) -> PipedChild:
        if self._ending is not None:
            await asyncio.shield(self._ending)
        self._refuse_if_closed()
        await empty_folder(self._scratch / "work")
        self._child = child = await self._start_child()
        if WATCHES_MEMORY:
            self._most_memory = 4 * child.memory() + self._limits.memory_bytes
        return child

    def _end_child(self) -> None:
        """Have the child end, and be followed by another before the next cell."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            self._ending = asyncio.create_task(child.end())

    async def _replay(self, on_progress: OnProgress | None) -> str:
        """Start a child and bring it to where the last one was; returns what may be otherwise than it was.

        A cell that dies of it twice is left out from then on.
        """
        left_out, suspect = 0, None
        for _ in range(ATTEMPTS):
            self._end_child()
            child = await self._begin_child()
            divergence = Divergence()
            try:
                fatal = await self._run_again(child, divergence, on_progress)
            except BaseException:
                self._end_child()
                raise
            if fatal is None:
                return _account(left_out, divergence)
            if fatal is suspect:
                self._journal.remove(fatal)
                left_out += 1
            suspect = fatal
        self._journal = [step for step in self._journal if isinstance(step, Grown)]
        self._variables = {}
        self._end_child()
        await self._run_again(await self._begin_child(), Divergence())
        return LOST

    async def _run_again(
        self, child: PipedChild, divergence: Divergence, on_progress: OnProgress | None = None
    ) -> Step | None:
        """Run the journal; returns the step that the child did not survive."""
        for number, step in enumerate(self._journal):
            if on_progress:
                on_progress(Progress(number, len(self._journal), AGAIN))
            if isinstance(step, Grown):
                if problem := await child.add(step.files):
                    raise UserError(f"The documents could not be read again: {problem}.", "Ask again.")
                continue
            attempt = Attempt(
                child, Replayed(step.record.calls, self._handler), self._limits, self._most_memory
            )
            order = {"code": step.code, "number": step.number, "history": step.history}
            result = await attempt.run(order, step.patience)
            if not attempt.ended_by_itself:
                return step
            divergence.take(step, result)
        return None

    async def close(self) -> None:
        self._closed = True
        if self._child is not None:
            self._child.kill()  # so that a cell that is running is over at once
        async with self._turn:
            self._end_child()
            if self._ending is not None:
                await asyncio.shield(self._ending)
            await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)


def _account(left_out: int, divergence: Divergence) -> str:
    """What is said of cells that were run again; nothing if all came out the same."""
    said = [f"{left_out} of them could not be."] if left_out else []
    said += [str(divergence)] if divergence else []
    return " ".join([RUN_AGAIN, *said]) if said else ""
