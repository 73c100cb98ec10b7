"""The REPL where there is no ``fork``: a cell that fails ends the process, and the cells before it are run again.

They are run again before the next cell, their output is dropped, and their calls are answered by what was answered
then (`journal`): no model is asked twice. What they draw at random and the order of their sets are the same each time;
what depends on the clock may not be, and then the next cell's result says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rlm_desktop.errors import UserError
from rlm_desktop.events import CellStatus, SandboxLevel
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.conversation import Conversation, OwnTime
from rlm_desktop.repl.endings import cause
from rlm_desktop.repl.host import Repl
from rlm_desktop.repl.journal import CellRecord, Divergence, Grown, PastCell, Replayed, Step
from rlm_desktop.repl.piped import PipedChild, empty_folder
from rlm_desktop.repl.results import LOST, CellResult, Handler, OnOutput, OnProgress, ReplLimits

ATTEMPTS = 3
"""Times the cells are run again when one of them dies of it."""
_WATCHES_MEMORY = sys.platform != "linux"
"""Whether the host looks how much memory a cell takes: only on Linux does the system hold it to a limit."""
_LOOK = 0.2
"""Seconds between two looks."""
_ERROR = 2_000


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
            child, _said = await self._serving_child()
            if problem := await child.add(files):
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
            child, said = await self._serving_child()
            self._cells += 1
            order = {"code": code, "number": self._cells, "history": self._history}
            attempt = _Attempt(child, self._handler, self._limits, self._most_memory)
            try:
                result = await attempt.run(order, timeout, on_output, on_progress)
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
            return replace(result, error=f"{result.error} {said}".strip()) if said else result

    async def _serving_child(self) -> tuple[PipedChild, str]:
        """The child that runs the next cell, and what may have become of variables since the last."""
        self._refuse_if_closed()
        if self._child is not None and self._child.alive:
            return self._child, ""
        said = await self._replay()
        self._refuse_if_closed()  # meanwhile
        assert self._child is not None
        return self._child, said

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise UserError("The REPL is closed.")

    async def _begin_child(self) -> PipedChild:
        if self._ending is not None:
            await asyncio.shield(self._ending)
        await empty_folder(self._scratch / "work")
        self._child = await self._start_child()
        self._most_memory = 4 * self._child.memory() + self._limits.memory_bytes
        return self._child

    def _end_child(self) -> None:
        """Have the child end, and be followed by another before the next cell."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            self._ending = asyncio.create_task(child.end())

    async def _replay(self) -> str:
        """Start a child and bring it to where the last one was; returns what may be otherwise than it was.

        A cell that dies of being run again is left out at the next attempt.
        """
        for left_out in range(ATTEMPTS):
            self._end_child()
            child = await self._begin_child()
            divergence = Divergence()
            fatal = await self._run_again(child, divergence)
            if fatal is None:
                said = f"{left_out} of the cells before could not be run again." if left_out else ""
                return f"{said} {divergence}".strip()
            self._journal.remove(fatal)
        self._journal = [step for step in self._journal if isinstance(step, Grown)]
        self._variables = {}
        self._end_child()
        await self._run_again(await self._begin_child(), Divergence())
        return LOST

    async def _run_again(self, child: PipedChild, divergence: Divergence) -> Step | None:
        """Run the journal; returns the step that the child did not survive."""
        for step in self._journal:
            if isinstance(step, Grown):
                if problem := await child.add(step.files):
                    raise UserError(f"The documents could not be read again: {problem}.", "Ask again.")
                continue
            attempt = _Attempt(
                child, Replayed(step.record.calls, self._handler), self._limits, self._most_memory
            )
            order = {"code": step.code, "number": step.number, "history": step.history}
            try:
                result = await attempt.run(order, step.patience)
            except BaseException:
                self._end_child()
                raise
            if not attempt.ended_by_itself:
                return step
            divergence.take(step, result)
        return None

    async def close(self) -> None:
        self._closed = True
        self._end_child()
        if self._ending is not None:
            await asyncio.shield(self._ending)
        await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)


class _Attempt:
    """The run of one cell in a child, its first or another.

    Attributes:
        ended_by_itself: Whether the child has lived to say how it ended.
    """

    def __init__(self, child: PipedChild, handler: Handler, limits: ReplLimits, most_memory: int) -> None:
        self.ended_by_itself = False
        self._child = child
        self._handler = handler
        self._limits = limits
        self._most_memory = most_memory
        self._verdict: tuple[CellStatus, str] | None = None

    async def run(
        self,
        order: dict[str, object],
        seconds: float,
        on_output: OnOutput | None = None,
        on_progress: OnProgress | None = None,
    ) -> CellResult:
        """The result of the cell; the child is of no use any more unless it `ended_by_itself`.

        Raises:
            Exception: What the handler raised.
        """
        began = time.monotonic()
        conversation = Conversation(
            self._child,
            self._handler,
            self._limits.output_chars,
            on_output=on_output,
            on_progress=on_progress,
        )
        late = f"The cell took longer than {seconds:g} seconds and was stopped."
        own_time = OwnTime(seconds, lambda: self._condemn("timeout", late))
        watch = asyncio.create_task(self._watch_memory()) if _WATCHES_MEMORY else None
        try:
            done = await conversation.run(order, own_time)
        finally:
            own_time.stop()
            if watch is not None:
                watch.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watch
        result = CellResult(
            status="crash",
            output=conversation.output,
            seconds=time.monotonic() - began,
            host_calls=conversation.host_calls,
            failed_calls=conversation.failed_calls,
        )
        if done is None:
            status, error = await self._post_mortem(conversation.fault)
            return replace(result, status=status, error=error)
        self.ended_by_itself = True
        return replace(
            result,
            status=done.status,
            error=done.error[:_ERROR],
            traceback=done.traceback,
            answer=done.draft if done.ready else None,
            draft=done.draft,
            variables=done.variables,
            threads=done.threads,
            own_seconds=own_time.used,
            calls=conversation.calls,
        )

    def _condemn(self, status: CellStatus, why: str) -> None:
        self._verdict = self._verdict or (status, why)
        self._child.kill()

    async def _watch_memory(self) -> None:
        while self._child.memory() <= self._most_memory:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)  # nobody tells
        self._condemn("memory", "The cell used up the memory it may use.")

    async def _post_mortem(self, fault: str) -> tuple[CellStatus, str]:
        if fault and self._verdict is None:
            self._condemn("crash", f"The cell wrote on the REPL's own descriptors and was stopped ({fault}).")
        code = await self._child.ended()
        return self._verdict or cause(code)
