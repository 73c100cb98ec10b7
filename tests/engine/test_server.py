"""The engine process over its pipes, as the window sees it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.errors import StoreError, UsageError
from rlm_desktop.events import Limits
from tests.engine.conftest import LOOK, cell, final, read_run

PATIENCE = 30.0


class Front:
    """A front end: sends commands, collects answers, events and notices."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self.rows: dict[int, dict[str, Any]] = {}
        self.notices: list[dict[str, Any]] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._id = 0

    async def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        data = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        assert data, "the engine closed the pipe"
        message: dict[str, Any] = json.loads(data)
        if "event" in message:
            self.events.append(message["event"])
            self.rows.update({row["span"]: row for row in message["rows"]})
        elif "notice" in message:
            self.notices.append(message["notice"])
        elif "id" in message:
            self._answers[message["id"]] = message
        return message

    def send(self, cmd: str, **fields: Any) -> int:
        assert self.process.stdin is not None
        self._id += 1
        self.process.stdin.write(json.dumps({"id": self._id, "cmd": cmd, **fields}).encode() + b"\n")
        return self._id

    async def answer(self, number: int) -> dict[str, Any]:
        while number not in self._answers:
            await self.line()
        return self._answers.pop(number)

    async def call(self, cmd: str, **fields: Any) -> dict[str, Any]:
        answer = await self.answer(self.send(cmd, **fields))
        assert "ok" in answer, answer
        return answer["ok"]

    async def error(self, cmd: str, **fields: Any) -> dict[str, Any]:
        answer = await self.answer(self.send(cmd, **fields))
        assert "error" in answer, answer
        return answer["error"]

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            found = next((event for event in self.events if event["event"] == kind), None)
            if found:
                return found
            await self.line()


@asynccontextmanager
async def engine(home: Path, *arguments: str) -> AsyncIterator[Front]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rlm_desktop",
        "engine",
        "--data-dir",
        str(home),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2 * 1024 * 1024,
    )
    front = Front(process)
    try:
        hello = (await front.line())["hello"]
        assert hello["protocol"] == 1
        yield front
    finally:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.close()
        assert process.stdout is not None
        while await asyncio.wait_for(process.stdout.read(1 << 16), PATIENCE):
            pass
        said = (await process.stderr.read()).decode()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0, said
        assert "Traceback" not in said, said
        assert "Unknown child process" not in said, said


async def test_a_run_streams_its_events_and_rows(
    home: Path, document: Path, script: Callable[[dict[str, Any]], str]
) -> None:
    model = script({"root": [LOOK, final('"quick brown fox jumps"')]})
    async with engine(home) as front:
        opened = await front.call("open", paths=[str(document)])
        assert (opened["title"], opened["kind"], opened["files"], opened["lines"]) == ("doc.txt", "str", 1, 3)
        page = await front.call("lines", path=str(document), encoding="utf-8", first=2, count=5)
        assert page["lines"][0].startswith("The quick")
        run = (await front.call("ask", paths=[str(document)], question="Who?", model=model, strategy="rlm"))[
            "run"
        ]
        end = await front.until("run.finished")
        assert end["status"] == "answered"
        assert [event["seq"] for event in front.events] == list(range(1, len(front.events) + 1))
        state = await front.call("state", run=run)
        assert state["total"] == 2
        assert state["row"]["status"] == "done"
        assert state["rows"] == [front.rows[row["span"]] for row in state["rows"]]
        turn = await front.call("state", run=run, span=state["rows"][0]["span"])
        code = await front.call("text", hash=turn["rows"][0]["texts"]["code"])
        assert code["text"] == "print(context[:40])"
        history = await front.call("history")
        assert history["total"] == 1
        assert history["runs"][0]["answer"] == '"quick brown fox jumps"'
        assert state["run"]["evidence"][0]["verified"]
        count = len(front.events)
        await front.call("subscribe", run=run, after=count - 2)
        assert [event["seq"] for event in front.events[count:]] == [count - 1, count]
        await front.call("delete", run=run)
        assert (await front.call("history"))["total"] == 0
        assert {"kind": "history"} in front.notices


async def test_stop_stops_everything_and_the_run_stays_in_the_history(
    home: Path, document: Path, script: Callable[[dict[str, Any]], str]
) -> None:
    model = script({"root": [cell("while True:\n    pass")]})
    async with engine(home) as front:
        run = (await front.call("ask", paths=[str(document)], question="Q", model=model, strategy="rlm"))[
            "run"
        ]
        await front.until("cell.started")
        await front.call("cancel", run=run)
        assert (await front.until("run.finished"))["status"] == "cancelled"
        assert front.rows[2]["status"] == "cancelled"
        assert (await front.call("history"))["runs"][0]["status"] == "cancelled"


async def test_a_closed_pipe_cancels_the_runs_and_ends_the_process(
    home: Path, document: Path, script: Callable[[dict[str, Any]], str]
) -> None:
    model = script({"root": [{"text": "late", "delay": 600}]})
    async with engine(home) as front:
        run = (await front.call("ask", paths=[str(document)], question="Q", model=model, strategy="rlm"))[
            "run"
        ]
        await front.until("turn.started")
    assert read_run(Settings(home), run).summary.status == "cancelled"


async def test_a_killed_engine_leaves_an_interrupted_run(
    home: Path, document: Path, script: Callable[[dict[str, Any]], str]
) -> None:
    model = script({"root": [LOOK, {"text": "late", "delay": 600}]})
    with pytest.raises(AssertionError):  # killed, so it ends with a signal
        async with engine(home) as front:
            run = (await front.call("ask", paths=[str(document)], question="Q", model=model, strategy="rlm"))[
                "run"
            ]
            await front.until("cell.finished")
            front.process.kill()
    asked = read_run(Settings(home), run)
    assert asked.summary.status == "interrupted"
    assert "ended while this run was going" in asked.summary.error
    assert asked.rows("cell")[0].status == "done"


async def test_two_runs_go_side_by_side(
    home: Path, document: Path, script: Callable[[dict[str, Any]], str]
) -> None:
    waits = script({"root": [LOOK, {"text": "late", "delay": 600}]})
    quick = script({"root": [LOOK, final("a fox")]})
    async with engine(home) as front:
        slow = (await front.call("ask", paths=[str(document)], question="1", model=waits, strategy="rlm"))[
            "run"
        ]
        await front.call("ask", paths=[str(document)], question="2", model=quick, strategy="rlm")
        assert (await front.until("run.finished"))["run"] != slow
        await front.call("cancel", run=slow)


async def test_bad_commands_get_one_sentence_each(home: Path, document: Path, tmp_path: Path) -> None:
    async with engine(home) as front:
        assert "no command" in (await front.error("fly"))["message"]
        assert "paths" in (await front.error("open"))["message"]
        missing = await front.error("open", paths=[str(tmp_path / "nothing.txt")])
        assert "nothing.txt" in missing["message"]
        assert missing["hint"]
        assert "empty" in (await front.error("ask", paths=[str(document)], question=" "))["message"]
        unknown = await front.error("ask", paths=[str(document)], question="Q", model="qwen2.5-codr-1.5b")
        assert "qwen2.5-coder-1.5b" in unknown["hint"]
        absent = await front.error("ask", paths=[str(document)], question="Q", model="smollm2-135m")
        assert "rlm-desktop models pull smollm2-135m" in absent["hint"]
        assert "no run" in (await front.error("state", run="nope"))["message"]
        assert front.process.stdin is not None
        front.process.stdin.write(b"this is not json\n")
        assert "not JSON" in (await front.line())["error"]["message"]
        assert (await front.call("history"))["total"] == 0
        assert {model["name"] for model in (await front.call("models"))["models"]} >= {"smollm2-135m"}
        status = await front.call("status")
        assert status["online"] is False
        assert status["home"] == str(home)
        odd = await front.error("lines", path=str(document), encoding="nonsense", first=1, count=1)
        assert "no encoding" in odd["message"]
        assert "not a file" in (await front.error("lines", path="/dev/zero", first=1, count=1))["message"]
        assert "history" in (await front.error("history", **{"from": 10**30}))["message"]
        assert "no run" in (await front.error("delete", run="nope"))["message"]


async def test_shutdown_answers_and_ends(home: Path) -> None:
    async with engine(home) as front:
        await front.call("shutdown")
        assert await asyncio.wait_for(front.process.wait(), PATIENCE) == 0


async def test_a_store_that_cannot_be_written_ends_the_run_and_says_so(
    home: Path, document: Path, script: Callable[[dict[str, Any]], str], settings: Settings
) -> None:
    """A full disk, in a store that may not grow."""
    published: list[Any] = []
    model = script({"root": [cell(f"print({n}, 'x' * 4000)") for n in range(50)]})
    async with Engine(settings, lambda event, *_: published.append(event), lambda _: None) as running:
        database = running.store._db
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count = {pages + 12}")
        run = await running.ask(
            AskRequest(
                paths=(str(document),), question="Q", model=model, strategy="rlm", limits=Limits(turns=50)
            )
        )
        with pytest.raises(StoreError, match="disk is full"):
            await running.wait(run)
        assert published[-1].status == "interrupted"
        assert "disk is full" in published[-1].error
        assert running.summary(run).status == "interrupted"
        assert "disk is full" in running.history(0, 1)[0].error
        state = running.live(run)
        assert state is not None
        assert not [row for row in state.rows.values() if row.status == "running"]
    asked = read_run(settings, run)
    assert asked.summary.status == "interrupted"
    assert asked.events[:-1] == published[:-1], "everything that was shown but the very end is there"


async def test_long_answers_and_loud_cells_fit_the_wire(
    home: Path, document: Path, script: Callable[[dict[str, Any]], str]
) -> None:
    loud = cell(r"print('\x01' * 900_000); len(context)")
    model = script({"root": [loud, cell("FINAL('y' * 3_000_000)")]})
    async with engine(home) as front:
        run = (await front.call("ask", paths=[str(document)], question="Q", model=model, strategy="rlm"))[
            "run"
        ]
        end = await front.until("run.finished")
        assert [event["seq"] for event in front.events] == list(range(1, len(front.events) + 1))
        assert "more characters were submitted" in end["answer"]
        assert len((await front.call("history"))["runs"][0]["answer"]) == 300
        assert len((await front.call("state", run=run))["run"]["answer"]) > 20_000


async def test_a_run_of_another_process_cannot_be_deleted(
    home: Path, document: Path, script: Callable[[dict[str, Any]], str], settings: Settings
) -> None:
    model = script({"root": [{"text": "late", "delay": 600}]})
    async with Engine(settings, lambda *_: None, lambda _: None) as running:
        run = await running.ask(AskRequest(paths=(str(document),), question="Q", model=model, strategy="rlm"))
        async with engine(home) as front:
            assert "Another window or command" in (await front.error("delete", run=run))["message"]
        await running.delete(run)
        assert running.store.count() == 0


async def test_what_a_killed_run_left_in_its_scratch_folder_is_swept(
    document: Path, script: Callable[[dict[str, Any]], str], settings: Settings
) -> None:
    left = settings.prepare().scratch / "engine-1-dead.lock" / "250101-000000-dead"
    (left / "child-1").mkdir(parents=True)
    (left / "child-1" / "0.txt").write_text("a private passage")
    model = script({"root": [LOOK, {"text": "late", "delay": 600}]})
    async with Engine(settings, lambda *_: None, lambda _: None) as running:
        assert not left.parent.exists()
        run = await running.ask(AskRequest(paths=(str(document),), question="Q", model=model, strategy="rlm"))
        while not any(row.kind == "cell" and row.finished for row in running.live(run).rows.values()):
            await asyncio.sleep(0.01)
        kept = sorted(settings.scratch.rglob("*"))
        assert kept
        async with Engine(settings, lambda *_: None, lambda _: None):
            assert sorted(settings.scratch.rglob("*")) == kept, "the run is going in another engine"
        await running.cancel(run)
    assert list(settings.scratch.iterdir()) == []


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, 0.0])
async def test_limits_that_make_no_sense_are_refused(
    document: Path, script: Callable[[dict[str, Any]], str], settings: Settings, seconds: float
) -> None:
    request = AskRequest(
        paths=(str(document),), question="Q", model=script({}), limits=Limits(seconds=seconds)
    )
    async with Engine(settings, lambda *_: None, lambda _: None) as running:
        with pytest.raises(UsageError, match="seconds"):
            await running.ask(request)
