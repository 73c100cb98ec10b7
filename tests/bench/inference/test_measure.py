"""What is measured, in which order, and what is said of what cannot be."""

from __future__ import annotations

import importlib.util

import pytest

from rlm_desktop.bench.inference import plan as planning
from rlm_desktop.bench.inference.measure import measure
from rlm_desktop.bench.inference.peer import Contestant
from rlm_desktop.bench.inference.plan import NO_SERVER, Plan
from rlm_desktop.bench.section import Note, Section
from rlm_desktop.errors import UsageError
from tests.bench.inference.fakes import Fakes


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Which of the modules a plan looks for are there."""
    there: dict[str, object] = {"xllamacpp": "a spec"}
    monkeypatch.setattr(planning, "find_spec", there.get)
    return there


async def sections(plan: Plan, fakes: Fakes, **grounds: str) -> list[Section]:
    return [section async for section in measure(plan, fakes.grounds(**grounds))]


async def test_everything_in_order() -> None:
    fakes = Fakes()
    found = await sections(Plan(), fakes)
    assert [section.name for section in found] == [
        "map, 24 calls, 48 new tokens",
        "map, 24 calls, 160 new tokens",
        "trace",
        "peak speeds",
        "trace: roofline",
        "second question over the same passages",
        "gpu",
    ]
    assert not any(section.failures for section in found)
    assert all(table for section in found for table in section.tables())


async def test_each_width_is_a_contestant() -> None:
    fakes = Fakes()
    plan = Plan(parts=("map",), slots=(4, 8), concurrency=(1, 4), new_tokens=(48,), rounds=2)
    await sections(plan, fakes)
    names = ["llama-cpp-python", "xllamacpp ×4", "xllamacpp ×8", "rlm-desktop ×1", "rlm-desktop ×4"]
    assert [str(one) for one in fakes.opened] == names * 2


async def test_elsewhere_ours_has_its_greatest_width() -> None:
    fakes = Fakes()
    await sections(Plan(parts=("trace",), peers=("rlm-desktop",), concurrency=(4, 8)), fakes)
    assert fakes.opened[0] == Contestant("rlm-desktop", 8)


async def test_a_server_that_is_not_installed_is_left_out_in_one_sentence(
    installed: dict[str, object],
) -> None:
    installed.clear()
    fakes = Fakes()
    note, *_ = await sections(Plan(parts=("map",)), fakes)
    assert note == Note(name="xllamacpp", text=NO_SERVER)
    assert {one.peer for one in fakes.opened} == {"llama-cpp-python", "rlm-desktop"}


def test_with_nobody_left_there_is_nothing_to_measure(installed: dict[str, object]) -> None:
    installed.clear()
    with pytest.raises(UsageError, match="not installed"):
        Plan(peers=("xllamacpp",))


async def test_nobody_is_asked_for_what_only_ours_does() -> None:
    fakes = Fakes()
    found = await sections(Plan(parts=("again", "trace"), peers=("llama-cpp-python",)), fakes)
    assert [section.name for section in found] == ["trace"]


async def test_on_a_graphics_card_many_calls_run_together() -> None:
    fakes = Fakes()
    (found,) = await sections(Plan(parts=("gpu",)), fakes, no_gpu="")
    assert found.name == "map, 64 calls, 48 new tokens"
    assert [str(one) for one in fakes.opened] == ["llama-cpp-python", "rlm-desktop ×16", "rlm-desktop ×32"]


def test_the_real_look_finds_modules() -> None:
    assert importlib.util.find_spec("llama_cpp")
