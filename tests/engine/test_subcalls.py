"""Sub-calls, batches, child RLMs, and the limits that hold them."""

from __future__ import annotations

from typing import Any

import pytest

from rlm_desktop.engine.host_api import CHILDREN
from rlm_desktop.engine.prompts import prompt
from rlm_desktop.events import Limits
from rlm_desktop.repl.forking import ForkingRepl
from rlm_desktop.repl.host import Repl
from tests.engine.conftest import LOOK, Ask, cell, final


async def test_a_batch_keeps_its_order_and_is_one_group(ask: Ask) -> None:
    code = "print(llm_query_batched([f'{n}: {context}' for n in range(5)]))"
    subs = {f"^{n}: ": f"reply {n}" for n in range(5)}
    asked = await ask({"root": [cell(code), final("x")], "sub": subs})
    assert str([f"reply {n}" for n in range(5)]) in asked.texts(asked.rows("cell")[0].texts["output"])
    calls = asked.rows("call")
    assert {call.batch for call in calls} == {calls[0].span}
    assert {call.batch_size for call in calls} == {5}


async def test_usage_rolls_up_to_the_run(ask: Ask) -> None:
    sub = {"text": "hi", "usage": {"prompt_tokens": 10, "completion_tokens": 3, "calls": 1}}
    root = [
        {"text": text, "usage": {"prompt_tokens": 100, "completion_tokens": 7, "calls": 1}}
        for text in (cell("llm_query_batched([context] * 4)"), final("x"))
    ]
    asked = await ask({"root": root, "sub": [sub]})
    assert asked.rows("cell")[0].total.prompt_tokens == 40
    assert asked.rows("turn")[0].total.completion_tokens == 7 + 4 * 3
    assert asked.summary.usage.prompt_tokens == 240
    assert asked.summary.usage.calls == 6


async def test_a_failed_sub_call_is_a_value_that_says_so(ask: Ask) -> None:
    code = "r = llm_query_batched(['good ' + context, 'bad ' + context])\nprint(r[0]); print(r[1])"
    subs = {"^good": "fine", "^bad": {"error": "server on fire"}}
    asked = await ask({"root": [cell(code), final("x")], "sub": subs})
    output = asked.texts(asked.rows("cell")[0].texts["output"])
    assert output.startswith("fine\n[sub-call failed")
    assert "server on fire" in output
    assert "(1 of 2 calls failed.)" in asked.prompts(asked.rows("turn")[1])[-1]
    assert sorted(call.status for call in asked.rows("call")) == ["done", "failed"]


async def test_a_prompt_over_the_window_costs_nothing_and_names_both_sizes(ask: Ask) -> None:
    script = {
        "root": [cell("print(llm_query('word ' * 40000))"), LOOK, final("x")],
        "sub": ["never"],
        "context_window": 6000,
    }
    asked = await ask(script)
    (call,) = asked.rows("call")
    assert "6,000" in call.error
    assert call.usage.prompt_tokens == 0


async def test_a_prompt_without_text_of_the_document_gets_a_hint(ask: Ask) -> None:
    script = {"root": [cell("llm_query('Who jumps in the story?')"), final("x")], "sub": ["?"]}
    asked = await ask(script)
    assert prompt("hint_no_text") in asked.prompts(asked.rows("turn")[1])[-1]
    script["root"][0] = cell("llm_query('Who jumps here? ' + context)")
    asked = await ask(script)
    assert prompt("hint_no_text") not in asked.prompts(asked.rows("turn")[1])[-1]


async def test_sub_calls_never_overshoot_their_limit(ask: Ask) -> None:
    code = "r = llm_query_batched([f'{n} {context}' for n in range(10)])\nprint(r)"
    asked = await ask({"root": [cell(code), "A fox."], "sub": ["yes"]}, limits=Limits(subcalls=3))
    done = [call for call in asked.rows("call") if call.status == "done"]
    assert len(done) == 3
    assert asked.summary.status == "limit"
    assert asked.summary.limit == "subcalls"
    assert asked.summary.answer == "A fox."


async def test_tokens_are_reserved_before_they_are_spent(ask: Ask) -> None:
    code = "llm_query_batched([context * 40] * 20)"
    sub = {"text": "ok", "usage": {"prompt_tokens": 900, "completion_tokens": 1, "calls": 1}}
    asked = await ask({"root": [cell(code), "A fox."], "sub": [sub]}, limits=Limits(tokens=8000))
    assert asked.summary.status == "limit"
    assert asked.summary.limit == "tokens"
    assert asked.summary.usage.prompt_tokens + asked.summary.usage.completion_tokens <= 8000


async def test_time_runs_out_in_the_middle_of_a_call(ask: Ask) -> None:
    script = {"root": [LOOK, {"text": "late", "delay": 60.0}, "A fox."]}
    asked = await ask(script, limits=Limits(seconds=2.5))
    assert asked.summary.status == "limit"
    assert asked.summary.limit == "seconds"


async def test_a_child_has_its_own_repl_and_context(ask: Ask) -> None:
    code = "secret = 1\nprint(rlm_query('How long is it?', context=context[:9]))"
    child = [cell("print(context, 'secret' in dir())"), final("nine characters")]
    asked = await ask({"root": [cell(code), final("x")], "child": child})
    output = asked.texts(asked.rows("cell")[0].texts["output"])
    assert output.strip() == "nine characters"
    (call,) = asked.rows("call")
    assert call.call_kind == "rlm"
    turns = asked.state.children(call.span)
    assert [turn.kind for turn in turns] == ["turn", "turn"]
    child_cell = asked.state.children(turns[0].span)[0]
    assert asked.texts(child_cell.texts["output"]).strip() == "A first l False"
    assert call.total.prompt_tokens > 0


async def test_without_context_the_prompt_is_the_childs_context(ask: Ask) -> None:
    code = "print(rlm_query('Sum: 1 2 3'))"
    child = [cell("print(context)"), final("6")]
    asked = await ask({"root": [cell(code), final("x")], "child": child})
    cells = [asked.texts(row.texts["output"]).strip() for row in asked.rows("cell") if "output" in row.texts]
    assert "Sum: 1 2 3" in cells


async def test_beyond_the_depth_a_child_becomes_a_sub_call_and_says_so(ask: Ask) -> None:
    code = "print(rlm_query('What is it?', context=context))"
    asked = await ask({"root": [cell(code), final("x")], "sub": ["a document"]}, limits=Limits(depth=0))
    assert asked.rows("call")[0].call_kind == "llm"
    assert "beyond depth 0" in asked.notes()


async def test_children_nest_to_any_depth(ask: Ask) -> None:
    deeper = cell("answer['content'] = rlm_query('deeper', context=context)\nanswer['ready'] = True")
    asked = await ask(
        {
            "root": [deeper],
            "child": {"Question: deeper": deeper},
            "sub": ["bottom"],
        },
        limits=Limits(depth=3),
    )
    assert asked.summary.answer == "bottom"
    assert [row.call_kind for row in asked.rows("call")] == ["rlm", "rlm", "rlm", "llm"]


async def test_a_batch_of_children_runs(ask: Ask) -> None:
    code = "print(rlm_query_batched(['a', 'b'], contexts=['one', 'two']))"
    child = {
        "Output of your code:\none": final("1"),
        "Output of your code:\ntwo": final("2"),
        ".": cell("print(context)"),
    }
    asked = await ask({"root": [cell(code), final("x")], "child": child})
    assert "['1', '2']" in asked.texts(asked.rows("cell")[0].texts["output"])


async def test_an_unknown_model_is_refused(ask: Ask) -> None:
    asked = await ask({"root": [cell("llm_query('x', model='gpt-9')"), LOOK, final("x")], "sub": ["y"]})
    assert "gpt-9 is not part of this run" in asked.prompts(asked.rows("turn")[1])[-1]
    assert not asked.rows("call")


async def test_a_refused_child_leaves_its_siblings_alone(ask: Ask) -> None:
    code = "print(rlm_query_batched(['a', 'b', 'c'], contexts=['one', 'two', 'three']))"
    child = {"Output of your code": final("done"), ".": cell("print(context)")}
    asked = await ask({"root": [cell(code), "Some are done."], "child": child}, limits=Limits(subcalls=2))
    assert sorted(call.status for call in asked.rows("call")) == ["done", "done", "warning"]
    assert "2 sub-calls" in asked.texts(asked.rows("cell")[0].texts["output"])
    assert asked.summary.limit == "subcalls"


async def test_a_child_out_of_turns_leaves_the_roots_reserve_alone(ask: Ask) -> None:
    code = "print(rlm_query('endless', context=context))"
    asked = await ask(
        {"root": [cell(code), final("a fox")], "child": [cell("1"), cell("2"), cell("3"), "Perhaps."]},
        limits=Limits(turns=3),
    )
    assert asked.summary.status == "answered"
    assert asked.texts(asked.rows("cell")[0].texts["output"]).strip() == "Perhaps."


async def test_a_child_takes_any_context(ask: Ask) -> None:
    code = "print(rlm_query('q', context=''))\nprint(rlm_query('q', context=['', 'a\\0b', 'c']))"
    child = {"Output of your code": final("done"), ".": cell("print(repr(context))")}
    asked = await ask({"root": [cell(code), final("x")], "child": child})
    outputs = [
        asked.texts(row.texts["output"]).strip() for row in asked.rows("cell") if "output" in row.texts
    ]
    assert "''" in outputs
    assert r"['', 'a\x00b', 'c']" in outputs


@pytest.mark.parametrize(
    "code",
    [
        "for _ in range(500):\n    last = llm_query('x')\nprint(last, type(last).__name__)",
        "r = llm_query_batched(['x'] * 5000)\nprint(r[-1], type(r[-1]).__name__, len(r))",
        "r = rlm_query_batched(['x'] * 5000)\nprint(r[-1], type(r[-1]).__name__, len(r))",
    ],
)
@pytest.mark.parametrize("limits", [Limits(subcalls=3), Limits(tokens=4000, subcalls=40)])
async def test_calls_without_end_are_refused_without_rows_without_end(
    ask: Ask, code: str, limits: Limits
) -> None:
    reply = {"text": "y", "usage": {"prompt_tokens": 100, "completion_tokens": 100, "calls": 1}}
    asked = await ask(
        {"root": [cell(code), final("Done.")], "sub": [reply], "child": [final("y")]}, limits=limits
    )
    assert asked.summary.status == "limit"
    assert len(asked.events) < 2000
    printed = asked.texts(asked.rows("cell")[0].texts["output"])
    assert "CallFailed" in printed and "is reached" in printed


async def test_a_turn_that_a_limit_refuses_is_no_turn_that_was_done(ask: Ask) -> None:
    look = {"text": LOOK, "usage": {"prompt_tokens": 200, "completion_tokens": 80, "calls": 1}}
    asked = await ask({"root": [look, final("Done.")]}, limits=Limits(tokens=600))
    assert asked.summary.status == "limit"
    refused = [row for row in asked.rows("turn") if not row.texts.get("reply")]
    assert refused and {row.status for row in refused} == {"cancelled"}


async def test_only_some_children_have_a_repl_at_a_time(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    start, close, here, most = Repl.start, ForkingRepl.close, 0, 0

    async def started(*args: Any, **fields: Any) -> Repl:
        nonlocal here, most
        here += 1
        most = max(most, here)
        return await start(*args, **fields)

    async def closed(repl: ForkingRepl) -> None:
        nonlocal here
        here -= 1
        await close(repl)

    monkeypatch.setattr(Repl, "start", started)
    monkeypatch.setattr(ForkingRepl, "close", closed)
    batch = cell(f"print(len(rlm_query_batched(['x'] * {CHILDREN + 4})))")
    asked = await ask({"root": [LOOK, batch, final("Done.")], "child": [LOOK, final("y")]})
    assert asked.summary.status == "answered"
    assert most == CHILDREN + 1
