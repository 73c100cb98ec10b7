"""Turns, cells and calls of a log as the events that open and close their rows.

Each row is given the narrowest stretch of time that holds its own seconds and everything below it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import accumulate

from rlm_desktop.events import (
    AnyEvent,
    CallFinished,
    CallStarted,
    CellFinished,
    CellOutput,
    CellStarted,
    Note,
    TextHash,
    TurnFinished,
    TurnStarted,
    Usage,
    text_hash,
)
from rlm_desktop.reports.log.format import Call, CodeBlock, Iteration, Result
from rlm_desktop.reports.log.meaning import (
    cell_label,
    label_of,
    last_line,
    messages_of,
    micro,
    microseconds,
    name_of,
    repeats,
    seconds_of,
    text_of,
    usage_of,
)

DEEPEST = 30
"""Levels of child RLMs."""
CHUNK = 16 * 1024
"""Characters of one piece of output."""


@dataclass(frozen=True)
class Took:
    """The time a row and those below it took, in microseconds since the epoch, and what they used."""

    begin: int
    end: int
    usage: Usage = field(default_factory=Usage)

    def over(self, other: Took) -> Took:
        """Both together."""
        return Took(min(self.begin, other.begin), max(self.end, other.end), self.usage + other.usage)


class Rows:
    """Collects the rows of one run.

    Args:
        began: When the run began, 0 if the log does not say.

    Attributes:
        events: Every event with its time, in the order of the tree; not numbered yet.
        texts: Every text by hash.
    """

    def __init__(self, began: int) -> None:
        self.events: list[tuple[int, AnyEvent]] = []
        self.texts: dict[TextHash, str] = {}
        self._began = began
        self._spans = 0

    @property
    def latest(self) -> int:
        """The time reached so far; where a log has no times at all, that it was read."""
        return max((moment for moment, _ in self.events), default=0) or self._began or time.time_ns() // 1000

    def turn(self, entry: Iteration, model: str, parent: int = 0, depth: int = 0) -> Took:
        """Add a turn with everything below it.

        Args:
            entry: The turn.
            model: The model of its RLM.
            parent: Span of the row above.
            depth: How many RLMs stand above.

        Raises:
            ValueError: Child RLMs are nested deeper than can be.
        """
        if depth > DEEPEST:
            raise ValueError(f"child RLMs are nested more than {DEEPEST} levels deep")
        span, place = self._open()
        ended = microseconds(entry.timestamp) or self.latest
        own, used_by = usage_of(entry.usage_summary)
        took = Took(ended - micro(entry.iteration_time), ended, own)
        lengths = [micro(block.result.execution_time) if block.result else 0 for block in entry.code_blocks]
        moment, places = ended - sum(lengths), []
        for block, length in zip(entry.code_blocks, lengths, strict=True):
            places.append(len(self.events))
            took = took.over(self._block(block, span, depth, Took(moment, moment + length)))
            moment += length
        self._keep_order(places)
        opening = TurnStarted(
            run="",
            span=span,
            parent=parent,
            number=entry.iteration,
            depth=depth,
            label=label_of(entry.label) if isinstance(entry.label, str) else f"Turn {entry.iteration}",
            model=used_by or (model if entry.prompt else ""),
            prompt=messages_of(entry.prompt, self._keep),
        )
        reply = self._keep_any(text_of(entry.response))
        return self._close(place, opening, TurnFinished(run="", span=span, reply=reply, usage=own), took)

    def _block(self, block: CodeBlock, turn: int, depth: int, own: Took) -> Took:
        """A cell; what it printed to standard error is what makes it a failed one, as in the reference."""
        result = block.result or Result()
        output = result.stdout + result.stderr
        if not block.code and not output:  # calls that no cell made
            return self._calls(result.rlm_calls, turn, depth, own)
        span, place = self._open()
        took = self._calls(result.rlm_calls, span, depth, own)
        for start in range(0, len(result.stderr), CHUNK):
            chunk = result.stderr[start : start + CHUNK]
            self.events.append((took.end, CellOutput(run="", span=span, stream="stderr", chunk=chunk)))
        code, label = self._keep(block.code), cell_label(block.code)
        closing = CellFinished(
            run="",
            span=span,
            status="error" if result.stderr else "ok",
            seconds=seconds_of(result.execution_time),
            output=self._keep_any(output),
            error=last_line(result.stderr),
        )
        return self._close(
            place, CellStarted(run="", span=span, parent=turn, code=code, label=label), closing, took
        )

    def _calls(self, calls: list[Call], parent: int, depth: int, within: Took) -> Took:
        """Calls one after the other if there was time for that, else side by side."""
        in_turn = sum(micro(call.execution_time) for call in calls) <= within.end - within.begin
        moment, took, places = within.begin, within, []
        for index, call in enumerate(calls):
            places.append(len(self.events))
            one = self._call(call, parent, depth, moment, unsure=repeats(calls, index))
            took = took.over(one)
            moment = max(moment, one.end) if in_turn else moment
        self._keep_order(places)
        return took

    def _call(self, call: Call, parent: int, depth: int, begin: int, *, unsure: bool) -> Took:
        span, place = self._open()
        trajectory = call.metadata or None
        took = Took(begin, begin + micro(call.execution_time))
        model = name_of(call.root_model or "")
        if trajectory:
            below = name_of(trajectory.run_metadata.root_model or "") or model
            turns = [self.turn(entry, below, span, depth + 1) for entry in trajectory.iterations]
            for index, turn in enumerate(turns):  # their times are known, that of the call is guessed
                took = took.over(turn) if index else turn
        own = _rest(usage_of(call.usage_summary or None)[0], took.usage, unsure=unsure)
        opening = CallStarted(
            run="",
            span=span,
            parent=parent,
            kind="rlm" if trajectory else "llm",
            label=label_of(text_of(call.prompt)),
            model=model,
            prompt=messages_of(call.prompt, self._keep),
        )
        closing = CallFinished(
            run="",
            span=span,
            status="error" if call.error else "ok",
            seconds=seconds_of(call.execution_time),
            reply=self._keep_any(text_of(call.response)),
            usage=own,
            error=call.error or "",
        )
        return self._close(place, opening, closing, Took(took.begin, took.end, took.usage + own))

    def _open(self) -> tuple[int, int]:
        """A new row's span, and the place of the event that opens it, whose time is known later."""
        self._spans += 1
        self.events.append((0, Note(run="", span=0, text="")))
        return self._spans, len(self.events) - 1

    def _close(self, place: int, opening: AnyEvent, closing: AnyEvent, took: Took) -> Took:
        self.events[place] = (took.begin, opening)
        self.events.append((took.end, closing))
        return took

    def _keep_order(self, places: list[int]) -> None:
        """Let no row begin after the next of its siblings: their order is known, their times are partly guessed."""
        places = [place for place in reversed(places) if place < len(self.events)]
        moments = accumulate((self.events[place][0] for place in places), min)
        for place, moment in list(zip(places, moments, strict=True)):
            self.events[place] = (moment, self.events[place][1])

    def _keep(self, text: str) -> TextHash:
        key = text_hash(text)
        self.texts[key] = text
        return key

    def _keep_any(self, text: str) -> TextHash:
        """Hash of a text that a row need not have."""
        return self._keep(text) if text else ""


def _rest(total: Usage, below: Usage, *, unsure: bool) -> Usage:
    """What a call used itself, where its figure includes what stands below it."""
    cost = total.cost_usd - below.cost_usd
    return Usage(
        max(0, total.prompt_tokens - below.prompt_tokens),
        max(0, total.completion_tokens - below.completion_tokens),
        calls=max(0, total.calls - below.calls),
        cost_usd=cost if cost > 1e-12 else 0.0,
        estimated=unsure,
    )
