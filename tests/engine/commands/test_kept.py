"""A stored run is folded off the loop, once for all that is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine.commands import kept as module
from rlm_desktop.engine.commands.kept import Kept
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.recordings import SAMPLE
from rlm_desktop.errors import UserError
from rlm_desktop.events import AnyEvent, RunState
from tests.engine.test_commands import FOX, finished
from tests.engine.test_server import engine
from tests.store.conftest import finished as end
from tests.store.conftest import started

Script = Callable[[dict[str, Any]], str]


async def test_what_comes_together_is_answered_from_one_folding(
    home: Path, document: Path, script: Script
) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
    async with engine(home) as front:  # to which nothing of it is known
        numbers = [
            front.send("timeline", run=run), front.send("state", run=run), front.send("replay", run=run, at=2**40),
            front.send("state", run=run, at=2),
        ]  # fmt: skip
        timeline, now, end, early = [(await front.answer(number))["ok"] for number in numbers]
        assert now["run"] == end["run"] and now["run"]["status"] == "answered"
        assert now["total"] + 1 <= timeline["total"] and early["run"]["status"] == "running"


async def test_a_run_is_folded_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[int] = []
    fold = module.fold
    monkeypatch.setattr(module, "fold", lambda events: folded.append(1) or fold(events))
    host = Engine(Settings(home), lambda *_: None, lambda _: None)
    try:
        kept = Kept(host)
        states = await asyncio.gather(*(kept.now(SAMPLE) for _ in range(3)))
        assert len(folded) == 1 and len({id(state) for _, state in states}) == 1
        assert (await kept.player(SAMPLE)) is (await kept.player(SAMPLE))
        with pytest.raises(UserError, match="There is no run"):
            await kept.now("none")
    finally:
        await host.close()


async def test_a_run_that_ends_while_it_is_read_goes_on_for_whoever_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows do not know of the end yet: a window that were told of it would never ask for them again."""
    fold = module.fold

    def late(events: Iterable[AnyEvent]) -> RunState:
        state = fold(events)
        with host.store.apart() as store:  # as another window
            store.append(end())
        return state

    host = Engine(Settings(home), lambda *_: None, lambda _: None)
    try:
        host.store.append(started())
        monkeypatch.setattr(module, "fold", late)
        kept = Kept(host)
        summary, state = await kept.now("r1")
        assert (summary.status, state.finish) == ("running", None)
        monkeypatch.setattr(module, "fold", fold)
        summary, state = await kept.now("r1")
        assert summary.status == "answered" and state.finish is not None
    finally:
        await host.close()
