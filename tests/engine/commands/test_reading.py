"""What was read, what was not, and what a prompt added, through the pipes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engine.conftest import LOOK, cell, final
from tests.engine.test_commands import FOX, finished
from tests.engine.test_server import Front, engine

Script = Callable[[dict[str, Any]], str]


def spans(front: Front, kind: str) -> list[int]:
    return [row["span"] for row in front.rows.values() if row["kind"] == kind]


async def test_the_places_a_step_read_have_names_and_lines(
    home: Path, document: Path, script: Script
) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        text = document.read_text("utf-8")
        shown = [span for span in spans(front, "cell") if front.rows[span].get("printed")]
        answer = await front.call("ranges", run=run, span=shown[-1])
        place = answer["places"][0]
        assert (place["name"], place["path"], place["state"]) == (document.name, str(document), "")
        assert place["how"] in {"printed", "searched"}
        assert place["lines"][0] == text.count("\n", 0, place["start"]) + 1
        assert answer["total"] == len(answer["places"])
        document.write_text("Something else.")
        changed = (await front.call("ranges", run=run, span=shown[-1]))["places"][0]
        assert (changed["lines"], changed["state"]) == ([0, 0], "changed")
        assert "no row" in (await front.error("ranges", run=run, span=99))["message"]


async def test_the_sample_tells_what_was_read_although_its_documents_are_not_here(home: Path) -> None:
    async with engine(home) as front:
        answer = await front.call("coverage", run="sample")
        assert answer["exact"] is False
        assert 0 < answer["read"] < answer["characters"]
        assert answer["none"] + answer["part"] + answer["whole"] == answer["total"]


async def test_what_was_not_read_is_told_document_by_document(
    home: Path, tmp_path: Path, script: Script
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1200):
        (folder / f"{number:04}.txt").write_text(f"Nothing of note, {number}.")
    (folder / "0007.txt").write_text("The quick brown fox jumps over the lazy dog, they say.")
    model = script({"root": [LOOK, cell("print(context[7])"), final("The fox.")]})
    async with engine(home) as front:
        run = await finished(front, folder, model)
        every = await front.call("coverage", run=run, count=0)
        assert (every["none"] + every["part"] + every["whole"], every["exact"]) == (1200, True)
        assert every["whole"] >= 1 and every["none"] > 1100
        page = await front.call("coverage", run=run, part="none", **{"from": 100, "count": 5})
        assert len(page["rows"]) == 5 and page["total"] == every["none"]
        assert all(row["read"] == 0 for row in page["rows"])
        (read,) = (await front.call("coverage", run=run, text="0007"))["rows"]
        assert read["read"] == read["characters"] == 54
        assert (await front.error("coverage", run=run, part="half"))["kind"] == "user"


async def test_a_prompt_is_compared_with_the_one_before(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(FOX))
        first, second, *_ = [span for span in spans(front, "turn") if front.rows[span].get("prompt")]
        answer = await front.call("compare", run=run, span=second)
        assert answer["against"] == first
        assert answer["lines"][0]["mark"] == "same"
        heads = [line["role"] for line in answer["lines"] if line["mark"] == "added"]
        assert heads == ["assistant", "user"]
        rest = await front.call("compare", run=run, span=second, **{"from": 1})
        assert rest["lines"] == answer["lines"][1:]
        assert (await front.call("compare", run=run, span=first)) == {"against": 0, "lines": [], "total": 0}


async def test_what_a_child_run_reads_is_of_its_own_context(
    home: Path, document: Path, script: Script
) -> None:
    model = script({
        "root": [cell("print(rlm_query('Who?', context[:60]))"), final("The fox.")],
        "child": [cell("print(context[:40])"), final("It says fox.")],
    })  # fmt: skip
    async with engine(home) as front:
        run = await finished(front, document, model)
        calls = [row["span"] for row in front.rows.values() if row.get("call_kind") == "rlm"]
        (given,) = (await front.call("ranges", run=run, span=calls[0]))["places"]
        assert (given["path"], given["how"], given["lines"]) == (str(document), "sent", [1, 2])
        inner = [row["span"] for row in front.rows.values() if row["kind"] == "cell" and row.get("printed")]
        places = [
            place
            for span in inner
            for place in (await front.call("ranges", run=run, span=span))["places"]
            if not place["path"]
        ]
        assert places and all((place["name"], place["lines"]) == ("", [0, 0]) for place in places)
