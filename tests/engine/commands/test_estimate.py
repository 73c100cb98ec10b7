"""The command `estimate`, and the questions that can be asked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engine.test_commands import FOX, finished
from tests.engine.test_server import Front, engine

Script = Callable[[dict[str, Any]], str]


async def estimated(front: Front, document: Path, model: str, **fields: Any) -> dict[str, Any]:
    asked = {"paths": [str(document)], "question": "Who jumps?", "model": model, "strategy": "rlm"}
    return await front.call("estimate", **(asked | fields))


async def test_the_runs_of_the_history_make_the_figures(home: Path, document: Path, script: Script) -> None:
    model = script(FOX)
    async with engine(home) as front:
        before = await estimated(front, document, model)
        assert (before["seconds"], before["basis"]) == (None, "")
        assert before["cost_usd"] == {"low": 0.0, "high": 0.0}
        await finished(front, document, model)
        same = await estimated(front, document, model)
        assert same["basis"] == "same" and 0 < same["seconds"]["low"] < same["seconds"]["high"]
        other = await estimated(front, document, model, question="Who sleeps?")
        assert other["basis"] == "runs" and other["why"].startswith("One earlier run")
        larger = document.with_name("larger.txt")
        larger.write_text(document.read_text() * 100)
        assert (await estimated(front, larger, model))["basis"] == ""
        capped = await estimated(front, document, model, limits={"seconds": 0.001})
        assert capped["seconds"] == {"low": 0.001, "high": 0.001}
        assert (await estimated(front, document, model, sub_model=script(FOX)))["basis"] == ""


async def test_what_auto_will_do_is_told_without_loading_anything(
    home: Path, document: Path, script: Script
) -> None:
    async with engine(home) as front:
        model = script(FOX | {"strategy": "guided", "context_window": 2000})
        assert (await estimated(front, document, model, strategy="auto"))["strategy"] == "direct"
        document.write_text("A line of words.\n" * 5000)
        await front.call("open", paths=[str(document)])
        assert (await estimated(front, document, model, strategy="auto"))["strategy"] == "guided"
        assert not (await front.call("history"))["total"]


async def test_a_remote_model_has_a_price_and_needs_no_network_to_tell(home: Path, document: Path) -> None:
    async with engine(home) as front:
        found = await estimated(front, document, "openai:gpt-4o-mini")
        assert found["basis"] == "price" and found["seconds"] is None
        assert 0 < found["cost_usd"]["low"] < found["cost_usd"]["high"] < 1


async def test_what_cannot_be_asked_cannot_be_estimated(home: Path, document: Path) -> None:
    async with engine(home) as front:
        ask = {"question": "Who?", "model": "nobody-knows", "paths": [str(document)]}
        assert "There is no model" in (await front.error("estimate", **ask))["message"]
        gone = {"question": "Who?", "paths": [str(document.with_name("gone.txt"))]}
        assert (await front.error("estimate", **gone))["kind"] == "user"
        assert (await front.error("estimate", question="Who?"))["kind"] == "user"
        assert (await front.error("estimate", question=7))["kind"] == "user"
        missing = {"question": "Who?", "model": "script:/no/such.json", "paths": [str(document)]}
        assert (await front.error("estimate", **missing))["kind"] == "user"


async def test_questions_come_back_whole_each_once(home: Path, document: Path, script: Script) -> None:
    model, long = script(FOX), "Who " + "really " * 200 + "jumps?"
    async with engine(home) as front:
        for question in (long, "Who jumps?", long):
            await finished(front, document, model, question)
        assert (await front.call("questions"))["questions"] == [long, "Who jumps?"]
        assert (await front.call("questions", count=1))["questions"] == [long]
