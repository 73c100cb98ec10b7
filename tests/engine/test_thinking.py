"""Who may think, what becomes of a thought, and what is done when it takes all the room."""

from __future__ import annotations

from typing import Any

import pytest

from rlm_desktop.engine.host_api import SUB_TOKENS
from rlm_desktop.engine.loop import REPLY_TOKENS
from rlm_desktop.engine.run import EXHAUSTED, THOUGHT_TOKENS
from rlm_desktop.events import RunFinished, TurnFinished
from rlm_desktop.models.base import Completion, Request
from rlm_desktop.models.scripted import ScriptedModel
from tests.engine.conftest import LOOK, Ask, cell, final

QUERY = cell("print(llm_query(context))")
EXHAUSTING = {"text": "", "thinking": "Well, well.", "finish_reason": "length"}


def thinking(text: str, thought: str = "Let me see.") -> dict[str, Any]:
    return {"text": text, "thinking": thought}


async def test_a_thought_is_kept_apart_from_the_reply(ask: Ask) -> None:
    asked = await ask({"root": [thinking(LOOK), final("a fox")]})
    first, second = asked.rows("turn")
    assert asked.texts(first.texts["thinking"]) == "Let me see."
    assert asked.texts(first.texts["reply"]) == LOOK
    assert "thinking" not in second.texts
    assert first.usage.reasoning_tokens == asked.summary.usage.reasoning_tokens == 3
    assert not any("Let me see." in text for text in asked.prompts(second))


async def test_sub_calls_think_only_where_the_profile_says_so(ask: Ask) -> None:
    script = {"root": [QUERY, final("x")], "sub": [thinking("a fox")]}
    (call,) = (await ask(script)).rows("call")
    assert "thinking" not in call.texts
    asked = await ask({**script, "thinking": ["sub"]})
    (call,) = asked.rows("call")
    assert asked.texts(call.texts["thinking"]) == "Let me see."


async def test_a_profile_can_forbid_thinking_altogether(ask: Ask) -> None:
    asked = await ask({"root": [thinking(LOOK), thinking(final("x"))], "thinking": []})
    assert asked.summary.usage.reasoning_tokens == 0
    assert not any("thinking" in row.texts for row in asked.state.rows.values())


async def test_a_turn_that_thought_until_the_end_is_asked_again_without(ask: Ask) -> None:
    asked = await ask({"root": [EXHAUSTING, thinking(LOOK), final("a fox")]})
    first, _ = asked.rows("turn")
    assert first.notes == (EXHAUSTED,)
    assert asked.texts(first.texts["reply"]) == LOOK
    assert asked.texts(first.texts["thinking"]) == "Well, well."
    assert first.usage.calls == 2
    assert asked.summary.status == "answered"


async def test_so_is_a_sub_call_in_the_same_row(ask: Ask) -> None:
    script = {"root": [QUERY, final("x")], "sub": [EXHAUSTING, "a fox"], "thinking": ["sub"]}
    asked = await ask(script)
    (call,) = asked.rows("call")
    assert call.notes == (EXHAUSTED,)
    assert asked.texts(call.texts["reply"]) == "a fox"
    assert call.usage.calls == 2
    assert asked.summary.usage.calls == 4


async def test_a_model_that_was_seen_to_think_gets_room_for_it_where_there_is_some(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Request] = []
    complete = ScriptedModel.complete

    async def listen(model: ScriptedModel, request: Request, *rest: Any) -> Completion:
        asked.append(request)
        return await complete(model, request, *rest)

    monkeypatch.setattr(ScriptedModel, "complete", listen)
    root = [thinking(LOOK), thinking(QUERY), final("x")]
    await ask({"root": root, "sub": ["a fox"]})
    rooms = [REPLY_TOKENS, REPLY_TOKENS + THOUGHT_TOKENS, SUB_TOKENS, REPLY_TOKENS + THOUGHT_TOKENS]
    assert [request.max_tokens for request in asked] == rooms
    asked.clear()
    await ask({"root": root, "sub": ["a fox"], "context_window": 3200})
    rooms = [request.max_tokens for request in asked if request.role == "root"]
    assert rooms == [REPLY_TOKENS, *[REPLY_TOKENS + THOUGHT_TOKENS, REPLY_TOKENS] * 2]


async def test_a_model_that_cannot_be_kept_from_thinking_is_named(ask: Ask) -> None:
    spent = {"prompt_tokens": 9, "completion_tokens": 8, "reasoning_tokens": 8, "calls": 1}
    stubborn = {**EXHAUSTING, "usage": spent}
    asked = await ask({"root": [stubborn, stubborn, LOOK, final("a fox")]})
    first, *_ = asked.rows("turn")
    assert first.notes[0] == EXHAUSTED
    assert "thinks also when it is asked not to" in first.notes[1]
    assert first.usage.calls == 2
    assert asked.summary.status == "answered"


async def test_a_limit_between_both_attempts_ends_the_run_as_always(ask: Ask) -> None:
    asked = await ask({"root": [EXHAUSTING, {"error": "server on fire"}]})
    assert "server on fire" in asked.notes()
    assert isinstance(asked.events[-1], RunFinished)
    assert all(event.run == asked.summary.run for event in asked.events if isinstance(event, TurnFinished))
