"""Rounds are interleaved, one peer at a time; figures are medians; a peer that fails is left out."""

from __future__ import annotations

import pytest

from rlm_desktop.bench.inference.compare import best, compare
from rlm_desktop.bench.inference.peer import Answered, Contestant
from rlm_desktop.bench.inference.workload import Call, Stage, Workload
from rlm_desktop.errors import UserError
from tests.bench.inference.fakes import Fakes, answered, call, plain

SEQUENTIAL = Contestant("llama-cpp-python")
FOUR, EIGHT = Contestant("xllamacpp", 4), Contestant("xllamacpp", 8)
OURS = Contestant("rlm-desktop", 16)
WORKLOAD = Workload("work", ((call(1, 2, 3, 4, root=True),), (call(1, 2, 5), call(1, 2, 6))))


class Script:
    """Seconds of each pass of a contestant, all in its first stage."""

    def __init__(self, **seconds: list[float]) -> None:
        self._seconds = {name: iter(values) for name, values in seconds.items()}

    def __call__(self, contestant: Contestant, stage: Stage) -> float:
        name = f"{contestant.peer.replace('-', '_')}_{contestant.width}"
        return next(self._seconds[name]) if stage == WORKLOAD.stages[0] else 0.0


async def test_every_round_has_each_in_turn() -> None:
    fakes = Fakes()
    await compare(WORKLOAD, [SEQUENTIAL, FOUR, OURS], 3, fakes, fakes.told.append)
    assert fakes.opened == [SEQUENTIAL, FOUR, OURS] * 3
    assert fakes.told[0] == "work: llama-cpp-python, round 1 of 3 …"


async def test_figures_are_medians_and_ratios_those_of_the_best() -> None:
    script = Script(
        llama_cpp_python_1=[9.0, 30.0, 12.0],
        xllamacpp_4=[8.0, 8.0, 8.0],
        xllamacpp_8=[5.0, 6.0, 7.0],
        rlm_desktop_16=[4.0, 2.0, 100.0],
    )
    fakes = Fakes(script)
    result = await compare(WORKLOAD, [SEQUENTIAL, FOUR, EIGHT, OURS], 3, fakes, fakes.told.append)
    assert [one.median for one in result.standings] == [12.0, 8.0, 6.0, 4.0]
    assert result.standings[0].seconds == (9.0, 30.0, 12.0)
    assert result.ratios == {"llama-cpp-python": 3.0, "xllamacpp": 1.5}
    found = best(result.standings, "xllamacpp")
    assert found is not None
    assert found.contestant == EIGHT
    ours = result.standings[3]
    assert (ours.calls_per_second, ours.prompt_tokens, ours.completion_tokens) == (0.75, 10, 6)
    assert (ours.overhead, result.standings[0].overhead) == (0.01, None)
    (table,) = result.tables()
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert table.rows[0][:3] == ("llama-cpp-python", "12.0", "9.0 to 30.0")
    assert [row[-1] for row in table.rows] == ["3.00", "2.00", "1.50", "1.00"]
    assert "1.50 times as quick as xllamacpp ×8." in table.remarks


async def test_without_ours_there_are_no_ratios() -> None:
    fakes = Fakes()
    result = await compare(WORKLOAD, [SEQUENTIAL, FOUR], 1, fakes, fakes.told.append)
    assert result.ratios == {}
    assert [row[-1] for row in result.tables()[0].rows] == ["", ""]


async def test_reuse_is_told_for_each_turn_of_the_root_and_other_counts_are_noticed() -> None:
    def answer(contestant: Contestant, call: Call) -> Answered:
        return Answered(
            prompt_tokens=len(call.tokens) + (contestant == FOUR),
            reused_tokens=2,
            completion_tokens=2,
            text="",
        )

    fakes = Fakes(answer=answer)
    result = await compare(WORKLOAD, [FOUR, OURS], 1, fakes, fakes.told.append)
    four, ours = result.standings
    assert (four.unlike, ours.unlike) == (3, 0)
    assert (four.root_reused, ours.root_reused) == ((0.4,), (0.5,))
    remarks = result.tables()[0].remarks
    assert "xllamacpp ×4 counts 3 of 3 prompts as other numbers of tokens." in remarks
    assert "rlm-desktop ×16: of the root's prompt was reused, turn by turn: 50.0%." in remarks


async def test_who_generates_another_number_of_tokens_is_left_out() -> None:
    def answer(contestant: Contestant, call: Call) -> Answered:
        given = answered(contestant, call)
        return given if contestant != FOUR else Answered(**{**vars_of(given), "completion_tokens": 1})

    fakes = Fakes(answer=answer)
    result = await compare(WORKLOAD, [FOUR, OURS], 2, fakes, fakes.told.append)
    assert fakes.opened == [FOUR, OURS, OURS]
    assert [one.contestant for one in result.standings] == [OURS]
    assert result.ratios == {}
    assert "xllamacpp ×4 generated 3 tokens where 6 were asked for" in result.failures[0]
    assert result.failures[0] in result.tables()[0].remarks


async def test_who_fails_later_keeps_the_rounds_it_had() -> None:
    passes = 0

    def seconds(contestant: Contestant, _: Stage) -> float:
        nonlocal passes
        passes += contestant == SEQUENTIAL
        if passes > len(WORKLOAD.stages):
            raise UserError("It fell over.")
        return 1.0

    fakes = Fakes(seconds)
    result = await compare(WORKLOAD, [SEQUENTIAL], 3, fakes, fakes.told.append)
    assert result.standings[0].seconds == (2.0,)
    assert result.failures == ("It fell over.",)
    assert fakes.told[-1] == "It fell over."


async def test_what_is_our_bug_is_not_hidden() -> None:
    def seconds(*_: object) -> float:
        raise ZeroDivisionError

    fakes = Fakes(seconds)
    with pytest.raises(ZeroDivisionError):
        await compare(WORKLOAD, [OURS], 1, fakes, fakes.told.append)
    assert not fakes.open


async def test_as_json() -> None:
    fakes = Fakes()
    document = plain(await compare(WORKLOAD, [OURS], 1, fakes, fakes.told.append))
    assert isinstance(document, dict)
    assert (document["kind"], document["name"], document["calls"]) == ("comparison", "work", 3)
    (standing,) = document["standings"]
    assert (standing["peer"], standing["width"], standing["seconds"]) == ("rlm-desktop", 16, [2.0])


def vars_of(value: Answered) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__struct_fields__}
