"""A second question over the same passages: what is recomputed, and whether the answers are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rlm_desktop.bench.inference.again import Again, measure_again
from rlm_desktop.bench.inference.peer import Answered, Contestant
from rlm_desktop.bench.inference.workload import Call, Stage, again_workload, reading
from tests.bench.inference.fakes import Fakes, plain

OURS = Contestant("rlm-desktop", 16)


class Worker:
    """Asked the first question, it has read the passages; it remembers that by its folder of states."""

    def __init__(self, reused: Callable[[Call], int], *, odd: int = 0) -> None:
        self.folders: list[tuple[Path | None, bool]] = []
        self._reused = reused
        self._odd = odd
        self._served = 0
        self.fakes = Fakes(self.seconds, self.answer)

    def seconds(self, _: Contestant, __: Stage) -> float:
        self._served += 1
        folder = self.fakes.states[-1]
        self.folders.append((folder, folder is not None and folder.is_dir()))
        return {1: 30.0, 2: 40.0, 3: 32.0, 4: 2.0, 5: 4.0}[self._served]

    def answer(self, _: Contestant, call: Call) -> Answered:
        knows = self._served > 3
        odd = self._served == 5 and call.messages in [one.messages for one in _second()[: self._odd]]
        return Answered(
            prompt_tokens=len(call.tokens),
            reused_tokens=self._reused(call) if knows else 0,
            completion_tokens=call.new_tokens,
            text="x" * 20 if odd else call.messages[-1].content[:20],
        )

    async def measured(self) -> Again:
        return await measure_again(self.fakes.grounds())


def _second() -> list[Call]:
    return again_workload(1).calls


async def test_from_memory_and_from_disk() -> None:
    worker = Worker(lambda call: len(call.tokens) - 5, odd=3)
    again = await worker.measured()
    unknown, other, known, same, after = worker.folders
    assert known == same == after
    assert len({unknown, other, known}) == 3
    assert all(there for _, there in worker.folders)
    assert not any(folder.exists() for folder, _ in worker.folders if folder)
    assert worker.fakes.opened == [OURS, Contestant("rlm-desktop", 1), OURS, OURS]
    assert (again.first.seconds, again.uncached.seconds, again.memory.seconds, again.disk.seconds) == (
        32.0,
        30.0,
        2.0,
        4.0,
    )
    assert (again.memory.to_first, again.disk.to_first) == (1 / 16, 1 / 8)
    assert (again.first.agreement, again.memory.agreement, again.disk.agreement) == (None, 1.0, 0.75)
    (table,) = again.tables()
    assert table.rows[4] == ("second, from disk", "4.0", "1/8.0", "0.0%", "75%", "75%")


def start(call: Call) -> int:
    """Where the passage begins, a token being a character."""
    return len(reading().system) + call.messages[-1].content.index("\n") + 1


def end(call: Call) -> int:
    return len(reading().system) + call.reusable


@pytest.mark.parametrize(
    ("reused", "share"),
    [
        (lambda _: 0, 1.0),
        (start, 1.0),
        (lambda call: (start(call) + end(call)) // 2, 0.5),
        (end, 0.0),
        (lambda call: len(call.tokens), 0.0),
    ],
)
async def test_only_tokens_of_passages_count_as_recomputed(
    reused: Callable[[Call], int], share: float
) -> None:
    again = await Worker(reused).measured()
    assert (again.first.recomputed, again.uncached.recomputed) == (1.0, 1.0)
    assert again.memory.recomputed == again.disk.recomputed == pytest.approx(share, abs=0.001)
    assert again.passage_tokens == sum(len(passage.text) for passage in reading().long_passages)


async def test_as_json() -> None:
    document = plain(await Worker(lambda call: len(call.tokens)).measured())
    assert isinstance(document, dict)
    assert document["kind"] == "again"
    answers = document["disk"].pop("answers")
    assert answers == document["uncached"]["answers"]
    assert document["disk"] == {
        "seconds": 4.0,
        "to_first": 0.125,
        "recomputed": 0.0,
        "agreement": 1.0,
        "alike": 1.0,
    }
    assert document["first"]["agreement"] is None


async def test_what_comes_after_the_end_of_an_uncached_answer_is_not_compared() -> None:
    def answer(_: Contestant, call: Call) -> Answered:
        tokens = call.new_tokens // 2 if call.ends else call.new_tokens
        return Answered(
            prompt_tokens=len(call.tokens), reused_tokens=0, completion_tokens=tokens, text="x" * tokens
        )

    again = await measure_again(Fakes(answer=answer).grounds())
    assert (again.memory.agreement, again.memory.alike) == (1.0, 1.0)
    assert {len(text) for text in again.uncached.answers} == {12}
    assert {len(text) for text in again.disk.answers} == {24}
