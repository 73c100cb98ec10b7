"""Which cells of a session a new REPL has to run, from events alone."""

from __future__ import annotations

from typing import Any

import pytest

from rlm_desktop.documents.corpus import Document
from rlm_desktop.engine.past import CHANGED, DELETED, GONE, NOT_RECORDED, past_of
from rlm_desktop.events import (
    AnyEvent,
    CellFinished,
    CellStarted,
    Limits,
    Note,
    Recording,
    RunStarted,
    Source,
    TurnStarted,
)
from rlm_desktop.repl.journal import CellRecord, Grown, PastCell, encode
from rlm_desktop.repl.results import LOST, UNDONE

A, B = (Source(f"/{name}.txt", 5, 1, name * 64) for name in "ab")
DOCUMENTS = [Document(n, source.path, source.path[1:], 5, 1, "utf-8") for n, source in enumerate((A, B))]
RECORD = encode(CellRecord(seconds=2.0))


def started(run: str, parent: str = "", sources: tuple[Source, ...] = (A,)) -> RunStarted:
    return RunStarted(
        run=run,
        span=0,
        question="?",
        strategy="rlm",
        dialect="",
        prompt_version="",
        models=(),
        limits=Limits(),
        sources=sources,
        sandbox="partial",
        program="",
        paths=tuple(source.path for source in sources),
        parent_run=parent,
        session="one",
    )


class Log:
    """Writes the events of a run; a text is its own hash."""

    def __init__(self, run: str, parent: str = "", sources: tuple[Source, ...] = (A,)) -> None:
        self.run = run
        self.events: list[AnyEvent] = [started(run, parent, sources)]
        self.spans = 0

    def note(self, text: str) -> Log:
        self.events.append(Note(run=self.run, span=0, text=text))
        return self

    def cell(self, code: str, status: Any = "ok", *, depth: int = 0, **fields: Any) -> Log:
        turn, cell = self.spans + 1, self.spans + 2
        self.spans += 2
        self.events += [
            TurnStarted(run=self.run, span=turn, parent=0, number=1, depth=depth, label=""),
            CellStarted(run=self.run, span=cell, parent=turn, code=code, label=""),
            CellFinished(run=self.run, span=cell, status=status, seconds=9.0, **{"calls": RECORD, **fields}),
        ]
        return self

    @property
    def recording(self) -> Recording:
        return Recording(self.events, str)


def codes(*logs: Log, now: RunStarted | None = None) -> list[str]:
    past = past_of([log.recording for log in logs], now or started("now"), DOCUMENTS)
    assert not past.lost, past.lost
    return [step.code if isinstance(step, PastCell) else "+" * len(step.files) for step in past.steps]


def lost(*logs: Log, now: RunStarted | None = None) -> str:
    past = past_of([log.recording for log in logs], now or started("now"), DOCUMENTS)
    assert past.steps == ()
    return past.lost


def test_cells_whose_effects_stayed_are_run_in_their_order() -> None:
    one = Log("one").cell("a").cell("b", "error").cell("c", "memory")
    one.cell("d", "memory", restored=True).cell("e", "timeout", restored=True).cell("f", "cancelled")
    two = Log("two", "one").cell("g").cell("a child's", depth=1)
    assert codes(one, two) == ["a", "b", "c", "g"]
    past = past_of([one.recording, two.recording], started("now"), DOCUMENTS)
    assert (past.seconds, past.kind, past.documents, past.before) == (8.0, "str", 1, 1)


@pytest.mark.parametrize("status", ["ok", "crash"])
def test_what_was_lost_is_not_run(status: str) -> None:
    log = Log("one").cell("a").cell("b", status, error=f"It died. {LOST}").cell("c")
    assert codes(log) == (["b", "c"] if status == "ok" else ["c"])


def test_what_was_undone_is_not_run() -> None:
    assert codes(Log("one").cell("a").cell("b").cell("c", error=UNDONE)) == ["a", "c"]


@pytest.mark.parametrize("text", [GONE, f"{GONE} {CHANGED}", f"Something. {LOST}"])
def test_a_repl_that_was_a_new_one_had_nothing(text: str) -> None:
    one, two = Log("one").cell("a", calls="", host_calls=1), Log("two", "one").note(text).cell("b")
    assert codes(one, two) == ["b"]
    assert codes(Log("one").cell("a"), Log("two", "one").note("Anything else.").cell("b")) == ["a", "b"]


def test_documents_come_where_they_came() -> None:
    one, two = Log("one").cell("a"), Log("two", "one", (A, B)).cell("b")
    assert codes(one, two, now=started("now", sources=(A, B))) == ["a", "+", "b"]
    assert codes(one, now=started("now", sources=(A, B))) == ["a", "+"]
    past = past_of([one.recording, two.recording], started("now", sources=(A, B)), DOCUMENTS)
    assert (past.kind, past.documents, past.before) == ("str", 1, 2)
    assert [step.files[0].path for step in past.steps if isinstance(step, Grown)] == ["/b.txt"]
    both = Log("one", sources=(A, B)).cell("a")
    assert past_of([both.recording], started("now", sources=(A, B)), DOCUMENTS).kind == "list"
    late = Log("two", "one", (A, B)).note(GONE).cell("b")
    past = past_of([one.recording, late.recording], started("now", sources=(A, B)), DOCUMENTS)
    assert (past.kind, past.documents, len(past.steps)) == ("list", 2, 1)


def test_other_documents_are_another_repl() -> None:
    one, two = Log("one").cell("a"), Log("two", "one", (B,)).cell("b")
    assert codes(one, two, now=started("now", sources=(B,))) == ["b"]
    assert lost(one, two) == CHANGED
    assert lost(Log("one", sources=(A, B)).cell("a")) == CHANGED


def test_what_cannot_be_run_is_said() -> None:
    asking = Log("one").cell("a", calls="", host_calls=1)
    assert lost(asking) == NOT_RECORDED
    assert codes(Log("one").cell("a", calls="")) == ["a"]
    assert lost(Log("two", "one").cell("a")) == DELETED
    assert lost(Log("two", "one")) == DELETED
    assert lost(Log("two", "one"), Log("three", "two").cell("a")) == DELETED


def test_a_session_without_cells_has_lost_nothing() -> None:
    assert codes() == []
    assert codes(Log("one")) == []
    assert codes(Log("one"), now=started("now", sources=(B,))) == []
