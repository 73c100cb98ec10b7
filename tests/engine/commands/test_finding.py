"""Steps of a run are found, wherever they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.engine.commands.finding import looking_for
from tests.engine.commands.test_runs import NEVER, Script, begin, shown
from tests.engine.conftest import cell, final
from tests.engine.test_commands import finished
from tests.engine.test_server import Front, engine

CODE = "print('Otters', llm_query_batched(['one Badger', 'two', 'three', 'four']))"
STORY = {
    "root": [cell(CODE), cell("1 / 0"), final("fox")],
    "sub": {"one": "It is a STOAT.", "two": {"error": "The server is full."}, ".": "no"},
}


async def labels(front: Front, run: str, query: str = "", **fields: Any) -> list[tuple[str, str]]:
    page = await front.call("find_rows", run=run, query=query, **fields)
    rows = {row["span"]: row for row in page["rows"]}
    assert page["total"] >= len(page["hits"])
    for hit in page["hits"]:
        spans = [span for span, _ in hit["path"]]
        assert spans[-1] == hit["span"]
        assert [rows[span]["parent"] for span in spans] == [0, *spans[:-1]]
        assert [rows[span]["index"] for span in spans] == [index for _, index in hit["path"]]
    return [(rows[hit["span"]]["label"], hit["where"]) for hit in page["hits"]]


@given(
    st.text("aB \n\tİK", max_size=12),
    st.lists(st.text("abik", min_size=1, max_size=2), min_size=1, max_size=3),
)
def test_words_are_found_however_they_are_spaced(text: str, words: list[str]) -> None:
    query = " ".join(words)
    assert looking_for(query)(text) == (query in " ".join(text.lower().split()))


async def test_what_any_step_says_is_found(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(STORY))
        found = {query: await labels(front, run, query) for query in (
            "otters", "badger", "  a   Stoat", "is full", "ZeroDivision", "who jumps?", "walrus",
        )}  # fmt: skip
        assert found["otters"][:2] == [("Turn 1", "reply"), (CODE, "label")]
        assert found["badger"][0] == ("Turn 1", "reply")
        assert found["badger"][-1] == ("one Badger", "label")
        assert ("one Badger", "reply") in found["  a   Stoat"]
        assert ("two", "error") in found["is full"]
        assert ("1 / 0", "output") in found["ZeroDivision"]
        assert found["who jumps?"][0] == ("Turn 1", "prompt")
        assert found["walrus"] == []


async def test_steps_are_found_by_what_became_of_them(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(STORY))
        assert await labels(front, run, only="failed") == [("two", "label"), ("1 / 0", "label")]
        calls = [label for label, _ in await labels(front, run, only="calls")]
        assert calls == ["one Badger", "two", "three", "four"]
        assert await labels(front, run, "two", only="failed") == [("two", "label")]
        assert await labels(front, run, only="running") == []
        assert (await front.error("find_rows", run=run, only="nonsense"))["kind"] == "user"
        assert "There is no run" in (await front.error("find_rows", run="none"))["message"]


async def test_hits_come_in_pages(home: Path, document: Path, script: Script) -> None:
    async with engine(home) as front:
        run = await finished(front, document, script(STORY))
        whole = await labels(front, run)
        pages = [await labels(front, run, count=3, **{"from": first}) for first in range(0, len(whole), 3)]
        assert [hit for page in pages for hit in page] == whole


async def test_a_run_that_goes_on_and_one_as_it_was_are_searched(
    home: Path, document: Path, script: Script
) -> None:
    async with engine(home) as front:
        model = script({"root": [cell("print(llm_query('slow'))"), final("fox")], "sub": [NEVER]})
        run = await begin(front, document, model)
        call = await shown(front, "slow")
        running = await labels(front, run, only="running")
        assert [label for label, _ in running] == ["Turn 1", "print(llm_query('slow'))", "slow"][
            -len(running) :
        ]
        await front.call("cancel", run=run, span=call["span"])
        await front.until("run.finished")
        assert await labels(front, run, only="running") == []
        opened = next(event["seq"] for event in front.events if event["event"] == "call.started")
        assert ("slow", "label") in await labels(front, run, only="running", at=opened)


async def test_the_sample_is_searched_too(home: Path) -> None:
    async with engine(home) as front:
        assert await labels(front, "sample", "smtp")
