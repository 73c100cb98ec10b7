"""A model's worker dies under a run: once is survived, twice ends it, and nothing is lost."""

import json
from typing import Any

import pytest

from rlm_desktop.engine.deaths import Deaths, ModelLost
from rlm_desktop.events import CallDelta
from rlm_desktop.models.base import ModelDied
from rlm_desktop.models.scripted import ScriptedModel
from tests.engine.conftest import LOOK, Ask, cell, final

QUOTE = "quick brown fox jumps"
YES = {"text": "yes", "logprobs": {"yes": 0.0}}
AGAIN = "it was started again and the call repeated"


def dies(times: int) -> Any:
    """A call of a model that dies so many times before it works."""
    left = [ModelDied("SIGKILL", life, advice="Choose a smaller model.") for life in range(times)]

    async def call(*_: object) -> int:
        if left:
            raise left.pop(0)
        return 1

    return call


# ---------------------------------------------------------------- counting


def test_calls_that_die_together_die_one_death() -> None:
    deaths = Deaths()
    for _ in range(16):
        deaths.survive(ModelDied("SIGKILL", 1))
    deaths.check()


def test_the_second_death_is_the_end_and_says_what_to_do() -> None:
    deaths = Deaths()
    deaths.survive(ModelDied("SIGKILL", 1))
    with pytest.raises(ModelLost) as caught:
        deaths.survive(ModelDied("SIGSEGV", 2, said="out of cheese", advice="Choose a smaller model."))
    assert caught.value.message == (
        "The model's worker died twice in this run (SIGSEGV). Its last words: out of cheese"
    )
    assert caught.value.hint == "Choose a smaller model."
    for late in (1, 2):
        with pytest.raises(ModelLost):
            deaths.survive(ModelDied("SIGKILL", late))
    with pytest.raises(ModelLost):
        deaths.check()


# ---------------------------------------------------------------- survived


async def test_the_first_death_is_survived_in_the_same_row_and_said(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, {"text": "I was going to", "crash": True}, final("a fox")]})
    assert asked.summary.answer == "a fox"
    turns = asked.rows("turn")
    assert [row.status for row in turns] == ["done", "done"]
    assert turns[1].notes == (f"The model's worker died (the script says so); {AGAIN}.",)
    assert asked.summary.usage.calls == 2, "what the dead one did costs nothing"


async def test_text_that_a_dead_worker_streamed_is_not_shown_twice(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, {"text": "I was going to", "crash": True}, final("a fox")]})
    second = asked.rows("turn")[1].span
    shown = ""
    for event in asked.events:
        if isinstance(event, CallDelta) and event.span == second:
            shown = event.chunk if event.anew else shown + event.chunk
    assert shown == final("a fox")


async def test_a_sub_call_is_repeated_where_it_stands(ask: Ask) -> None:
    sub = [{"crash": True}, YES, "The fox jumps.", YES]
    asked = await ask({"root": ["never asked"], "sub": sub}, strategy="guided")
    assert asked.summary.answer == "The fox jumps."
    calls = asked.rows("call")
    assert [row.status for row in calls] == ["done"] * 3
    assert AGAIN in calls[0].notes[0]


async def test_a_death_at_loading_is_survived(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptedModel, "load", dies(1))
    asked = await ask({"root": [LOOK, final("a fox")]})
    assert asked.summary.answer == "a fox"
    assert AGAIN in asked.state.rows[0].notes[0]


async def test_a_death_before_the_run_has_a_row_is_said_in_its_row(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScriptedModel, "count_tokens", dies(1))
    reply = json.dumps({"found": True, "quote": QUOTE, "answer": "A fox."})
    asked = await ask({"root": [reply]}, strategy="auto")
    assert asked.summary.answer == "A fox."
    assert AGAIN in asked.state.rows[0].notes[0]


# ---------------------------------------------------------------- the end


async def test_the_second_death_ends_the_run_with_advice_and_the_draft(ask: Ask) -> None:
    draft = cell(f"print(context[:9])\nanswer['content'] = 'A fox: \"{QUOTE}\"'")
    asked = await ask({"root": [draft, {"crash": True}, {"crash": True}, final("never")]})
    assert asked.summary.status == "failed"
    assert "died twice in this run" in asked.summary.error
    assert asked.summary.hint == "Choose another script."
    assert asked.summary.answer == f'A fox: "{QUOTE}"'
    assert asked.summary.evidence[0].verified
    last = asked.rows("turn")[-1]
    assert last.status == "failed"
    assert "died twice" in last.error


async def test_two_deaths_at_loading_end_the_run(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptedModel, "load", dies(9))
    asked = await ask({"root": [LOOK, final("never")]})
    assert asked.summary.status == "failed"
    assert asked.summary.hint == "Choose a smaller model."
    assert asked.rows("turn") == []


@pytest.mark.parametrize("strategy", ["guided", "rlm"])
async def test_no_call_is_made_after_the_second_death(ask: Ask, strategy: str) -> None:
    code = (
        "for n in range(50):\n"
        "    try:\n        llm_query(context)\n    except Exception as error:\n        print(error)"
    )
    script = {"root": [cell(code), final("never")], "sub": [YES, "The fox jumps.", {"crash": True}]}
    asked = await ask(script, strategy=strategy)
    assert asked.summary.status == "failed"
    assert "died twice" in asked.summary.error
    calls = asked.rows("call")
    assert [row.status for row in calls] == ["done", "done", "failed"]
    assert "died twice" in calls[-1].error


async def test_a_child_s_calls_die_in_the_child_and_the_run_ends(ask: Ask) -> None:
    root = [cell("print(rlm_query('Who?', context))"), final("never")]
    asked = await ask({"root": root, "child": [{"crash": True}]})
    assert asked.summary.status == "failed"
    (child,) = [row for row in asked.rows("call") if row.call_kind == "rlm"]
    assert child.status == "failed"
    assert "died twice" in child.error
