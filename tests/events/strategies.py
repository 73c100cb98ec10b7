"""Random events, and random logs that a real run could have written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import msgspec

from rlm_desktop.events import (
    AnyEvent,
    CallDelta,
    CallFinished,
    CallStarted,
    CellFinished,
    CellOutput,
    CellProgress,
    CellStarted,
    LimitReached,
    Limits,
    Note,
    Progress,
    RunFinished,
    RunStarted,
    TurnFinished,
    TurnStarted,
    Usage,
)

EVENT_TYPES: tuple[type[AnyEvent], ...] = AnyEvent.__args__  # type: ignore[attr-defined]

COUNTS = st.integers(0, 10**6)
USAGES = st.builds(
    Usage,
    prompt_tokens=COUNTS,
    completion_tokens=COUNTS,
    reused_tokens=COUNTS,
    reasoning_tokens=COUNTS,
    calls=st.integers(0, 3),
    # binary fractions: their sums are exact in any order
    cost_usd=st.integers(0, 2**20).map(lambda units: units / 2**20),
    estimated=st.booleans(),
)


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type, structs inside it included."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return st.builds(kind, **{one.name: anything(one.type) for one in msgspec.structs.fields(kind)})
    if kind is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if kind is int:
        return st.integers(-(2**63), 2**64 - 1)
    arguments = getattr(kind, "__args__", ())
    if getattr(kind, "__origin__", None) is tuple:
        return st.lists(anything(arguments[0]), max_size=3).map(tuple)
    if type(None) in arguments:
        return st.one_of(*(anything(one) for one in arguments))
    return st.from_type(kind)


def events() -> st.SearchStrategy[AnyEvent]:
    """Any event of any type, every field drawn."""
    return st.one_of(*(anything(kind) for kind in EVENT_TYPES))


@dataclass
class Writer:
    """Writes a log as the recorder does: numbered without gaps, a new span for each row."""

    log: list[AnyEvent] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)
    open: list[int] = field(default_factory=list)
    spans: int = 0

    def write(self, event: type[AnyEvent], span: int, **fields: Any) -> None:
        number = len(self.log) + 1
        self.log.append(event(run="r1", span=span, seq=number, time=1000 + number, **fields))

    def begin(self, event: type[AnyEvent], row: str, parent: int, **fields: Any) -> None:
        self.spans += 1
        self.kinds[self.spans] = row
        self.open.append(self.spans)
        self.write(event, self.spans, parent=parent, **fields)

    def of(self, *rows: str) -> list[int]:
        return [span for span, row in self.kinds.items() if row in rows]

    def still_open(self, row: str) -> list[int]:
        return [span for span in self.open if self.kinds[span] == row]


def start(writer: Writer) -> None:
    """The event every log begins with."""
    writer.kinds[0] = "run"
    writer.write(
        RunStarted,
        0,
        question="What?",
        strategy="rlm",
        dialect="rlm-v1",
        prompt_version="1",
        models=(),
        limits=Limits(),
        sources=(),
        sandbox="full",
        program="0.1.0",
    )


_STREAMS = (("output", "cell"), ("progress", "cell"), ("delta", "call"))


def _step(draw: st.DrawFn, writer: Writer) -> None:
    """One thing that can happen next."""
    starting = {"turn": ("run", "call"), "cell": ("turn",), "call": ("turn", "cell")}
    happenings = [name for name, parents in starting.items() if writer.of(*parents)]
    happenings += [f"end {row}" for row in starting if writer.still_open(row)]
    happenings += [name for name, row in _STREAMS if writer.still_open(row)]
    match draw(st.sampled_from([*happenings, "note", "limit"])):
        case "turn":
            parent = draw(st.sampled_from(writer.of("run", "call")))
            writer.begin(TurnStarted, "turn", parent, number=1, depth=0, label="turn")
        case "cell":
            writer.begin(
                CellStarted, "cell", draw(st.sampled_from(writer.of("turn"))), code="c0de", label="x = 1"
            )
        case "call":
            parent = draw(st.sampled_from(writer.of("turn", "cell")))
            size = draw(st.sampled_from([1, 1, 2, 4, 9]))
            batch = writer.spans + 1 if size > 1 else 0
            for _ in range(draw(st.integers(1, size))):  # a batch may be cut short before all of it has begun
                writer.begin(
                    CallStarted, "call", parent, kind=draw(st.sampled_from(["llm", "rlm"])), label="q", model="m",
                    batch=batch, batch_size=size,
                )  # fmt: skip
        case "note":
            writer.write(Note, draw(st.sampled_from(sorted(writer.kinds))), text="note")
        case "limit":
            writer.write(
                LimitReached, draw(st.sampled_from(writer.of("run", "call"))), which="turns", value=20
            )
        case "output":
            writer.write(
                CellOutput, draw(st.sampled_from(writer.still_open("cell"))), stream="stdout", chunk="out"
            )
        case "progress":
            progress = Progress(draw(COUNTS), draw(st.none() | COUNTS), "pages")
            writer.write(CellProgress, draw(st.sampled_from(writer.still_open("cell"))), progress=progress)
        case "delta":
            call = draw(st.sampled_from(writer.still_open("call")))
            writer.write(CallDelta, call, chunk="piece", anew=draw(st.booleans()))
        case ending:
            _end(draw, writer, ending.removeprefix("end "))


def _end(draw: st.DrawFn, writer: Writer, row: str) -> None:
    span = draw(st.sampled_from(writer.still_open(row)))
    writer.open.remove(span)
    if row == "turn":
        writer.write(
            TurnFinished, span, usage=draw(USAGES), reply="aa", error=draw(st.sampled_from(["", "down"]))
        )
    elif row == "cell":
        writer.write(CellFinished, span, status=draw(st.sampled_from(["ok", "error", "crash"])), seconds=0.5)
    else:
        status = draw(st.sampled_from(["ok", "error", "cancelled", "refused"]))
        writer.write(CallFinished, span, usage=draw(USAGES), status=status, seconds=0.5)


@st.composite
def logs(draw: st.DrawFn, *, finished: bool | None = None) -> list[AnyEvent]:
    """The events of a run, complete or cut short, in an order that can happen."""
    writer = Writer()
    start(writer)
    for _ in range(draw(st.integers(0, 40))):
        _step(draw, writer)
    if draw(st.booleans()) if finished is None else finished:
        writer.write(
            RunFinished, 0, status=draw(st.sampled_from(["answered", "cancelled", "failed", "limit"]))
        )
    return writer.log
