"""Entries of a log turned back into the events of a run.

The log has no events, only what came of them: turns with the time they ended, cells and calls with how long they
took. `rows` makes events of them; here they are put into the order of their times, so that the run can be replayed,
between the event the run began with and the one it ended with.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from rlm_desktop import __version__
from rlm_desktop.events import (
    AnyEvent,
    LimitReached,
    Limits,
    ModelRef,
    Note,
    Recording,
    RunFinished,
    RunStarted,
    TurnStarted,
    Usage,
    decode,
    encode,
    sendable,
    stamp,
)
from rlm_desktop.reports.log.format import EXTENSION, IMPORTED, Frame, Iteration, Metadata
from rlm_desktop.reports.log.meaning import LAST_MOMENT, answer_of, microseconds, name_of, question_of
from rlm_desktop.reports.log.rows import Rows

LONGEST_NAME = 5_000
"""Characters of a path, or of the name of a model."""
MOST = 2**53
"""The largest whole number that every reader of JSON takes for itself."""


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
        self._rows = Rows(self._began)
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
        self._rows.turn(entry, self._metadata.root_model or "")

    def recording(self, note: str) -> Recording:
        """The run under an id of its own; ``note`` says what could not be read.

        Raises:
            ValueError: It holds numbers that cannot be kept.
        """
        times = [moment for moment, _ in self._rows.events] or [self._rows.latest]
        begin = min(self._began or times[0], *times)
        finish = self._finish(begin, max(times))
        run = f"{datetime.fromtimestamp(begin / 1e6, UTC):%y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        notes = [f"Imported from {self._name} by RLM Desktop {__version__}.", *([note] if note else [])]
        limit = self._limit()
        end = max([begin, *times, finish.time])
        ordered: list[tuple[int, AnyEvent]] = [
            (begin, self._start()),
            *((begin, Note(run="", span=0, text=text)) for text in notes),
            *sorted(self._rows.events, key=lambda pair: pair[0]),
            *([(end, limit)] if limit else []),
            (end, finish),
        ]
        events = [stamp(replace(event, run=run), at, moment) for at, (moment, event) in enumerate(ordered, 1)]
        if any(decode(encode(event)) != event for event in events):  # what is no number becomes null
            raise ValueError("it holds numbers that are none")
        return Recording(events, self._rows.texts.__getitem__)

    # -- the frame -------------------------------------------------------------------------------

    def _start(self) -> RunStarted:
        if self._frame:
            started = self._frame.started
            return replace(started, program=started.program + IMPORTED)
        about = self._metadata
        root = name_of(about.root_model or "unknown")
        return RunStarted(
            run="",
            span=0,
            question=question_of(self._prompt) or f"(The log {self._name} does not name the question.)",
            strategy="rlm",
            dialect="rlms",
            prompt_version="",
            models=(ModelRef("root", root, host=name_of(about.backend or "an unknown place")),),
            limits=Limits(
                turns=about.max_iterations, subcalls=None, depth=max(0, (about.max_depth or 1) - 1)
            ),
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
        for _, event in self._rows.events:
            usage += getattr(event, "usage", Usage())
        turns = sum(isinstance(event, TurnStarted) and not event.parent for _, event in self._rows.events)
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
        return bool(
            last and not last.code_blocks and last.iteration_time is None and answer_of(last.final_answer)
        )


def _frame(metadata: Metadata) -> Frame | None:
    """What a run of ours wrote of itself, if it did.

    Raises:
        ValueError: It is there and makes no sense.
    """
    kept = (metadata.environment_kwargs or {}).get(EXTENSION)
    if kept is None:
        return None
    frame = msgspec.json.decode(sendable(json.dumps(kept, ensure_ascii=False)), type=Frame)
    events = (frame.started, frame.limit, frame.finished)
    models = frame.started.models
    names = (
        *frame.started.paths,
        *(text for model in models for text in (model.name, model.host, model.sha256)),
    )
    if (
        any(event and (event.span or not 0 <= event.time < LAST_MOMENT) for event in events)
        or (frame.finished and not 0 <= frame.finished.turns < MOST)
        or any(len(name) > LONGEST_NAME for name in names)
    ):
        raise ValueError("what the run says of itself makes no sense")
    return frame
