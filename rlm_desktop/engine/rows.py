"""Rows of the tree as context managers: opened on entry, closed on exit, whatever happens inside."""

from __future__ import annotations

import asyncio
import re
import time
from types import TracebackType

from rlm_desktop.engine.budget import LimitHit
from rlm_desktop.engine.gauge import Gauge
from rlm_desktop.engine.recorder import Stream
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.subcalls import label_of
from rlm_desktop.errors import UserError
from rlm_desktop.events import (
    CellFinished,
    CellStarted,
    FinishReason,
    RangeText,
    TurnFinished,
    TurnStarted,
    Usage,
)
from rlm_desktop.models.base import Completion, Request
from rlm_desktop.repl.host import CellResult

NO_WAY_BACK = "There was no way back to before this cell."


class Turn:
    """A turn's row. Its model is called through it, so that prompt, reply and usage are recorded.

    The row opens with the first call's prompt, or on entry when the app itself writes the cell.

    Attributes:
        sent: What of the documents was put into its prompt.
    """

    def __init__(self, run: Run, scope: Scope, number: int, label: str = "") -> None:
        self.span = run.recorder.next_span()
        self._run = run
        self._scope = scope
        self._number = number
        self._label = label or f"Turn {number}"
        self._opened = False
        self._usage = Usage()
        self._reply = ""
        self._thinking = ""
        self._finish: FinishReason = "stop"
        self._nudge = ""
        self.sent: RangeText = ""

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._opened:
            if kind is not None:
                return
            self.open()
        message = ""
        if isinstance(error, UserError):
            message, self._finish = error.message, "error"
        elif isinstance(error, (asyncio.CancelledError, LimitHit)):
            self._finish = "cancelled"
        recorder = self._run.recorder
        recorder.emit(
            TurnFinished(
                run=self._run.id,
                span=self.span,
                reply=recorder.keep(self._reply) if self._reply else "",
                thinking=recorder.keep(self._thinking) if self._thinking else "",
                usage=self._usage,
                finish_reason=self._finish,
                nudge=self._nudge,
                error=message,
                sent=self.sent,
            )
        )

    def open(self, request: Request | None = None) -> None:
        """Open the row, with the prompt if a model is asked."""
        if self._opened:
            return
        self._opened = True
        recorder = self._run.recorder
        recorder.emit(
            TurnStarted(
                run=self._run.id,
                span=self.span,
                parent=self._scope.parent,
                number=self._number,
                depth=self._scope.depth,
                label=self._label,
                model=self._scope.role.model.name if request else "",
                prompt=recorder.messages(request.messages) if request else (),
            )
        )

    async def complete(self, request: Request) -> Completion:
        """Ask the model; the reply streams into the row."""
        self.open(request)
        stream = Stream(self._run.recorder, self.span)
        try:
            completion = await self._run.complete(
                self._scope.role, request, self.span, stream=stream, on_usage=self._spend
            )
        except UserError as error:
            self.note(error.message)
            raise
        stream.flush()
        self._reply = completion.text
        self._thinking = completion.thinking
        self._finish = completion.finish_reason
        return completion

    def _spend(self, usage: Usage) -> None:
        self._usage += usage

    def nudge(self, text: str) -> str:
        """Record what the model is told to get back on track, and return it."""
        self._nudge = text
        return text

    def note(self, text: str) -> None:
        """Remark something about this row."""
        self._run.note(self.span, text)


class Cell:
    """A cell's row.

    Attributes:
        code: What it runs.
        stream: Takes what it prints while it runs.
        gauge: Takes how far it has come.
        result: What came of it, set by whoever executes it.
        printed: What of the documents the model was shown.
        searched: What it found in them that no model was shown.
        journal: What it takes to run it again, as a text; empty if it never will be.
    """

    def __init__(self, run: Run, parent: int, code: str, label: str = "") -> None:
        self.span = run.recorder.next_span()
        self.code = code
        self.stream = Stream(run.recorder, self.span)
        self.gauge = Gauge(run.recorder, self.span)
        self.result: CellResult | None = None
        self.printed: RangeText = ""
        self.searched: RangeText = ""
        self.journal = ""
        self._run = run
        self._parent = parent
        self._label = label or label_of(first_line(code))
        self._began = 0.0

    def undone(self, error: str) -> CellResult:
        """What came of it when a person stopped it: its variables are as they were before."""
        self.stream.flush()
        printed = self._run.recorder.state.rows[self.span].live
        seconds = time.monotonic() - self._began
        return CellResult(status="cancelled", output=printed, seconds=seconds, error=error, restored=True)

    def __enter__(self) -> Cell:
        recorder = self._run.recorder
        self._began = time.monotonic()
        recorder.emit(
            CellStarted(
                run=self._run.id,
                span=self.span,
                parent=self._parent,
                code=recorder.keep(self.code),
                label=self._label,
            )
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        recorder = self._run.recorder
        result = self.result
        self.gauge.close()
        if result is None:
            self.stream.flush()
            printed = recorder.state.rows[self.span].live
            message = str(error) if isinstance(error, (UserError, LimitHit)) else "Stopped."
            recorder.emit(
                CellFinished(
                    run=self._run.id,
                    span=self.span,
                    status="crash" if isinstance(error, UserError) else "cancelled",
                    seconds=time.monotonic() - self._began,
                    output=recorder.keep(printed) if printed else "",
                    error=message,
                )
            )
            return
        self.stream.flush()
        if not result.checkpoint:
            self._run.note(self.span, NO_WAY_BACK)
        if result.threads:
            self._run.note(self.span, threads_note(result.threads))
        output = result.output + result.traceback
        recorder.emit(
            CellFinished(
                run=self._run.id,
                span=self.span,
                status=result.status,
                seconds=result.seconds,
                output=recorder.keep(output) if output else "",
                restored=result.restored,
                host_calls=result.host_calls,
                failed_calls=result.failed_calls,
                error=result.error,
                printed=self.printed,
                searched=self.searched,
                calls=recorder.keep(self.journal) if self.journal else "",
            )
        )


def threads_note(threads: int) -> str:
    """What a person and the model are told of threads that outlive their cell."""
    running = (
        f"{threads} threads of this cell still run" if threads > 1 else "A thread of this cell still runs"
    )
    return f"{running}: the next cell has no way back if it fails."


_LOOKS = re.compile(r"\b(?:find|grep|read|(?:llm|rlm)_query(?:_batched)?)\(")


def first_line(code: str) -> str:
    """The first line that looks at the documents, or else that does something, for the label of a cell."""
    lines = [line.strip() for line in code.splitlines()]
    doing = [line for line in lines if line and not line.startswith(("#", "import ", "from "))]
    looking = [line for line in doing if _LOOKS.search(line)]
    return next(iter(looking or doing or lines), "")
