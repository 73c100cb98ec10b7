"""Each limit ends a run that calls widely: the best partial answer, marked as such, and no more spent than allowed."""

from __future__ import annotations

import pytest

from rlm_desktop.cli import main
from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.events import Limits
from tests.engine.conftest import LOOK, Ask, Asked, cell, final

WIDE = cell("r = llm_query_batched([f'{n} {context}' * 20 for n in range(64)])\nprint(r)")
IN_THREADS = cell(
    "from threading import Thread\n"
    "ask = lambda: llm_query_batched([f'{n} {context}' * 20 for n in range(16)])\n"
    "threads = [Thread(target=ask) for _ in range(4)]\n"
    "[thread.start() for thread in threads]\n[thread.join() for thread in threads]"
)
PRICE = {"prompt": 100.0, "completion": 1000.0}
PARTIAL = "Perhaps a fox."


def script(**more: object) -> dict[str, object]:
    """A root that never stops calling, and a last word for the forced turn."""
    calls = {"Answer now|partial|limit": PARTIAL, ".": WIDE}
    return {"root": calls, "sub": ["yes, a fox " * 10], "price": PRICE, "concurrency": 64, **more}


def spent(asked: Asked) -> tuple[int, float]:
    usage = asked.summary.usage
    return usage.prompt_tokens + usage.completion_tokens, usage.cost_usd


@pytest.mark.parametrize(
    ("limits", "which"),
    [
        (Limits(cost_usd=2.0), "cost"),
        (Limits(tokens=20_000), "tokens"),
        (Limits(subcalls=40), "subcalls"),
        (Limits(turns=1), "turns"),
    ],
)
async def test_a_limit_holds_however_widely_is_called(ask: Ask, limits: Limits, which: str) -> None:
    asked = await ask(script(), limits=limits)
    assert (asked.summary.status, asked.summary.limit) == ("limit", which)
    assert asked.summary.answer == PARTIAL
    tokens, cost = spent(asked)
    assert cost > 0
    assert cost <= (limits.cost_usd or cost)
    assert tokens <= (limits.tokens or tokens)
    done = [row for row in asked.rows("call") if row.status == "done"]
    assert done, "some of it was allowed"
    assert limits.subcalls is None or len(done) <= limits.subcalls
    assert asked.summary.turns <= 2


async def test_a_limit_holds_for_batches_in_threads(ask: Ask) -> None:
    asked = await ask({**script(), "root": [IN_THREADS, PARTIAL]}, limits=Limits(cost_usd=2.0))
    assert (asked.summary.status, asked.summary.limit, asked.summary.answer) == ("limit", "cost", PARTIAL)
    assert len(asked.rows("call")) == 64
    assert 0 < spent(asked)[1] <= 2.0


async def test_seconds_end_a_batch_that_runs_and_count_what_it_may_cost(ask: Ask) -> None:
    slow = {"text": "late", "delay": 60.0}
    asked = await ask(script(sub=[slow]), limits=Limits(seconds=3.0, cost_usd=50.0))
    assert (asked.summary.status, asked.summary.limit) == ("limit", "seconds")
    assert asked.summary.answer == PARTIAL
    assert asked.summary.seconds < 10
    calls = asked.rows("call")
    assert {row.status for row in calls} == {"cancelled"}
    begun = [row for row in calls if row.usage.cost_usd]
    assert begun
    assert all(row.usage.estimated and "may charge for this call" in row.notes[0] for row in begun)
    assert not any(row.notes for row in calls if row not in begun), "those that waited for money cost none"
    assert 0 < spent(asked)[1] <= 50.0


async def test_a_local_model_costs_nothing_and_no_limit_on_the_cost_stops_it(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, final("a fox")]}, limits=Limits(cost_usd=0.0))
    assert (asked.summary.status, asked.summary.usage.cost_usd) == ("answered", 0.0)


async def test_a_limit_on_the_cost_needs_a_price(ask: Ask, settings: Settings) -> None:
    unknown = {"root": [LOOK, final("a fox")], "price": None}
    with pytest.raises(UserError, match="needs the price of script:"):
        await ask(unknown, limits=Limits(cost_usd=1.0))
    assert (await ask(unknown)).summary.status == "answered"


async def test_costs_roll_up_from_calls_to_cell_to_turn_to_run(ask: Ask) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 10, "calls": 1}
    root = [{"text": text, "usage": usage} for text in (cell("llm_query_batched([context] * 4)"), final("x"))]
    asked = await ask({"root": root, "sub": [{"text": "hi", "usage": usage}], "price": PRICE})
    one = 1000 * 100e-6 + 10 * 1000e-6
    assert asked.rows("call")[0].usage.cost_usd == pytest.approx(one)
    assert asked.rows("cell")[0].total.cost_usd == pytest.approx(4 * one)
    assert asked.rows("turn")[0].total.cost_usd == pytest.approx(5 * one)
    assert asked.summary.usage.cost_usd == pytest.approx(6 * one)


def test_a_limit_is_exit_code_three(tmp_path, capsys) -> None:
    import json

    document, replies = tmp_path / "doc.txt", tmp_path / "script.json"
    document.write_text("The quick brown fox jumps over the lazy dog near Bergen.\n")
    replies.write_text(json.dumps(script()))
    command = [
        "ask",
        str(document),
        "-q",
        "Who?",
        "--model",
        f"script:{replies}",
        "--strategy",
        "rlm",
        "--json",
    ]
    assert main([*command, "--max-cost", "2"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["answer"]) == ("limit", PARTIAL)
    assert 0 < answer["usage"]["cost_usd"] <= 2
