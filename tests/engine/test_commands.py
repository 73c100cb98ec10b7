"""Commands of the engine process that show, replay, name, find and export runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import LOOK, cell, final
from tests.engine.test_server import Front, engine

Script = Callable[[dict[str, Any]], str]
FOX = {"root": [LOOK, cell("hits = grep('fox')\nprint(hits)"), final("The quick brown fox.")]}


async def finished(
    front: Front, document: Path, model: str, question: str = "Who jumps?", **fields: Any
) -> str:
    asked = {"question": question, "model": model, "strategy": "rlm", **fields}
    if "follows" not in fields:
        asked["paths"] = [str(document)]
    run = (await front.call("ask", **asked))["run"]
    while not any(event["run"] == run and event["event"] == "run.finished" for event in front.events):
        await front.line()
    return run


async def test_a_run_is_replayed_to_any_event_and_back(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        start = await front.call("replay", run=run, at=1)
        assert (start["at"], start["run"]["status"], start["run"]["answer"]) == (1, "running", "")
        assert [row["span"] for row in start["rows"]] == [0]
        assert start["total"] == len(front.events)
        middle = await front.call("replay", run=run, at=start["turns"][0], was=1)
        assert middle["removed"] == [] and not middle["anew"]
        page = await front.call("state", run=run, at=middle["at"])
        assert page["total"] == 1 and page["run"]["status"] == "running"
        end = await front.call("replay", run=run, moment=middle["duration"], was=middle["at"])
        assert (end["at"], end["run"]["status"]) == (end["total"], "answered")
        assert end["time"] >= middle["time"]
        stored = await front.call("state", run=run)
        assert end["run"] == stored["run"]
        back = await front.call("replay", run=run, at=1, was=end["at"])
        assert set(back["removed"]) == set(front.rows) - {0}


async def test_a_run_that_goes_on_elsewhere_is_replayed_as_far_as_it_has_come(
    home: Path, document: Path, script: Script
) -> None:
    model = script({"root": [LOOK, {"text": final("The fox."), "delay": 600}]})
    async with engine(home) as elsewhere, engine(home) as front:
        asked = {"question": "Who?", "model": model, "strategy": "rlm", "paths": [str(document)]}
        run = (await elsewhere.call("ask", **asked))["run"]
        await elsewhere.until("turn.finished")
        before = await front.call("replay", run=run, at=1)
        await elsewhere.call("cancel", run=run)
        after = await front.call("replay", run=run, at=2**40)
        assert after["total"] > before["total"]
        assert after["run"]["status"] == "cancelled"


async def test_replaying_needs_a_run_there_is(home: Path) -> None:
    async with engine(home) as front:
        assert "There is no run" in (await front.error("replay", run="none", at=1))["message"]
        assert (await front.error("replay", run=5))["kind"] == "user"


async def test_the_sample_is_there_before_any_model_is(home: Path, tmp_path: Path) -> None:
    async with engine(home) as front:
        page = await front.call("state", run="sample")
        assert page["run"]["status"] == "answered"
        assert (await front.call("replay", run="sample", at=3))["run"]["status"] == "running"
        turn = next(row for row in page["rows"] if row["children"])
        (row,) = (await front.call("state", run="sample", span=turn["span"]))["rows"]
        assert "find(" in (await front.call("text", hash=row["texts"]["code"]))["text"]
        assert (await front.call("sources", run="sample"))["text"] == ""
        assert (await front.call("history"))["total"] == 0
        path = tmp_path / "sample.html"
        await front.call("export", run="sample", format="html", path=str(path))
        assert "SMTP" in path.read_text("utf-8")
        for command in ("delete", "pin", "rename"):
            fields = {"pin": {"pinned": True}, "rename": {"title": "x"}}.get(command, {})
            assert (await front.error(command, run="sample", **fields))["kind"] == "user"


async def test_runs_are_found_named_pinned_deleted_and_brought_back(
    home: Path, document: Path, script: Script
) -> None:
    async with engine(home) as front:
        first = await finished(front, document, script(FOX))
        second = await finished(front, document, script({"root": [LOOK, final("A walrus.")]}), "Who else?")
        found = await front.call("search", text="a walr")
        assert [hit["run"]["run"] for hit in found["hits"]] == [second]
        (hit,) = found["hits"]
        assert "walrus" in [hit["snippet"][start:end].lower() for start, end in hit["marks"]]
        await front.call("rename", run=first, title="Animals")
        await front.call("pin", run=first, pinned=True)
        runs = (await front.call("history"))["runs"]
        assert [(run["run"], run["title"], run["pinned"]) for run in runs] == [
            (first, "Animals", True),
            (second, "", False),
        ]
        await front.call("delete", run=first)
        assert [run["run"] for run in (await front.call("history"))["runs"]] == [second]
        await front.call("restore", run=first)
        assert (await front.call("history"))["total"] == 2


async def test_a_follow_up_belongs_to_the_session(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        first = await finished(front, document, script(FOX))
        again = {"root": [cell("print(hits, context[:1])"), final("Still the fox.")]}
        second = await finished(front, document, script(again), "Sure?", follows=first)
        session = await front.call("session", run=second)
        assert [(run["run"], run["answer"]) for run in session["runs"]] == [
            (first, "The quick brown fox."),
            (second, "Still the fox."),
        ]


async def test_a_changed_document_is_said_so(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        assert (await front.call("sources", run=run)) == {"changed": [], "total": 1, "text": ""}
        document.write_text("Something else.")
        answer = await front.call("sources", run=run)
        assert answer["changed"] == [{"path": str(document), "state": "changed"}]
        assert document.name in answer["text"]


@pytest.mark.parametrize("kind", ["html", "md", "jsonl"])
async def test_a_run_is_exported(
    home: Path, document: Path, script: Script, tmp_path: Path, kind: str
) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        path = tmp_path / f"report.{kind}"
        assert (await front.call("export", run=run, format=kind, path=str(path)))["path"] == str(path)
        assert "The quick brown fox." in path.read_text("utf-8")
        refused = await front.error("export", run=run, format=kind, path=str(path))
        assert path.name in refused["message"]
        await front.call("export", run=run, format=kind, path=str(path), overwrite=True)


async def test_the_network_is_switched_for_the_runs_to_come(home: Path) -> None:
    async with engine(home) as front:
        assert (await front.call("status"))["online"] is False
        assert (await front.call("settings", online=True))["online"] is True
        assert (await front.call("status"))["online"] is True


async def test_a_key_is_kept_in_the_keyring_or_refused_and_never_repeated(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    key = "sk-planted-0123456789"
    async with engine(home) as front:
        refused = await front.error("key", name="openai", key=f"{key} {key}")
        assert "no key" in refused["message"]
        for fields in (
            {"name": key, "key": key},
            {"name": "openai", "key": [key]},
            {"name": "openai", "key": key},
        ):
            assert key not in str(await front.error("key", **fields))
    assert key not in capfd.readouterr().err
