"""What was asked before, and what it took."""

from __future__ import annotations

import msgspec

from rlm_desktop.events import LimitReached, Limits, ModelRef, Source, Usage
from rlm_desktop.store import Store
from tests.store.conftest import finished, put, started


def ended(store: Store, run: str, question: str = "why?", *, time: int = 1, **end: object) -> None:
    sources = (Source("/a", 300, 0, ""), Source("/b", 700, 0, ""))
    models = (ModelRef("root", "m"), ModelRef("sub", "s"))
    store.append(started(run, question, time=time, sources=sources, models=models, limits=Limits(turns=3)))
    last = msgspec.structs.replace(finished(run), turns=4, usage=Usage(90, 8), **end)
    if last.status == "limit":
        store.append(LimitReached(run=run, span=0, seq=2, time=time, which="turns", value=3))
        last = msgspec.structs.replace(last, seq=3)
    store.append(last)


def test_runs_with_the_same_means_tell_what_they_took(store: Store) -> None:
    ended(store, "r1", time=1)
    ended(store, "r2", "who?", time=2, status="limit")
    newest, oldest = store.precedents("m", "s", "rlm", 9)
    assert (newest.question, newest.limit, newest.limits) == ("who?", "turns", Limits(turns=3))
    assert (oldest.question, oldest.limit, oldest.paths) == ("why?", "", ("/a",))
    assert (oldest.size, oldest.seconds, oldest.turns, oldest.usage) == (1000, 2.0, 4, Usage(90, 8))
    assert len(store.precedents("m", "s", "rlm", 1)) == 1


def test_runs_with_other_means_or_no_end_of_their_own_tell_nothing(store: Store) -> None:
    ended(store, "r1", status="failed")
    ended(store, "r2", status="cancelled")
    ended(store, "r3")
    put(store, "going")
    store.delete("r3")
    assert store.precedents("m", "s", "rlm", 9) == []
    ended(store, "r4")
    for means in (("other", "s", "rlm"), ("m", "m", "rlm"), ("m", "s", "guided")):
        assert store.precedents(*means, 9) == []


def test_each_question_is_listed_once_the_last_first(store: Store) -> None:
    for time, question in enumerate(("a", "long " * 200, "b", "a", "gone"), 1):
        ended(store, f"r{time}", question, time=time)
    store.delete("r5")
    assert store.questions(9) == ["a", "b", "long " * 200]
    assert store.questions(1) == ["a"]
