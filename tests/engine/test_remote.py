"""Whole runs with a model on a server: what is recorded of it, and what failures and retries look like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.errors import UserError
from rlm_desktop.events import CallFinished, Limits
from tests.engine.conftest import Asked, cell, final, read_run
from tests.models.remote.nasty import Behaviour, Nasty, error, piece, says, stream

CALLS = cell("print(llm_query_batched([f'{n}: {context}' for n in range(2)]))")
BUSY = error(429, "busy", retry_after_ms="1")


@pytest.fixture
async def server() -> AsyncIterator[Nasty]:
    async with Nasty() as server:
        yield server


async def ask(
    settings: Settings, document: Path, server: Nasty, *behaviours: Behaviour, limits: Limits | None = None
) -> Asked:
    server.behaviours = list(behaviours)
    settings.prepare()
    (settings.home / "models.toml").write_text(
        f"[paid]\nconcurrency = 1\ncontext_window = 32000\nprice = {{ prompt = 1000.0, completion = 1000.0 }}\n"
        f'source = {{ kind = "api", base_url = "{server.url}", model = "tiny" }}\n'
    )
    request = AskRequest(
        paths=(str(document),),
        question="Who jumps?",
        model="paid",
        strategy="rlm",
        limits=limits or Limits(),
    )
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        run = await engine.ask(request)
        await engine.wait(run)
    return read_run(settings, run)


async def test_a_run_is_recorded_with_its_costs(settings: Settings, document: Path, server: Nasty) -> None:
    asked = await ask(
        settings, document, server, says(CALLS), says("a fox"), says("a fox"), says(final("a fox"))
    )
    assert (asked.summary.status, asked.summary.answer) == ("answered", "a fox")
    assert asked.summary.usage.cost_usd == pytest.approx(4 * 15 / 1000)
    assert asked.rows("cell")[0].total.cost_usd == pytest.approx(2 * 15 / 1000)
    assert asked.state.start is not None
    assert [(ref.name, ref.host) for ref in asked.state.start.models] == [("paid", ""), ("paid", "")]


async def test_retries_are_noted_on_turns_and_calls(
    settings: Settings, document: Path, server: Nasty
) -> None:
    asked = await ask(
        settings,
        document,
        server,
        BUSY,
        says(CALLS),
        BUSY,
        BUSY,
        says("a fox"),
        says("a fox"),
        says(final("a fox")),
    )
    assert asked.rows("turn")[0].notes == ("The server had to be asked again once.",)
    assert asked.rows("call")[0].notes == ("The server had to be asked again 2 times.",)
    assert asked.rows("call")[1].notes == ()
    retries = [event.retries for event in asked.events if isinstance(event, CallFinished)]
    assert retries == [2, 0]


async def test_a_failed_call_costs_its_prompt_if_it_was_begun(
    settings: Settings, document: Path, server: Nasty
) -> None:
    cut, refused = stream(piece("a quick brown"), done=False), error(403, "not this")
    asked = await ask(settings, document, server, says(CALLS), cut, refused, says(final("a fox")))
    begun, never = asked.rows("call")
    assert (begun.status, begun.usage.estimated) == ("failed", True)
    assert begun.usage.cost_usd > 0.03
    assert "may charge for this call" in begun.notes[0]
    assert (never.status, never.usage.cost_usd, never.notes) == ("failed", 0, ())
    assert asked.summary.usage.cost_usd == pytest.approx(2 * 15 / 1000 + begun.usage.cost_usd)


async def test_a_server_that_is_not_there_fails_the_run_in_a_sentence(
    settings: Settings, document: Path, server: Nasty
) -> None:
    server.listing = error(401, "wrong key")
    asked = await ask(settings, document, server, says("never"))
    assert asked.summary.status == "failed"
    assert "wants a key" in asked.summary.error
    assert not server.completions


async def test_a_limit_on_the_cost_holds_for_a_server_too(
    settings: Settings, document: Path, server: Nasty
) -> None:
    asked = await ask(settings, document, server, says(CALLS), limits=Limits(cost_usd=2.0))
    assert (asked.summary.status, asked.summary.limit) == ("limit", "cost")
    assert 0 < asked.summary.usage.cost_usd <= 2.0
    assert min(request.body["max_tokens"] for request in server.completions) < 1024, "the last were cut short"


async def test_without_the_switch_nothing_is_sent_anywhere(settings: Settings, document: Path) -> None:
    """The watchdog of the tests fails this one at the first socket that leads elsewhere."""
    request = AskRequest(paths=(str(document),), question="Who?", model="openai:gpt-4o-mini")
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        with pytest.raises(UserError, match="this program is offline"):
            await engine.ask(request)
