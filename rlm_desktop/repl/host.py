"""The parent's side of the REPL: run cells in a confined child, survive whatever they do.

What a cell process sends is checked (`wire`) and believed no further than the API goes; which process is killed is
decided by the kernel's word (`launch`), never by the child's.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from rlm_desktop.errors import UserError
from rlm_desktop.events import SandboxLevel
from rlm_desktop.repl import confine
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.execution import LOST, Execution, Recovery
from rlm_desktop.repl.launch import Child
from rlm_desktop.repl.results import CallFailure, CellResult, Handler, OnOutput, ReplLimits

__all__ = [
    "CallFailure",
    "CellResult",
    "Context",
    "ContextFile",
    "Handler",
    "Repl",
    "ReplLimits",
    "sandbox_level",
]


def sandbox_level() -> tuple[SandboxLevel, str]:
    """The level of confinement this computer offers, and what it rests on or what is missing.

    ``partial`` is Landlock and seccomp without namespaces of its own; see `rlm_desktop.repl.confine`.
    """
    level, why = confine.available()
    return cast(SandboxLevel, level), why


class Repl:
    """A sandboxed Python in which cells are run one after the other; make one with `start`.

    Attributes:
        level: How far its cells are confined.
    """

    def __init__(
        self,
        level: SandboxLevel,
        start_child: Callable[[], Awaitable[Child]],
        handler: Handler,
        limits: ReplLimits,
    ) -> None:
        self.level: SandboxLevel = level
        self._start_child = start_child
        self._child: Child | None = None
        self._handler = handler
        self._limits = limits
        self._variables: dict[str, str] = {}
        self._turn = asyncio.Lock()
        self._recovery: asyncio.Task[Recovery] | None = None
        self._history: list[object] = []
        self._cells = 0
        self._closed = False

    @classmethod
    async def start(
        cls,
        context: Context,
        *,
        scratch: Path,
        handler: Handler,
        limits: ReplLimits,
        allow_unconfined: bool = False,
        python: str | None = None,
    ) -> Repl:
        """Start a child and give it the context.

        Args:
            context: What the model is to explore.
            scratch: An existing folder; the child gets a folder of its own in it.
            handler: Answers the calls of cells.
            limits: What the child may use.
            allow_unconfined: Whether to go on where no sandbox can be had.
            python: Another interpreter than the program's own, to run the cells.

        Raises:
            UserError: There is no sandbox, a document cannot be read, or the child does not start.
        """
        level, why = sandbox_level()
        if sys.platform != "linux":
            raise UserError(
                f"Cells cannot be run here: {why}.", "Use Linux, or a strategy that runs no code."
            )
        if level == "none" and not allow_unconfined:
            raise UserError(
                f"Cells cannot be run safely on this computer: {why}.",
                "Pass --allow-unconfined to run the model's code without a sandbox.",
            )
        start_child = partial(
            Child.start, context, scratch=scratch, limits=limits, confined=level != "none", python=python
        )
        repl = cls(level, start_child, handler, limits)
        repl._child = await start_child()
        return repl

    def serve(self, handler: Handler) -> None:
        """Let another handler answer the calls of the cells to come."""
        self._handler = handler

    def set_history(self, history: Sequence[object]) -> None:
        """What ``history`` holds from the next cell on; anything JSON can express."""
        self._history = list(history)

    async def execute(
        self,
        code: str,
        *,
        timeout: float,  # noqa: ASYNC109 - it is the cell's own time, which asyncio.timeout cannot count
        on_output: OnOutput | None = None,
    ) -> CellResult:
        """Run one cell.

        Cancelling the awaiting task kills the cell and restores the variables from before it.

        Args:
            code: Its source.
            timeout: Seconds it may take, without those in which its calls are answered.
            on_output: Told of what it prints, as it comes.

        Raises:
            UserError: The child had died and cannot be started again.
            Exception: What the handler raised; the cell is undone.
        """
        async with self._turn:
            child, lost = await self._serving_child()
            self._cells += 1
            order = {"code": code, "number": self._cells, "history": self._history}
            execution = Execution(child, self._handler, self._limits, on_output)
            try:
                result = await execution.run(order, timeout)
            except BaseException:
                await asyncio.shield(self._begin_recovery(execution))
                raise
            if result is None:
                recovery = await asyncio.shield(self._begin_recovery(execution))
                self._recovery = None
                if not recovery.alive:
                    self._child = None
                result = execution.post_mortem(recovery, timeout)
                lost = lost and recovery.restored
                result = replace(result, variables=self._variables if recovery.restored else {})
            self._variables = result.variables
            if lost or child.lost_variables():
                result = replace(result, error=f"{result.error} {LOST}".strip())
            return result

    async def _serving_child(self) -> tuple[Child, bool]:
        """The child that runs the next cell, and whether variables were lost since the last."""
        await self._refuse_if_closed()
        lost = False
        if self._recovery is not None:  # of a cell that was cancelled
            recovery = await asyncio.shield(self._recovery)
            self._recovery = None
            lost = not recovery.restored
            if not recovery.alive:
                self._child = None
        if self._child is not None and not self._child.alive:
            await self._child.destroy()
            self._child = None
        if self._child is None:
            self._child = await self._start_child()
            lost = True
        await self._refuse_if_closed()  # meanwhile
        return self._child, self._child.lost_variables() or lost

    async def _refuse_if_closed(self) -> None:
        if self._closed:
            await self.close()
            raise UserError("The REPL is closed.")

    def _begin_recovery(self, execution: Execution) -> asyncio.Task[Recovery]:
        self._recovery = asyncio.create_task(execution.recover())
        return self._recovery

    async def close(self) -> None:
        """End every process of the REPL and remove its scratch folder; may be called again."""
        self._closed = True
        child, self._child = self._child, None
        if child is not None:
            await child.destroy()
