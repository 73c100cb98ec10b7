"""The vocabulary: everything that can happen in a run, as immutable, typed events.

Texts that can be long (prompts, code, outputs, replies) are not in the event; the event carries a
`TextHash` and the store keeps each text once. Rows of the tree need no text: a ``label`` is enough.
"""

from __future__ import annotations

from typing import Literal

import msgspec

TextHash = str
"""BLAKE2b-128 of the UTF-8 text, 32 hexadecimal digits."""

RangeText = str
"""Ranges of the documents as one short text (`events.ranges`); those of a child RLM are of its own context."""

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "cancelled", "error"]
RunStatus = Literal["answered", "not_found", "limit", "failed", "cancelled", "interrupted"]
CellStatus = Literal["ok", "error", "timeout", "memory", "crash", "cancelled"]
CallKind = Literal["llm", "rlm", "read"]
CallStatus = Literal["ok", "error", "cancelled", "refused"]
LimitName = Literal["turns", "subcalls", "tokens", "seconds", "cost"]
SandboxLevel = Literal["full", "partial", "none"]


class Usage(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What model calls cost.

    Attributes:
        prompt_tokens: Tokens of the prompts, reused ones included.
        completion_tokens: Tokens generated, reasoning included.
        reused_tokens: Prompt tokens that were not computed again (prefix cache).
        reasoning_tokens: Tokens spent thinking, part of the completion.
        calls: Model calls.
        cost_usd: Price in US dollars; local models cost nothing.
        estimated: Whether a token count was estimated because the model did not state it.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    reused_tokens: int = 0
    reasoning_tokens: int = 0
    calls: int = 0
    cost_usd: float = 0.0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.reused_tokens + other.reused_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.calls + other.calls,
            self.cost_usd + other.cost_usd,
            self.estimated or other.estimated,
        )


class Limits(msgspec.Struct, frozen=True):
    """What a run may spend; ``None`` means no limit. Seconds are wall-clock seconds."""

    turns: int | None = 20
    subcalls: int | None = 200
    tokens: int | None = None
    seconds: float | None = None
    cost_usd: float | None = None
    depth: int = 1


class ModelRef(msgspec.Struct, frozen=True):
    """A model that took part: its role (``root`` or ``sub``), name, and the hash of its file.

    ``host`` is where it ran; empty is this computer.
    """

    role: Literal["root", "sub"]
    name: str
    sha256: str = ""
    host: str = ""


class Source(msgspec.Struct, frozen=True):
    """A document as it was when the run began.

    ``mtime`` is in nanoseconds since the epoch, ``sha256`` covers the bytes of the file.
    """

    path: str
    size: int
    mtime: int
    sha256: str


class MessageRef(msgspec.Struct, frozen=True, gc=False):
    """One message of a prompt, its text by hash."""

    role: Role
    text: TextHash


class Range(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Characters ``[start, end)`` of the document with this index in the run's sources.

    ``ambiguous`` says that the same text stands elsewhere too.
    """

    document: int
    start: int
    end: int
    ambiguous: bool = False


class Citation(msgspec.Struct, frozen=True):
    """A quote and where it stands. Lines count from 1; ``verified`` means found word for word."""

    path: str
    start_line: int
    end_line: int
    quote: str
    verified: bool


class Progress(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How far something has come: so many done, of how many if that is known, and what they are."""

    done: int
    total: int | None = None
    label: str = ""

    @property
    def share(self) -> float | None:
        """What part of it is done, 0 to 1; ``None`` if nobody knows."""
        return min(1.0, self.done / self.total) if self.total else None

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {self.total:,}"
        return f"{self.label} {self.done:,}{of}".lstrip()


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="event"):
    """What every event has.

    Nothing in an event can refer back to it, so that the garbage collector may leave them alone: to look through them
    took two thirds of the time of reading 100,000.

    Attributes:
        run: Id of the run.
        seq: Position in the run, from 1 without gaps; stamped by the recorder.
        time: UTC microseconds since the epoch; stamped by the recorder.
        span: The row of the tree this event speaks of; 0 is the run itself.
        parent: The row above, set on events that open a row.
    """

    run: str
    span: int
    parent: int = 0
    seq: int = 0
    time: int = 0


class RunStarted(Event, frozen=True, tag="run.started"):
    """A question was asked."""

    question: str
    strategy: str
    dialect: str
    prompt_version: str
    models: tuple[ModelRef, ...]
    limits: Limits
    sources: tuple[Source, ...]
    sandbox: SandboxLevel
    program: str
    paths: tuple[str, ...] = ()
    parent_run: str = ""
    session: str = ""


class TurnStarted(Event, frozen=True, tag="turn.started"):
    """A root turn (or a step of a recipe) begins. ``prompt`` is what the model is sent, if it is."""

    number: int
    depth: int
    label: str
    model: str = ""
    prompt: tuple[MessageRef, ...] = ()


class TurnFinished(Event, frozen=True, tag="turn.finished"):
    """The turn ended. ``nudge`` is what the loop told the model to get it back on track.

    ``thinking`` is what the model thought before its reply, ``sent`` what of the documents was put into its prompt.
    """

    reply: TextHash = ""
    thinking: TextHash = ""
    usage: Usage = Usage()
    finish_reason: FinishReason = "stop"
    nudge: str = ""
    error: str = ""
    sent: RangeText = ""


class CellStarted(Event, frozen=True, tag="cell.started"):
    """A cell of code is given to the REPL."""

    code: TextHash
    label: str


class CellOutput(Event, frozen=True, tag="cell.output"):
    """Text a running cell printed."""

    stream: Literal["stdout", "stderr"]
    chunk: str


class CellProgress(Event, frozen=True, tag="cell.progress"):
    """A running cell says how far it has come; at most ~2 a second, only while that changes."""

    progress: Progress


class CellFinished(Event, frozen=True, tag="cell.finished"):
    """The cell ended.

    Attributes:
        status: How it ended.
        seconds: Wall-clock seconds, sub-calls included.
        output: Everything it printed and the value of its last expression.
        restored: Whether the REPL went back to the state before the cell.
        host_calls: Calls of the API the cell made.
        failed_calls: How many of them failed.
        error: Last line of the traceback, or what ended the cell.
        ranges: What older versions stored of what it printed.
        printed: What the model was shown of the documents.
        searched: What `find` and `grep` found in them and no model was shown.
        calls: What it asked the host and was told, for when it is run again (`repl.journal`).
    """

    status: CellStatus
    seconds: float
    output: TextHash = ""
    restored: bool = False
    host_calls: int = 0
    failed_calls: int = 0
    error: str = ""
    ranges: tuple[Range, ...] = ()
    printed: RangeText = ""
    searched: RangeText = ""
    calls: TextHash = ""


class CallStarted(Event, frozen=True, tag="call.started"):
    """A sub-call is dispatched. Calls of one batch share ``batch``, the span of its first call."""

    kind: CallKind
    label: str
    model: str
    prompt: tuple[MessageRef, ...] = ()
    batch: int = 0
    index: int = 0
    batch_size: int = 1


class CallDelta(Event, frozen=True, tag="call.delta"):
    """Text a model generated, for a call or (with the turn's span) for a turn; at most ~10 a second.

    ``anew`` says that the reply begins again: what was streamed before is void.
    """

    chunk: str
    anew: bool = False


class CallFinished(Event, frozen=True, tag="call.finished"):
    """The sub-call ended; a child RLM's own turns and calls carry their own usage.

    ``thinking`` is what the model thought before its reply, ``sent`` what of the documents its prompt or its context
    is made of (``ranges`` in older versions).
    """

    status: CallStatus
    seconds: float
    reply: TextHash = ""
    thinking: TextHash = ""
    usage: Usage = Usage()
    finish_reason: FinishReason = "stop"
    error: str = ""
    retries: int = 0
    memoised: bool = False
    verdict: str = ""
    ranges: tuple[Range, ...] = ()
    sent: RangeText = ""


class LimitReached(Event, frozen=True, tag="limit.reached"):
    """A limit stopped the exploration of the run (span 0) or of the child RLM at a call's row."""

    which: LimitName
    value: float


class Note(Event, frozen=True, tag="note"):
    """Something worth knowing about a row: a hint, a restart, what a worker's crash said."""

    text: str
    level: Literal["info", "warning", "error"] = "info"


class RunFinished(Event, frozen=True, tag="run.finished"):
    """The run ended.

    Attributes:
        status: The outcome.
        answer: The answer's text; for ``not_found`` what was searched.
        evidence: Quotes the answer rests on; empty or unverified means unsupported.
        usage: Totals of the run.
        seconds: Wall-clock seconds.
        error: One sentence of what went wrong.
        hint: One sentence of what to do.
        turns: Turns of the root.
    """

    status: RunStatus
    answer: str = ""
    evidence: tuple[Citation, ...] = ()
    usage: Usage = Usage()
    seconds: float = 0.0
    error: str = ""
    hint: str = ""
    turns: int = 0


AnyEvent = (
    RunStarted
    | TurnStarted
    | TurnFinished
    | CellStarted
    | CellOutput
    | CellProgress
    | CellFinished
    | CallStarted
    | CallDelta
    | CallFinished
    | LimitReached
    | Note
    | RunFinished
)
