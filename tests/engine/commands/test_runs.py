"""Steps of a run that are stopped, or asked again, one by one; and questions that are asked anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rlm_desktop.engine.stops import AGAIN, STOPPED_CALL, STOPPED_CELL
from tests.engine.conftest import LOOK, cell, final
from tests.engine.test_commands import FOX, finished
from tests.engine.test_server import Front, engine

Script = Callable[[dict[str, Any]], str]
NEVER = {"text": "too late", "delay": 600}


async def begin(front: Front, document: Path, model: str) -> str:
    asked = {"question": "Who jumps?", "model": model, "strategy": "rlm", "paths": [str(document)]}
    return str((await front.call("ask", **asked))["run"])


async def shown(front: Front, label: str, *, running: bool = True) -> dict[str, Any]:
    """The row with this label, as soon as there is one that runs."""
    while True:
        for row in front.rows.values():
            if row["label"] == label and (not running or "finished" not in row):
                return row
        await front.line()


async def text(front: Front, span: int, name: str) -> str:
    return str((await front.call("text", hash=front.rows[span]["texts"][name]))["text"])


async def test_a_call_that_is_stopped_fails_and_its_cell_goes_on(
    home: Path, document: Path, script: Script
) -> None:
    code = "for reply in llm_query_batched(['slow', 'b', 'c', 'd']):\n    print(reply)"
    model = script({"root": [cell(code), final("fox")], "sub": {"slow": NEVER, ".": "quick"}})
    async with engine(home) as front:
        run = await begin(front, document, model)
        call = await shown(front, "slow")
        await front.call("cancel", run=run, span=call["span"])
        assert (await front.until("run.finished"))["status"] == "answered"
        row, batch = front.rows[call["span"]], front.rows[call["parent"]]
        assert (row["status"], row["error"]) == ("cancelled", STOPPED_CALL)
        assert (batch["kind"], batch["status"], batch["progress"]["done"]) == ("group", "cancelled", 4)
        printed = await text(front, batch["parent"], "output")
        assert printed.count("quick") == 3 and "user stopped this call" in printed


async def test_all_calls_of_a_batch_are_stopped_at_its_row(
    home: Path, document: Path, script: Script
) -> None:
    code = "replies = llm_query_batched(['a', 'b', 'c', 'd'])"
    model = script({"root": [cell(code), final("fox")], "sub": [NEVER]})
    async with engine(home) as front:
        run = await begin(front, document, model)
        call = await shown(front, "d")
        await front.call("cancel", run=run, span=call["parent"])
        assert (await front.until("run.finished"))["status"] == "answered"
        assert {row["status"] for row in front.rows.values() if row["kind"] == "call"} == {"cancelled"}


async def test_a_call_is_asked_again(home: Path, document: Path, script: Script) -> None:
    model = script({"root": [cell("print(llm_query('Who?'))"), final("fox")], "sub": [NEVER, "The fox."]})
    async with engine(home) as front:
        run = await begin(front, document, model)
        call = await shown(front, "Who?")
        await front.call("retry", run=run, span=call["span"])
        await front.until("run.finished")
        row = front.rows[call["span"]]
        assert (row["status"], row["notes"]) == ("done", [AGAIN])
        assert await text(front, call["span"], "reply") == "The fox."


async def test_a_cell_that_is_stopped_is_undone_and_the_model_is_told(
    home: Path, document: Path, script: Script
) -> None:
    endless = "kept = 2\nprint('turning')\nwhile True:\n    pass"
    cells = [cell("kept = 1"), cell(endless), cell("print('kept is', kept)"), final("fox")]
    async with engine(home) as front:
        run = await begin(front, document, script({"root": cells}))
        stuck = await shown(front, "kept = 2")
        await front.until("cell.output")
        refused = await front.error("retry", run=run, span=stuck["span"])
        assert refused["message"].startswith("Only calls")
        await front.call("cancel", run=run, span=stuck["span"])
        assert (await front.until("run.finished"))["status"] == "answered"
        row = front.rows[stuck["span"]]
        assert (row["status"], row["error"]) == ("cancelled", STOPPED_CELL)
        assert await text(front, stuck["span"], "output") == "turning\n"
        after = await shown(front, "print('kept is', kept)", running=False)
        assert await text(front, after["span"], "output") == "kept is 1\n"
        told = front.rows[after["parent"]]["prompt"][-1]["text"]
        prompt = (await front.call("text", hash=told))["text"]
        assert STOPPED_CELL in prompt and "as they were before" in prompt


async def test_a_child_run_is_stopped_with_everything_below_it(
    home: Path, document: Path, script: Script
) -> None:
    model = script({"root": [cell("print(rlm_query('Who?'))"), final("fox")], "child": [LOOK, NEVER]})
    async with engine(home) as front:
        run = await begin(front, document, model)
        child = await shown(front, "Who?")
        await shown(front, "Turn 2")
        await front.call("cancel", run=run, span=child["span"])
        assert (await front.until("run.finished"))["status"] == "answered"
        rows = front.rows.values()
        assert front.rows[child["span"]]["status"] == "cancelled"
        turns = [row for row in rows if row["parent"] == child["span"]]
        assert [row["status"] for row in turns] == ["done", "cancelled"]


async def test_what_does_not_run_cannot_be_stopped(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        for command in ("cancel", "retry"):
            error = await front.error(command, run=run, span=2)
            assert (error["kind"], error["message"]) == ("user", "This step does not run any more.")
        assert (await front.error("cancel", run="none", span=1))["kind"] == "user"
        assert await front.call("cancel", run=run) == {}


async def test_a_run_says_what_was_asked_so_that_it_can_be_asked_again(
    home: Path, document: Path, script: Script
) -> None:
    async with engine(home) as front:
        model = script(FOX)
        first = await finished(front, document, model, limits={"turns": 7})
        asked = await front.call("asked", run=first)
        assert asked["limits"]["turns"] == 7
        assert (asked["question"], asked["paths"], asked["follows"]) == ("Who jumps?", [str(document)], "")
        again = (await front.call("ask", **asked))["run"]
        assert (await front.call("asked", run=again)) == asked
        followed = await finished(front, document, model, "And then?", follows=first)
        asked = await front.call("asked", run=followed)
        assert (asked["follows"], asked["paths"]) == (first, [])
        await front.call("delete", run=first)
        asked = await front.call("asked", run=followed)
        assert (asked["follows"], asked["paths"]) == ("", [str(document)])
        assert "There is no run" in (await front.error("asked", run="none"))["message"]
