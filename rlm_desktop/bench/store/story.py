"""A run as real ones are, of any length: turns whose cells ask in batches, with replies that stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from rlm_desktop.events import (
    AnyEvent,
    CallDelta,
    CallFinished,
    CallStarted,
    CellFinished,
    CellOutput,
    CellStarted,
    Limits,
    MessageRef,
    ModelRef,
    RunFinished,
    RunStarted,
    TurnFinished,
    TurnStarted,
    Usage,
)

BATCH = 64
"""Calls in a batch."""
DELTAS = 4
"""Pieces in which each reply streams."""
_MODEL = "qwen2.5-coder-1.5b"
_CODE = "hits = find('the whale', k=64)\nanswers = llm_query_batched([f'What does this say? {hit}' for hit in hits])\n"
_PASSAGE = "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money. " * 12
_REPLY = "It says that the narrator went to sea because he had little money, "


def beginning(run: str, question: str = "What does each passage say of the whale?") -> RunStarted:
    """The question."""
    return RunStarted(
        run=run,
        span=0,
        question=question,
        strategy="rlm",
        dialect="rlm_v1",
        prompt_version="bench",
        models=(ModelRef("root", _MODEL), ModelRef("sub", _MODEL)),
        limits=Limits(turns=None, subcalls=None),
        sources=(),
        sandbox="full",
        program="bench",
        session=run,
    )


def ending(run: str) -> RunFinished:
    """The answer."""
    return RunFinished(
        run=run, span=0, status="answered", answer="The whale is white.", usage=Usage(1, 1, calls=1)
    )


Story = Callable[[str, Callable[[str], str]], Iterator[AnyEvent]]
"""What happens between the first and the last event, see `middle`."""


def turns(run: str, keep: Callable[[str], str]) -> Iterator[AnyEvent]:
    """Turns in which nothing happens, without end: no run has more rows for as many events, all of them at the top.

    Args:
        run: Its id.
        keep: Takes a long text and gives its hash.
    """
    prompt = (MessageRef("system", keep("Answer by writing code.")),)
    for number in count(1):
        yield TurnStarted(
            run=run, span=number, number=number, depth=0, label=f"Turn {number}", model=_MODEL, prompt=prompt
        )
        yield TurnFinished(
            run=run,
            span=number,
            reply=keep(f"Reply of turn {number}"),
            usage=Usage(2_000, 150, 1_900, calls=1),
        )


def middle(run: str, keep: Callable[[str], str]) -> Iterator[AnyEvent]:
    """Turn after turn, without end.

    Args:
        run: Its id.
        keep: Takes a long text and gives its hash.
    """
    spans = count(1)
    for number in count(1):
        turn, cell = next(spans), next(spans)
        system = MessageRef("system", keep("Answer by writing code."))
        prompt = (system, MessageRef("user", keep(f"Turn {number}: what next?")))
        yield TurnStarted(
            run=run, span=turn, number=number, depth=0, label=f"Turn {number}", model=_MODEL, prompt=prompt
        )
        yield CellStarted(
            run=run, span=cell, parent=turn, code=keep(f"# {number}\n{_CODE}"), label="find('the whale')"
        )
        yield from _batch(run, cell, number, keep, spans)
        yield CellOutput(run=run, span=cell, stream="stdout", chunk=f"{BATCH} answers\n")
        yield CellFinished(
            run=run, span=cell, status="ok", seconds=1.5, output=keep(f"{BATCH} answers of turn {number}\n")
        )
        usage = Usage(2_000 + number, 150, 1_900, calls=1)
        yield TurnFinished(run=run, span=turn, reply=keep(f"Reply of turn {number}"), usage=usage)


def _batch(
    run: str, cell: int, number: int, keep: Callable[[str], str], spans: Iterator[int]
) -> Iterator[AnyEvent]:
    """Calls that run together: each says something in its turn."""
    calls = [next(spans) for _ in range(BATCH)]
    for index, span in enumerate(calls):
        yield CallStarted(
            run=run, span=span, parent=cell, kind="llm", label=f"Passage {index + 1} of turn {number}",
            model=_MODEL, prompt=(MessageRef("user", keep(f"{number}.{index}: {_PASSAGE}")),),
            batch=calls[0], index=index, batch_size=BATCH,
        )  # fmt: skip
    for _ in range(DELTAS):
        for span in calls:
            yield CallDelta(run=run, span=span, chunk=_REPLY)
    for index, span in enumerate(calls):
        yield CallFinished(
            run=run, span=span, status="ok", seconds=1.0, reply=keep(f"{number}.{index}: {_REPLY * DELTAS}"),
            usage=Usage(300, 40, 120, calls=1),
        )  # fmt: skip
