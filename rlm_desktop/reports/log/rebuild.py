"""Entries of a log turned back into the events of a run.

The log has no events, only what came of them: turns with the time they ended, cells and calls with how long they
took. Each row is given the narrowest stretch of time that holds its own seconds and everything below it; the events
are then put into the order of their times, so that the run can be replayed.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from rlm_desktop import __version__
from rlm_desktop.events import (
    AnyEvent,
    CallFinished,
    CallStarted,
    CellFinished,
    CellOutput,
    CellStarted,
    LimitReached,
    Limits,
    ModelRef,
    Note,
    Recording,
    RunFinished,
    RunStarted,
    TextHash,
    TurnFinished,
    TurnStarted,
    Usage,
    sendable,
    text_hash,
)
from rlm_desktop.reports.log.format import (
    EXTENSION,
    IMPORTED,
    Call,
    CodeBlock,
    Frame,
    Iteration,
    Metadata,
    Result,
)
from rlm_desktop.reports.log.meaning import (
    answer_of,
    cell_label,
    label_of,
    last_line,
    messages_of,
    microseconds,
    question_of,
    repeats,
    text_of,
    usage_of,
)

DEEPEST = 30
"""Levels of child RLMs."""
CHUNK = 16 * 1024
"""Characters of one piece of output."""


class Rebuilt:
    """One run, rebuilt entry by entry.

    Args:
        metadata: The entry that precedes the run.
        name: Name of the file.
        first: Whether the metadata was written for this run and not for an earlier one of its session.
    """

    def __init__(self, metadata: Metadata, name: str, *, first: bool = True) -> None:
        self._metadata = metadata
        self._name = name
        self._frame = _frame(metadata) if first else None
        self._began = microseconds(metadata.timestamp) if first else 0
        self._events: list[tuple[int, AnyEvent]] = []
        self._texts: dict[TextHash, str] = {}
        self._spans = 0
        self._number = 0
        self._last: Iteration | None = None
        self._prompt: Any = None

    @property
    def empty(self) -> bool:
        """Whether nothing is known of it."""
        return self._last is None and self._frame is None

    def continues(self, entry: Iteration) -> bool:
        """Whether a turn belongs to this run: their numbers begin anew with each question of a session."""
        return entry.iteration > self._number

    def add(self, entry: Iteration) -> None:
        """Take in the next turn.

        Raises:
            ValueError: It cannot be a turn of this run.
        """
        if self._last is None:
            self._prompt = entry.prompt
        self._number, self._last = entry.iteration, entry
        self._turn(entry, 0, 0, self._metadata.root_model or "")

    def recording(self, note: str) -> Recording:
        """The run under an id of its own; ``note`` says what could not be read."""
        times = [moment for moment, _ in self._events] or [self._began]
        begin = min([self._began, *times]) if self._began else min(times)
        begin = begin or time.time_ns() // 1000
        finish = self._finish(begin, max(times))
        run = f"{datetime.fromtimestamp(begin / 1e6, UTC):%y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        notes = [f"Imported from {self._name} by RLM Desktop {__version__}.", *([note] if note else [])]
        limit = self._limit()
        end = max([begin, *times, finish.time])
        ordered = [
            (begin, self._start()),
            *((begin, Note(run="", span=0, text=text)) for text in notes),
            *sorted(self._events, key=lambda pair: pair[0]),
            *([(end, limit)] if limit else []),
            (end, finish),
        ]
        events = [_stamped(event, run, at, moment) for at, (moment, event) in enumerate(ordered, 1)]
        return Recording(events, self._texts.__getitem__)

    # -- the frame -------------------------------------------------------------------------------

    def _start(self) -> RunStarted:
        if self._frame:
            started = self._frame.started
            return replace(started, program=started.program + IMPORTED)
        about = self._metadata
        root = sendable(about.root_model or "unknown")
        return RunStarted(
            run="",
            span=0,
            question=question_of(self._prompt) or f"(The log {self._name} does not name the question.)",
            strategy="rlm",
            dialect="rlms",
            prompt_version="",
            models=(ModelRef("root", root, host=sendable(about.backend or "an unknown place")),),
            limits=Limits(turns=about.max_iterations, subcalls=None, depth=max(0, (about.max_depth or 1) - 1)),
            sources=(),
            sandbox="none",
            program=f"rlms{IMPORTED}",
        )

    def _limit(self) -> LimitReached | None:
        if self._frame:
            return self._frame.limit
        if not self._forced():
            return None
        value = float(self._metadata.max_iterations or self._number)
        return LimitReached(run="", span=0, which="turns", value=value)

    def _finish(self, begin: int, end: int) -> RunFinished:
        if self._frame and self._frame.finished:
            return self._frame.finished
        answer = answer_of(self._last.final_answer) if self._last else ""
        usage = Usage()
        for _, event in self._events:
            usage += getattr(event, "usage", Usage())
        turns = sum(isinstance(event, TurnStarted) and not event.parent for _, event in self._events)
        return RunFinished(
            run="",
            span=0,
            status="interrupted" if not answer else "limit" if self._forced() else "answered",
            answer=answer,
            usage=usage,
            seconds=(end - begin) / 1e6,
            error="" if answer else "The log ends without an answer.",
            turns=turns,
        )

    def _forced(self) -> bool:
        """Whether the last turn is the answer the reference asks for when its turns are used up."""
        last = self._last
        return bool(last and not last.code_blocks and last.iteration_time is None and answer_of(last.final_answer))

    # -- rows: each gives the stretch of time it takes and what it and those below used --------------

    def _turn(self, entry: Iteration, parent: int, depth: int, model: str) -> tuple[int, int, Usage]:
        if depth > DEEPEST:
            raise ValueError(f"child RLMs are nested more than {DEEPEST} levels deep")
        span, place = self._open()
        ended = microseconds(entry.timestamp) or self._latest()
        seconds = entry.iteration_time or 0.0
        own, used_by = usage_of(entry.usage_summary)
        begin, used = ended - _micro(seconds), own
        lengths = [_micro(block.result.execution_time or 0.0) if block.result else 0 for block in entry.code_blocks]
        moment, places = ended - sum(lengths), []
        for block, length in zip(entry.code_blocks, lengths, strict=True):
            places.append(len(self._events))
            start, end, below = self._block(block, span, depth, moment, length)
            begin, ended, moment, used = min(begin, start), max(ended, end), moment + length, used + below
        self._keep_order(places)
        self._close(
            place,
            TurnStarted(
                run="",
                span=span,
                parent=parent,
                number=entry.iteration,
                depth=depth,
                label=entry.label if isinstance(entry.label, str) else f"Turn {entry.iteration}",
                model=used_by or (model if entry.prompt else ""),
                prompt=messages_of(entry.prompt, self._keep),
            ),
            begin,
            TurnFinished(run="", span=span, reply=self._keep(text_of(entry.response)), usage=own),
            ended,
        )
        return begin, ended, used

    def _block(
        self, block: CodeBlock, turn: int, depth: int, begin: int, length: int
    ) -> tuple[int, int, Usage]:
        """A cell; what it printed to standard error is what makes it a failed one, as in the reference."""
        result = block.result or Result()
        output = result.stdout + result.stderr
        if not block.code and not output:  # calls that no cell made
            return self._calls(result.rlm_calls, turn, depth, begin, 0)
        span, place = self._open()
        first, last, used = self._calls(result.rlm_calls, span, depth, begin, length)
        begin, end = min(first, begin), max(last, begin + length)
        for start in range(0, len(result.stderr), CHUNK):
            chunk = result.stderr[start : start + CHUNK]
            self._events.append((end, CellOutput(run="", span=span, stream="stderr", chunk=chunk)))
        self._close(
            place,
            CellStarted(run="", span=span, parent=turn, code=self._keep(block.code), label=cell_label(block.code)),
            begin,
            CellFinished(
                run="",
                span=span,
                status="error" if result.stderr else "ok",
                seconds=result.execution_time or 0.0,
                output=self._keep(output),
                error=last_line(result.stderr),
            ),
            end,
        )
        return begin, end, used

    def _calls(
        self, calls: list[Call], parent: int, depth: int, begin: int, length: int
    ) -> tuple[int, int, Usage]:
        """Calls one after the other if there was time for that, else side by side."""
        lengths = [_micro(call.execution_time or 0.0) for call in calls]
        in_turn = sum(lengths) <= length
        moment, first, last, used = begin, begin, begin, Usage()
        places = []
        for index, call in enumerate(calls):
            places.append(len(self._events))
            start, end, below = self._call(call, parent, depth, moment, repeats(calls, index))
            first, last, used = min(first, start), max(last, end), used + below
            moment = max(moment, end) if in_turn else begin
        self._keep_order(places)
        return first, last, used

    def _call(
        self, call: Call, parent: int, depth: int, begin: int, unsure: bool
    ) -> tuple[int, int, Usage]:
        span, place = self._open()
        trajectory = call.metadata or None
        end = begin + _micro(call.execution_time or 0.0)
        below = Usage()
        model = call.root_model or ""
        turns = [
            self._turn(entry, span, depth + 1, trajectory.run_metadata.root_model or model)
            for entry in (trajectory.iterations if trajectory else ())
        ]
        if turns:
            end = max(turn_end for _, turn_end, _ in turns)
            begin = min(end - _micro(call.execution_time or 0.0), *(start for start, _, _ in turns), end)
        for _, _, used in turns:
            below += used
        total, _ = usage_of(call.usage_summary or None)
        own = _rest(total, below, unsure)
        prompt = call.prompt
        self._close(
            place,
            CallStarted(
                run="",
                span=span,
                parent=parent,
                kind="rlm" if trajectory else "llm",
                label=label_of(text_of(prompt)) or "(empty prompt)",
                model=model,
                prompt=messages_of(prompt, self._keep),
            ),
            begin,
            CallFinished(
                run="",
                span=span,
                status="error" if call.error else "ok",
                seconds=call.execution_time or 0.0,
                reply=self._keep(text_of(call.response)),
                usage=own,
                error=call.error or "",
            ),
            end,
        )
        return begin, end, own + below

    # -- bookkeeping -----------------------------------------------------------------------------

    def _open(self) -> tuple[int, int]:
        """A new row's span, and the place of the event that opens it, whose time is known later."""
        self._spans += 1
        self._events.append((0, Note(run="", span=0, text="")))
        return self._spans, len(self._events) - 1

    def _close(self, place: int, opening: AnyEvent, begin: int, closing: AnyEvent, end: int) -> None:
        self._events[place] = (begin, opening)
        self._events.append((end, closing))

    def _keep_order(self, places: list[int]) -> None:
        """Let no row begin after the next of its siblings: their order is known, their times are partly guessed."""
        earliest = None
        for place in reversed([place for place in places if place < len(self._events)]):
            moment, event = self._events[place]
            earliest = moment if earliest is None else min(earliest, moment)
            self._events[place] = (earliest, event)

    def _latest(self) -> int:
        return max((moment for moment, _ in self._events), default=self._began)

    def _keep(self, text: str) -> TextHash:
        if not text:
            return ""
        key = text_hash(text)
        self._texts[key] = text
        return key


def _frame(metadata: Metadata) -> Frame | None:
    """What a run of ours wrote of itself, if it did.

    Raises:
        ValueError: It is there and makes no sense.
    """
    kept = (metadata.environment_kwargs or {}).get(EXTENSION)
    if kept is None:
        return None
    return msgspec.convert(kept, Frame)


def _stamped(event: AnyEvent, run: str, seq: int, moment: int) -> AnyEvent:
    texts = {
        name: sendable(value)
        for name in event.__struct_fields__
        if isinstance(value := getattr(event, name), str)
    }
    return replace(event, **{**texts, "run": run}, seq=seq, time=moment)


def _micro(seconds: float) -> int:
    """Seconds in microseconds; what is no length of time is none."""
    return round(seconds * 1e6) if 0 <= seconds < 1e9 else 0


def _rest(total: Usage, below: Usage, unsure: bool) -> Usage:
    """What a call used itself, where its figure includes what stands below it."""
    cost = total.cost_usd - below.cost_usd
    return Usage(
        max(0, total.prompt_tokens - below.prompt_tokens),
        max(0, total.completion_tokens - below.completion_tokens),
        calls=max(0, total.calls - below.calls),
        cost_usd=cost if cost > 1e-12 else 0.0,
        estimated=unsure,
    )
