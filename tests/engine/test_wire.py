"""Whatever a run or a document holds, every answer fits a line of the protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.engine.commands.wire import ROOM, clipped, fitting
from rlm_desktop.engine.request import LONGEST_QUESTION
from tests.engine.conftest import LOOK, cell, final
from tests.engine.test_commands import finished
from tests.engine.test_server import engine

Script = Callable[[dict[str, Any]], str]


def test_what_fits_is_the_beginning_and_never_nothing() -> None:
    rows = ["x" * 100] * 10
    assert fitting(rows, 103 * 10) is rows
    assert fitting(rows, 103 * 4 + 1) == rows[:4]
    assert fitting(rows, 5) == rows[:1]
    assert fitting([], 5) == []
    assert clipped("x" * 10, 12) == "x" * 10
    assert clipped("\x01" * 1000, 602) == "\x01" * 87


async def test_a_command_that_is_too_long_is_refused_and_the_runs_go_on(
    home: Path, document: Path, script: Script
) -> None:
    async with engine(home) as front:
        model = script({"root": [{"text": LOOK, "delay": 600}]})
        run = (await front.call("ask", paths=[str(document)], question="Q", model=model, strategy="rlm"))[
            "run"
        ]
        for characters in (2**20, 3 * 2**20):
            asking = front.send("ask", paths=[str(document)], question="x" * characters)
            assert (await front.call("status"))["online"] is False
            error = (await front.answer(asking))["error"]
            assert error["kind"] == "user" and "1,024 KiB" in error["message"]
        assert (await front.call("state", run=run))["run"]["status"] == "running"
        await front.call("cancel", run=run)


async def test_long_questions_and_many_paths_leave_the_history_readable(
    home: Path, tmp_path: Path, script: Script
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    paths = [folder / f"{'a long name of a file ' * 9}{number}.txt" for number in range(400)]
    for path in paths:
        path.write_text("A fox.")
    async with engine(home) as front:
        model = script({"root": [LOOK, final("\x02" * 15_000)]})
        named = [*map(str, paths)] * 5
        run = (
            await front.call(
                "ask", paths=named, question="é\x01" * (LONGEST_QUESTION // 2), model=model, strategy="rlm"
            )
        )["run"]
        await front.until("run.finished")
        assert [event["seq"] for event in front.events] == list(range(1, len(front.events) + 1))
        assert (await front.call("history"))["runs"][0]["run"] == run
        assert (await front.call("session", run=run))["runs"][0]["run"] == run
        assert (await front.call("search", text="fox"))["hits"][0]["run"]["run"] == run
        assert len((await front.call("state", run=run))["run"]["paths"]) > 100
        assert (await front.call("replay", run=run, at=2**40))["run"]["status"] == "answered"
        for path in paths:
            path.write_text("Another animal.")
        assert (await front.call("sources", run=run))["total"] == 400


async def test_the_documents_of_a_run_are_not_sent_with_its_first_event(
    home: Path, tmp_path: Path, script: Script
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text("A fox.")
    async with engine(home) as front:
        run = await finished(front, folder, script({"root": [LOOK, final("A fox.")]}))
        assert front.events[0]["event"] == "run.started"
        assert front.events[0]["sources"] == []
        assert (await front.call("sources", run=run))["total"] == 3


async def test_long_errors_and_odd_outputs_are_shown_page_by_page(
    home: Path, document: Path, script: Script
) -> None:
    model = script(
        {
            "root": [
                cell("raise ValueError('\\x01' * 900_000)"),
                cell("print('\\x01' * 250_000)"),
                final("A fox."),
            ]
        }
    )
    async with engine(home) as front:
        run = await finished(front, document, model)
        assert [event["seq"] for event in front.events] == list(range(1, len(front.events) + 1))
        assert (await front.call("state", run=run, span=1))["rows"][0]["error"].startswith("ValueError: ")
        (printed,) = (await front.call("state", run=run, span=3))["rows"]
        read, page = 0, await front.call("text", hash=printed["texts"]["output"])
        while read < page["total"]:
            page = await front.call("text", **{"hash": printed["texts"]["output"], "from": read})
            assert page["text"]
            read += len(page["text"])


@pytest.mark.parametrize("character", ["x", "漢", "\x01"])
async def test_long_lines_of_a_document_are_shown(home: Path, tmp_path: Path, character: str) -> None:
    path = tmp_path / "long.txt"
    path.write_text((character * 6000 + "\n") * 300)
    async with engine(home) as front:
        for count in (200, 300):
            page = await front.call("lines", path=str(path), encoding="utf-8", first=1, count=count)
            assert len(page["lines"]) == count and all(page["lines"])
        page = await front.call("lines", path=str(path), encoding="utf-8", first=1, count=30)
        assert {len(line) for line in page["lines"]} == {5000}


HOSTILE: list[tuple[str, dict[str, Any]]] = [
    ("open", {"paths": ["a\0b"]}),
    ("open", {"paths": ["x" * 5000]}),
    ("open", {"paths": ["~nobody-of-that-name/x"]}),
    ("lines", {"path": "x" * 5000, "first": 1, "count": 1}),
    ("lines", {"path": "a\0b", "first": 1, "count": 1}),
    ("lines", {"path": "{document}", "first": 2**70, "count": 1}),
    ("lines", {"path": "{document}", "first": 1, "count": 1, "encoding": "hex"}),
    ("lines", {"path": "{document}", "first": 1, "count": 1, "encoding": "undefined"}),
    ("ask", {"question": "Q", "paths": ["{document}"], "model": "script:a\0b"}),
    ("ask", {"question": "Q", "paths": ["{document}"], "model": "script:" + "x" * 5000}),
    ("ask", {"question": "Q", "paths": ["{document}"], "model": "script:~nobody/x"}),
    ("ask", {"question": "Q", "paths": ["{document}"], "model": "a\0b.gguf"}),
    ("ask", {"question": "Q", "paths": ["{document}"], "model": "x" * 5000}),
    ("ask", {"question": "Q", "follows": "sample"}),
    ("export", {"run": "sample", "format": "md", "path": "a\0b"}),
    ("export", {"run": "sample", "format": "md", "path": "x" * 5000}),
    ("export", {"run": "sample", "format": "md", "path": ""}),
    ("state", {"run": "sample", "span": 2**70}),
    ("state", {"run": "sample", "from": 2**70}),
    ("search", {"text": 5}),
    ("history", {"from": -1}),
    ("key", {"name": "", "key": ""}),
    ("pull", {"model": "a\0b"}),
]


async def test_hostile_fields_are_refused_in_a_sentence(home: Path, document: Path) -> None:
    async with engine(home) as front:
        for command, fields in HOSTILE:
            spelled = json.dumps(fields).replace("{document}", str(document))
            error = await front.error(command, **json.loads(spelled))
            assert error["kind"] == "user", (command, fields, error)
        assert len((await front.call("search", text='"NEAR(a b) * ^ : {x}:" OR \0'))["hits"]) == 0
        assert (await front.call("state", **{"run": "sample", "from": 2**40, "count": 2**70}))["rows"] == []
        assert (await front.call("replay", run="sample", at=-(2**70), was=2**70))["at"] == 1
        assert ROOM < 2**20
