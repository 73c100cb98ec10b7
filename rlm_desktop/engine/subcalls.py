"""Sub-calls: a model is asked about a piece, several pieces at a time, each a row of the tree."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rlm_desktop.engine.budget import LimitHit
from rlm_desktop.engine.recorder import Stream
from rlm_desktop.engine.run import Role, Run
from rlm_desktop.engine.stops import AGAIN, STOPPED_CALL, Stopped
from rlm_desktop.engine.tracing import Sent
from rlm_desktop.events import (
    CallFinished,
    CallKind,
    CallStarted,
    CallStatus,
    Range,
    Usage,
    encode_ranges,
)
from rlm_desktop.models.base import Completion, ModelError, Request

T = TypeVar("T")
LABEL_LENGTH = 100


@dataclass(frozen=True)
class Call:
    """One sub-call to make.

    Attributes:
        label: What the tree says of it.
        request: What is asked.
        kind: What it is for.
        sent: What of the documents its prompt is made of.
        judge: Puts what the reply amounts to into a word or two, for the tree.
    """

    label: str
    request: Request
    kind: CallKind = "llm"
    sent: Sent | None = None
    judge: Callable[[Completion], str] | None = None

    @property
    def known(self) -> tuple[Range, ...]:
        """What of the documents it reads, as far as is known now."""
        return self.sent.known if self.sent else ()


@dataclass(frozen=True)
class Reply:
    """What came of a sub-call: a completion, or one sentence of why there is none."""

    completion: Completion | None
    error: str = ""


def label_of(text: str) -> str:
    """The first words of a text on one line, for a row of the tree."""
    line = " ".join(text[: LABEL_LENGTH * 3].split())
    return line if len(line) <= LABEL_LENGTH else line[: LABEL_LENGTH - 1] + "…"


@dataclass(frozen=True)
class Place:
    """Where a call stands among those that are made together.

    Attributes:
        span: Its row.
        batch: The first row of the batch; 0 if it is made alone.
        index: Its position among them, from 0.
        size: How many they are.
    """

    span: int
    batch: int = 0
    index: int = 0
    size: int = 1


def side_by_side(run: Run, size: int) -> list[Place]:
    """New rows for calls that are made together."""
    spans = [run.recorder.next_span() for _ in range(size)]
    batch = spans[0] if size > 1 else 0
    return [Place(span, batch, index, size) for index, span in enumerate(spans)]


async def dispatch(run: Run, role: Role, parent: int, calls: Sequence[Call]) -> list[Reply]:
    """Make calls concurrently, as many at a time as the model serves, replies in order.

    A call that fails becomes a failed row and a `Reply` with its error; a limit refuses the calls
    that are left and does not touch those that run. Not every refused call has a row (`Budget.admit`).

    Raises:
        ModelLost: No model answers any more.
    """
    run.deaths.check()
    admitted = calls[: run.budget.admit(len(calls))]
    places = side_by_side(run, len(admitted))
    rows = (_Row(run, role, parent, place).make(call) for place, call in zip(places, admitted, strict=True))
    replies = await all_or_none(rows)
    run.deaths.check()
    return replies + turned_away(run, parent, len(calls), len(admitted))


def turned_away(run: Run, parent: int, asked: int, admitted: int) -> list[Reply]:
    """The replies of the sub-calls that were refused without rows of their own."""
    rest = asked - admitted
    if rest and admitted:
        run.note(parent, f"{rest:,} more calls were refused.")
    return [Reply(None, run.budget.refusal)] * rest


async def all_or_none(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Results of concurrent work in order; the first failure, raised as it is, stops the rest.

    (`asyncio.TaskGroup` would wrap it in a group, which the control flow of a run has no use for.)
    """
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class _Row:
    run: Run
    role: Role
    parent: int
    place: Place
    usage: Usage = field(default_factory=Usage)

    async def make(self, call: Call) -> Reply:
        run = self.run
        try:
            run.budget.reserve_subcall()
        except LimitHit as limit:
            self._open(call)
            return self._close("refused", 0.0, error=str(limit))
        self._open(call)
        stream = Stream(run.recorder, self.place.span)
        began = time.monotonic()
        try:
            completion = await run.stops.within(
                self.place.span,
                lambda: run.complete(
                    self.role, call.request, self.place.span, stream=stream, on_usage=self._spend
                ),
                again=lambda: self._again(stream),
            )
            ranges = await call.sent.ranges() if call.sent else ()
        except LimitHit as limit:
            return self._close("refused", time.monotonic() - began, error=str(limit))
        except ModelError as error:
            stream.flush()
            return self._close("error", time.monotonic() - began, ranges=call.known, error=error.message)
        except Stopped:
            stream.flush()
            return self._close("cancelled", time.monotonic() - began, ranges=call.known, error=STOPPED_CALL)
        except asyncio.CancelledError:
            self._close("cancelled", time.monotonic() - began, ranges=call.known, error="Cancelled.")
            raise
        verdict = call.judge(completion) if call.judge else ""
        return self._close("ok", time.monotonic() - began, completion, ranges, verdict=verdict)

    def _spend(self, usage: Usage) -> None:
        self.usage += usage

    def _again(self, stream: Stream) -> None:
        stream.restart()
        self.run.note(self.place.span, AGAIN)

    def _open(self, call: Call) -> None:
        recorder = self.run.recorder
        recorder.emit(
            CallStarted(
                run=self.run.id,
                span=self.place.span,
                parent=self.parent,
                kind=call.kind,
                label=call.label,
                model=self.role.model.name,
                prompt=recorder.messages(call.request.messages),
                batch=self.place.batch,
                index=self.place.index,
                batch_size=self.place.size,
            )
        )

    def _close(
        self,
        status: CallStatus,
        seconds: float,
        completion: Completion | None = None,
        ranges: tuple[Range, ...] = (),
        *,
        verdict: str = "",
        error: str = "",
    ) -> Reply:
        recorder = self.run.recorder
        recorder.emit(
            CallFinished(
                run=self.run.id,
                span=self.place.span,
                status=status,
                seconds=seconds,
                reply=recorder.keep(completion.text) if completion else "",
                thinking=recorder.keep(completion.thinking) if completion and completion.thinking else "",
                usage=self.usage,
                finish_reason=completion.finish_reason if completion else "error",
                error=error,
                retries=completion.retries if completion else 0,
                verdict=verdict,
                sent=encode_ranges(ranges),
            )
        )
        return Reply(completion, error)
