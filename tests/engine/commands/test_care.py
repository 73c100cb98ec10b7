"""What the program keeps on disk and what of it can go; which keys there are; how well it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_commands import FOX, finished
from tests.engine.test_server import Front, engine

Script = Callable[[dict[str, Any]], str]


async def parts(front: Front) -> dict[str, tuple[int, int]]:
    answer = await front.call("storage")
    return {part["name"]: (part["count"], part["size"]) for part in answer["parts"]}


async def test_what_is_kept_is_counted_and_measured(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        await finished(front, document, script(FOX))
        (home / "models" / "tiny.gguf").write_bytes(bytes(1234))
        (home / "states" / "tiny").mkdir(parents=True)
        (home / "states" / "tiny" / "a.kv").write_bytes(bytes(77))
        found = await parts(front)
        assert found["models"] == (1, 1234) and found["passages"] == (1, 77)
        runs, size = found["history"]
        assert runs == 1 and size > 10_000
        assert found["trash"] == found["leftovers"] == (0, 0)
        answer = await front.call("storage")
        assert answer["home"] == str(home) and answer["free"] > 0


async def test_each_part_is_thrown_away_and_no_other(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        kept = await finished(front, document, script(FOX))
        gone = await finished(front, document, script(FOX))
        await front.call("delete", run=gone)
        (home / "states" / "tiny").mkdir(parents=True)
        (home / "states" / "tiny" / "a.kv").write_bytes(bytes(77))
        (home / "scratch" / "engine-1-dead.lock").mkdir()
        (home / "scratch" / "engine-1-dead.lock" / "piece").write_bytes(bytes(5))
        before = await parts(front)
        assert before["trash"][0] == 1 and before["leftovers"] == (1, 5)
        for what in ("trash", "passages", "leftovers"):
            answer = await front.call("clean", what=what)
            assert next(part["count"] for part in answer["parts"] if part["name"] == what) == 0
        assert (await front.error("restore", run=gone))["kind"] == "user"
        assert (await front.call("state", run=kept))["run"]["status"] == "answered"
        again = await finished(front, document, script(FOX))
        assert (await front.call("state", run=again))["run"]["status"] == "answered"


@pytest.mark.parametrize("what", ["history", "models", "", 3])
async def test_nothing_else_can_be_thrown_away(home: Path, what: object) -> None:
    async with engine(home) as front:
        assert (await front.error("clean", what=what))["kind"] == "user"


async def test_it_is_said_where_keys_are_and_never_which(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.setenv("RLM_DESKTOP_KEY_EXAMPLE_ORG", "no key")
    async with engine(home) as front:
        answer = await front.call("keys", names=["example.org"])
    places = {key["name"]: key["place"] for key in answer["keys"]}
    assert places == {"openai": "environment", "anthropic": "", "example.org": "unusable"}
    assert "planted" not in str(answer)


async def test_the_doctor_says_what_the_command_line_would(home: Path) -> None:
    async with engine(home) as front:
        checks = {check["name"]: check for check in (await front.call("doctor"))["checks"]}
    assert checks["Python"]["ok"] and {"Qt", "sandbox", "data folder", "disk"} <= checks.keys()
