"""What the row of a cell says besides how it ended."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.cli import main
from rlm_desktop.engine.rows import NO_WAY_BACK
from rlm_desktop.repl.forking import ForkingRepl
from rlm_desktop.repl.host import CellResult
from tests.engine.conftest import LOOK, Ask, cell, final

STILL = "2 threads of this cell still run: the next cell has no way back if it fails."


async def test_threads_that_outlive_their_cell_are_told_to_the_model_and_to_the_person(
    ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    execute = ForkingRepl.execute

    async def executed(repl: ForkingRepl, code: str, **fields: Any) -> CellResult:
        result = await execute(repl, code, **fields)
        ends = {"started": (True, 2), "after": (False, 0)}
        checkpoint, threads = next((ends[mark] for mark in ends if mark in code), (True, 0))
        return replace(result, checkpoint=checkpoint, threads=threads)

    monkeypatch.setattr(ForkingRepl, "execute", executed)
    cells = [cell("print(context[:5], 'started')"), cell("print('after')"), final("The fox.")]
    asked = await ask({"root": [LOOK, *cells]})
    assert [row.notes for row in asked.rows("cell")] == [(), (STILL,), (NO_WAY_BACK,), ()]
    prompts = ["\n".join(asked.prompts(turn)) for turn in asked.rows("turn")]
    assert [prompt.count(STILL) for prompt in prompts] == [0, 0, 1, 1]
    assert main(["show", "last"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "      · " + STILL in lines and lines.index("      · " + STILL) > 3
    assert main(["show", "last", "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)["tree"]
    assert tree["children"][1]["children"][0]["notes"] == [STILL]
