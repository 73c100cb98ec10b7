"""A store, and small runs to put into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rlm_desktop.events import (
    CellFinished,
    CellStarted,
    Citation,
    Limits,
    ModelRef,
    RunFinished,
    RunStarted,
    TurnStarted,
    Usage,
    text_hash,
)
from rlm_desktop.store import Store


def started(run: str = "r1", question: str = "why?", **more: Any) -> RunStarted:
    event = RunStarted(
        run=run, span=0, seq=1, time=1_000_000, question=question, strategy="rlm", dialect="rlm-v1",
        prompt_version="1", models=(ModelRef("root", "m", "00"),), limits=Limits(), sources=(),
        sandbox="partial", program="0", paths=("/a",),
    )  # fmt: skip
    return msgspec.structs.replace(event, **more)


def finished(run: str = "r1", seq: int = 2, answer: str = "because") -> RunFinished:
    return RunFinished(
        run=run, span=0, seq=seq, time=3_000_000, status="answered", answer=answer,
        evidence=(Citation("/a", 1, 2, "q", True),), usage=Usage(1, 2), seconds=2.0,
    )  # fmt: skip


def put(store: Store, run: str, *texts: str, question: str = "why?", time: int = 1_000_000) -> None:
    """A run that is going, with a cell of each code."""
    store.append(started(run, question, time=time))
    store.append(TurnStarted(run=run, span=1, seq=2, time=2, number=1, depth=0, label="t"))
    for seq, text in enumerate(texts, start=3):
        event = CellStarted(run=run, span=seq, parent=1, seq=seq, time=seq, code=text_hash(text), label="c")
        store.append(event, {event.code: text})


def put_whole(
    store: Store,
    run: str,
    question: str = "why?",
    code: str = "",
    output: str = "",
    answer: str = "",
    time: int = 1,
) -> None:
    """A run that has ended, with one cell in row 2."""
    events = (
        started(run, question, time=time),
        TurnStarted(run=run, span=1, seq=2, time=2, number=1, depth=0, label="t"),
        CellStarted(run=run, span=2, parent=1, seq=3, time=3, code=text_hash(code), label="c"),
        CellFinished(run=run, span=2, seq=4, time=4, status="ok", seconds=0.1, output=text_hash(output)),
        finished(run, 5, answer),
    )
    for event in events:
        store.append(event, {text_hash(text): text for text in (code, output)})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store.db", tmp_path) as opened:
        yield opened
