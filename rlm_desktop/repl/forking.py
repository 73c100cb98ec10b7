"""The REPL where there is ``fork``: before each cell the child forks, and a cell that fails costs nothing.

What a cell process sends is checked (`wire`) and believed no further than the API goes; which process is killed is
decided by the kernel's word (`launch`), never by the child's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rlm_desktop.errors import UserError
from rlm_desktop.events import SandboxLevel
from rlm_desktop.repl.confine import Confinement
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.control import ChildDiedError
from rlm_desktop.repl.execution import Execution, Recovery
from rlm_desktop.repl.host import Repl
from rlm_desktop.repl.launch import Child
from rlm_desktop.repl.results import LOST, CellResult, Handler, OnOutput, OnProgress, ReplLimits
from rlm_desktop.repl.zygote import Zygote
from rlm_desktop.repl.zygotes import Ground, Zygotes

_PATIENCE, _PACE = 30.0, 5 * 2**20
"""Seconds a state has to take documents, and one more for so many bytes: an earlier cell may have left it deaf."""
_ELSEWHERE = "Ask about them in a new session."


class ForkingRepl(Repl):
    """A REPL of forks."""

    def __init__(
        self,
        level: SandboxLevel,
        start_child: Callable[[], Awaitable[tuple[Zygote, Child]]],
        handler: Handler,
        limits: ReplLimits,
    ) -> None:
        self.level: SandboxLevel = level
        self._start_child = start_child
        self._zygote: Zygote | None = None
        self._child: Child | None = None
        self._handler = handler
        self._limits = limits
        self._variables: dict[str, str] = {}
        self._turn = asyncio.Lock()
        self._recovery: asyncio.Task[Recovery] | None = None
        self._history: list[object] = []
        self._cells = 0
        self._added: list[ContextFile] = []
        self._bare = False  # whether the state is a new one that lacks them
        self._setback = ""  # what became of variables, and has not been said
        self._closed = False

    @classmethod
    async def begin(
        cls,
        context: Context,
        confinement: Confinement,
        *,
        scratch: Path,
        handler: Handler,
        limits: ReplLimits,
        zygotes: Zygotes | None,
        beside: Repl | None,
        python: str | None,
    ) -> ForkingRepl:
        """Start a child confined like this; the rest as in `Repl.start`."""
        limits = replace(limits, scratch_bytes=max(limits.scratch_bytes, context.size))
        ground = Ground(confinement, limits, scratch, python)
        within = beside._zygote if isinstance(beside, ForkingRepl) else None
        start_child = partial((zygotes or Zygotes()).child, context, ground, within)
        repl = cls(confinement.level, start_child, handler, limits)
        repl._zygote, repl._child = await start_child()
        return repl

    def serve(self, handler: Handler) -> None:
        self._handler = handler

    def set_history(self, history: Sequence[object]) -> None:
        self._history = list(history)

    async def add(self, files: Sequence[ContextFile]) -> None:
        async with self._turn:
            child = await self._serving_child()
            await self._hand_over(child, files)
            self._added += files

    async def execute(
        self,
        code: str,
        *,
        timeout: float,  # noqa: ASYNC109 - see `Repl.execute`
        on_output: OnOutput | None = None,
        on_progress: OnProgress | None = None,
        checkpoint: bool = True,
    ) -> CellResult:
        async with self._turn:
            child = await self._serving_child()
            self._cells += 1
            order = {"code": code, "number": self._cells, "history": self._history}
            execution = Execution(child, self._handler, self._limits, on_output, on_progress)
            try:
                result = await execution.run(order, timeout, checkpoint)
            except BaseException:
                await asyncio.shield(self._begin_recovery(execution))
                raise
            if result is None:
                recovery = await asyncio.shield(self._begin_recovery(execution))
                self._recovery = None
                if not recovery.alive:
                    self._child = None
                self._bare = not recovery.restored
                result = execution.post_mortem(recovery, timeout)
                if not recovery.restored:
                    self._setback = ""  # it is in the post-mortem
                result = replace(result, variables=self._variables if recovery.restored else {})
            self._take_setback(news := child.setback())
            if news == LOST and result.restored:  # to a state that was new itself
                result = replace(result, variables={})
            self._variables = result.variables
            self._bare = self._bare or news == LOST
            setback, self._setback = self._setback, ""
            return result.after(setback)

    def _take_setback(self, news: str) -> None:
        """Keep what the next result is to say of the variables: that they are lost, rather than some of them."""
        self._setback = news if news == LOST else self._setback or news

    async def _serving_child(self) -> Child:
        """The child that runs the next cell."""
        await self._refuse_if_closed()
        if self._recovery is not None:  # of a cell that was cancelled
            recovery = await asyncio.shield(self._recovery)
            self._recovery = None
            if not recovery.restored:
                self._take_setback(LOST)
                self._bare = True
            if not recovery.alive:
                self._child = None
        if self._child is not None and not self._child.alive:
            await self._child.destroy()
            self._child = None
        if self._child is None:
            self._zygote, self._child = await self._start_child()
            self._take_setback(LOST)
            self._bare = True
        await self._refuse_if_closed()  # meanwhile
        self._take_setback(news := self._child.setback())
        if (self._bare or news == LOST) and self._added:
            await self._hand_over(self._child, self._added)
        self._bare = False
        return self._child

    async def _hand_over(self, child: Child, files: Sequence[ContextFile]) -> None:
        context = Context("list", tuple(files))
        try:
            async with asyncio.timeout(_PATIENCE + context.size / _PACE):
                await child.add(context)
        except ChildDiedError as error:
            context.refuse_changed()
            raise UserError(f"The documents could not be added: {error}.", _ELSEWHERE) from error
        except TimeoutError as error:
            await child.destroy()
            raise UserError(
                "The documents could not be added: the REPL does not answer.", _ELSEWHERE
            ) from error

    async def _refuse_if_closed(self) -> None:
        if self._closed:
            await self.close()
            raise UserError("The REPL is closed.")

    def _begin_recovery(self, execution: Execution) -> asyncio.Task[Recovery]:
        self._recovery = asyncio.create_task(execution.recover())
        return self._recovery

    async def close(self) -> None:
        self._closed = True
        child, self._child = self._child, None
        if child is not None:
            await child.destroy()
