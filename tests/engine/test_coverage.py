"""How much of each document was read, and what documents are called."""

from __future__ import annotations

import msgspec

from rlm_desktop.engine.coverage import Share, names_of, shares
from rlm_desktop.events import (
    AnyEvent,
    CellFinished,
    CellStarted,
    Limits,
    RunStarted,
    Source,
    TurnStarted,
    fold,
)

START = RunStarted(
    run="r",
    span=0,
    seq=1,
    question="?",
    strategy="rlm",
    dialect="rlm-v1",
    prompt_version="1",
    models=(),
    limits=Limits(),
    sources=tuple(Source(f"/d/{name}", size, 0, "") for name, size in (("a", 100), ("b", 50), ("c", 10))),
    sandbox="full",
    program="0",
    paths=("/d",),
)
EVENTS: list[AnyEvent] = [
    START,
    TurnStarted(run="r", span=1, seq=2, number=1, depth=0, label="Turn 1"),
    CellStarted(run="r", span=2, parent=1, seq=3, code="", label="x"),
    CellFinished(run="r", span=2, seq=4, status="ok", seconds=1, printed="0:10+30;1:0+40", searched="2:0+9"),
]


def test_what_was_shown_counts_and_what_was_only_found_does_not() -> None:
    assert shares(fold(EVENTS), [80, 40, None]) == [
        Share("a", "/d/a", 30, 80),
        Share("b", "/d/b", 40, 40),
        Share("c", "/d/c", 0, 10),
    ]
    assert [share.part for share in shares(fold(EVENTS), [80, 40, None])] == ["part", "whole", "none"]


def test_a_name_begins_with_its_folder_only_among_several() -> None:
    assert names_of(START) == ["a", "b", "c"]
    assert names_of(msgspec.structs.replace(START, paths=("/d", "/e"))) == ["d/a", "d/b", "d/c"]
    assert names_of(msgspec.structs.replace(START, paths=("/d/a", "/d/b", "/d/c"))) == ["a", "b", "c"]
