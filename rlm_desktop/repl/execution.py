"""One cell in one child: run it, kill it when its time is up, bring the child back to a state that serves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from dataclasses import dataclass, replace

from rlm_desktop.events import CellStatus
from rlm_desktop.repl.control import ChildDiedError
from rlm_desktop.repl.conversation import Conversation
from rlm_desktop.repl.endings import cause
from rlm_desktop.repl.fullness import Fullness
from rlm_desktop.repl.launch import Child
from rlm_desktop.repl.line import SocketLine
from rlm_desktop.repl.own_time import OwnTime
from rlm_desktop.repl.protocol import Message
from rlm_desktop.repl.results import LOST, CellResult, Handler, OnOutput, OnProgress, ReplLimits
from rlm_desktop.repl.wire import Restored, State

_RECOVERY = 5.0
"""Seconds a checkpoint has to take over; the kernel needs 25 ms to take down a process of 1 GB."""
_GRACE = 0.5
"""Seconds a process has to end after it has closed its channel."""
_ERROR = 2_000


@dataclass(frozen=True)
class Recovery:
    """What became of the child after a cell died.

    Attributes:
        restored: Whether the checkpoint took over, with the variables from before the cell.
        status: Wait status of the cell's process; ``None`` when nobody saw it end.
        alive: Whether the child serves on.
    """

    restored: bool
    status: int | None = None
    alive: bool = True

    @property
    def exit_code(self) -> int | None:
        """Exit code of the cell's process, negative for a signal; the status is a number the child sent."""
        try:
            return None if self.status is None else os.waitstatus_to_exitcode(self.status)
        except (ValueError, OverflowError):
            return None


class Execution:
    """The run of one cell.

    Args:
        child: Where it runs.
        handler: Answers its calls.
        limits: What it may use.
        on_output: Told of what it prints.
        on_progress: Told how far it has come.
    """

    def __init__(
        self,
        child: Child,
        handler: Handler,
        limits: ReplLimits,
        on_output: OnOutput | None,
        on_progress: OnProgress | None,
    ) -> None:
        self._child = child
        self._limits = limits
        ours, self._theirs = socket.socketpair()
        self._conversation = Conversation(
            SocketLine(ours),
            handler,
            limits.output_chars,
            on_output=on_output,
            on_progress=on_progress,
        )
        self._began = time.monotonic()
        self._timed_out = False
        self._fullness = Fullness(child, limits.scratch_bytes)
        self._resorts: list[asyncio.TimerHandle] = []

    async def run(self, order: Message, seconds: float, checkpoint: bool) -> CellResult | None:
        """The result of a cell that ended by itself; ``None`` if its process died and `recover` is due."""
        try:
            with self._theirs:
                await self._child.run_cell(self._theirs, checkpoint)
        except ChildDiedError:
            return None
        own_time = OwnTime(seconds, self._time_out)
        watch = asyncio.create_task(self._fullness.watch())
        try:
            done = await self._conversation.run(order, own_time)
        finally:
            own_time.stop()
            for resort in self._resorts:
                resort.cancel()
            watch.cancel()
            await asyncio.wait([watch])
        if done is None or not await self._fullness.settle():
            return None
        try:
            await self._child.commit()
        except (ChildDiedError, TimeoutError):
            return None
        self._conversation.close()
        return replace(
            self._result(done.status, done.error),
            traceback=done.traceback,
            answer=done.draft if done.ready else None,
            draft=done.draft,
            variables=done.variables,
            threads=done.threads,
            own_seconds=own_time.used,
            calls=self._conversation.calls,
        )

    def _time_out(self) -> None:
        """Kill the cell, and the child if that does not end it."""
        self._timed_out = True
        self._child.kill_cell()
        if not self._resorts:
            later = asyncio.get_running_loop().call_later
            self._resorts = [later(_GRACE, self._child.kill_idler), later(_RECOVERY, self._child.end)]

    async def recover(self) -> Recovery:
        """Make sure the cell is dead and find out who serves now."""
        try:
            async with asyncio.timeout(_RECOVERY):
                news = await self._end_of_cell()
        except (TimeoutError, ChildDiedError):
            await self._child.destroy()
            return Recovery(restored=False, alive=False)
        finally:
            self._conversation.close()
        if not await self._fullness.clear():  # it holds too much itself
            await self._child.destroy()
            return Recovery(restored=False, alive=False)
        return (
            Recovery(restored=True, status=news.status)
            if isinstance(news, Restored)
            else Recovery(restored=False)
        )

    async def _end_of_cell(self) -> State | Restored:
        if self._conversation.hung_up:  # it is about to end by itself, and then the system says why
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(self._child.next_state(), _GRACE)
        self._child.kill_cell()
        return await self._child.next_state()

    def post_mortem(self, recovery: Recovery, seconds: float) -> CellResult:
        """The result of a cell whose process died."""
        fault = self._conversation.fault
        status: CellStatus
        if self._timed_out:
            status, error = "timeout", f"The cell took longer than {seconds:g} seconds and was stopped."
        elif excess := self._fullness.excess:
            status, error = "memory", f"{excess}; it was stopped, and the folder is empty now."
        elif fault:
            status, error = (
                "crash",
                f"The cell wrote on the REPL's own descriptors and was stopped ({fault}).",
            )
        else:
            status, error = cause(recovery.exit_code)
        if not recovery.restored:
            error = f"{error} {LOST}"
        return replace(self._result(status, error), restored=recovery.restored)

    def _result(self, status: CellStatus, error: str) -> CellResult:
        """What the host itself knows of the cell."""
        return CellResult(
            status=status,
            error=error[:_ERROR],
            output=self._conversation.output,
            seconds=time.monotonic() - self._began,
            host_calls=self._conversation.host_calls,
            failed_calls=self._conversation.failed_calls,
            checkpoint=self._child.checkpoint,
        )
