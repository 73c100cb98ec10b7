"""One run of a cell in a solo child, its first or another: its time and memory, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from dataclasses import replace

from rlm_desktop.events import CellStatus
from rlm_desktop.repl.conversation import Conversation
from rlm_desktop.repl.endings import cause
from rlm_desktop.repl.own_time import OwnTime
from rlm_desktop.repl.piped import PipedChild
from rlm_desktop.repl.results import CellResult, Handler, OnOutput, OnProgress, ReplLimits

WATCHES_MEMORY = sys.platform != "linux"
"""Whether the host looks how much memory a cell takes: only on Linux does the system hold it to a limit."""
_LOOK = 0.2
"""Seconds between two looks."""
_ERROR = 2_000


class Attempt:
    """The run of one cell.

    Args:
        child: Where it runs.
        handler: Answers its calls.
        limits: What it may use.
        most_memory: Bytes the child may have in memory, where the host watches that.

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
        watch = asyncio.create_task(self._watch_memory()) if WATCHES_MEMORY else None
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
