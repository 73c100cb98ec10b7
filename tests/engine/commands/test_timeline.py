"""The times of all steps of a run, in columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec

from rlm_desktop.engine.commands.timeline import TIMELINE_PAGE
from rlm_desktop.engine.server import LINE_LIMIT
from rlm_desktop.engine.timeline import LABEL, columns
from rlm_desktop.events import Row, Usage
from rlm_desktop.events.row import RowKind, RowStatus
from tests.engine.conftest import LOOK, cell
from tests.engine.test_commands import FOX, finished
from tests.engine.test_server import engine

Script = Callable[[dict[str, Any]], str]
KINDS, STATUSES = get_args(RowKind), get_args(RowStatus)
COLUMNS = ("span", "parent", "kind", "status", "start", "heard", "end", "batch", "prompt", "completion",
           "cost", "label")  # fmt: skip


async def test_a_stored_run_is_told_as_it_was_lived(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        page = await front.call("timeline", run=run)
        rows = list(front.rows.values())
        assert page["total"] == len(rows) and page["first"] == 0
        assert page["zero"] == front.rows[0]["started"]
        assert {len(page[name]) for name in COLUMNS} == {len(rows)}
        for position, row in enumerate(rows):
            assert page["span"][position] == row["span"]
            assert page["parent"][position] == row["parent"]
            assert KINDS[page["kind"][position]] == row["kind"]
            assert STATUSES[page["status"][position]] == row.get("status", "running")
            assert page["zero"] + page["start"][position] == row["started"]
            assert page["zero"] + page["end"][position] == row.get("finished")
            assert page["prompt"][position] == row.get("usage", {}).get("prompt_tokens", 0)
            assert page["label"][position] == row["label"][:LABEL]
        turn = page["kind"].index(KINDS.index("turn"))
        assert page["start"][turn] <= page["heard"][turn] <= page["end"][turn]


async def test_pages_are_consecutive(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        whole = await front.call("timeline", run=run)
        spans = []
        for first in range(0, whole["total"] + 2, 2):
            page = await front.call("timeline", run=run, count=2, **{"from": first})
            assert page["first"] == first and page["total"] == whole["total"]
            spans += page["span"]
        assert spans == whole["span"]
        assert (await front.error("timeline", run=run, **{"from": -1}))["kind"] == "user"
        assert "There is no run" in (await front.error("timeline", run="none"))["message"]


async def test_it_is_told_as_it_was_at_an_event(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        start = await front.call("timeline", run=run, at=1)
        assert start["span"] == [0] and start["end"] == [None]
        turn = await front.call("timeline", run=run, at=2)
        assert len(turn["span"]) == 2 and turn["end"] == [None, None]


async def test_a_run_that_goes_on_has_steps_without_an_end(
    home: Path, document: Path, script: Script
) -> None:
    model = script({"root": [LOOK, {"text": cell("1"), "delay": 600}]})
    async with engine(home) as front:
        asked = {"question": "Who?", "model": model, "strategy": "rlm", "paths": [str(document)]}
        run = (await front.call("ask", **asked))["run"]
        await front.until("cell.finished")
        page = await front.call("timeline", run=run)
        assert page["end"][0] is None and None not in page["end"][1:3]
        await front.call("cancel", run=run)
        assert None not in (await front.call("timeline", run=run))["end"]


def test_the_longest_page_fits_a_line() -> None:
    huge = 2**53
    row = Row(
        span=huge, parent=huge, index=0, kind="call", label="\x00" * LABEL * 2, status="cancelled",
        started=huge, heard=huge, finished=huge, batch=huge,
        usage=Usage(huge, huge, huge, huge, huge, 1 / 3),
    )  # fmt: skip
    assert len(msgspec.json.encode(columns([row] * TIMELINE_PAGE, 0))) < LINE_LIMIT - 10_000
