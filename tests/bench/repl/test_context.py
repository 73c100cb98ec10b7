"""Texts made ready, by our REPL and by one that looks like the reference's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rlm_desktop.bench.repl import context
from rlm_desktop.bench.repl.context import ASKED, Compared, Loading, Ready, beside, measure_context
from rlm_desktop.bench.repl.grounds import Grounds
from rlm_desktop.bench.repl.plan import GIGABYTE, Plan
from tests.bench.repl.conftest import SIZES

PLAN = Plan(sizes=SIZES, rounds=2)


async def ready(grounds: Grounds, plan: Plan = PLAN) -> list[Ready]:
    sections = [section async for section in measure_context(plan, grounds)]
    assert all(isinstance(section, Ready) for section in sections)
    return sections  # type: ignore[return-value]


async def test_each_size_with_each_kind_of_character(grounds: Grounds) -> None:
    sections = await ready(grounds)
    assert [(section.name, section.size) for section in sections] == [
        ("context, 20 kB", 20_000),
        ("context, 50 kB", 50_000),
    ]
    for section in sections:
        assert [text.text for text in section.texts] == ["ASCII", "one curly quote", "one emoji"]
        for text in section.texts:
            assert text.reference
            assert len(text.ours.seconds) == len(text.reference.seconds) == 2
            assert text.ours.peak
            assert text.reference.peak
            assert text.memory == text.ours.peak / text.reference.peak
        (table,) = section.tables()
        assert [row[0] for row in table.rows][:2] == ["ASCII: rlm-desktop", "ASCII: rlms LocalREPL"]
        assert len(table.rows) == 6


async def test_without_the_reference_ours_is_measured(grounds: Grounds) -> None:
    (section,) = await ready(replace(grounds, reference=False), Plan(sizes=SIZES[:1], rounds=1))
    assert [text.reference for text in section.texts] == [None] * 3
    assert len(section.tables()[0].rows) == 3
    assert not section.failures


async def test_what_does_not_fit_the_memory_is_left_out(
    grounds: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "free_memory", lambda: 80_000)
    (section,) = await ready(grounds, Plan(sizes=SIZES[:1], rounds=1))
    plain, quote = section.texts
    assert plain.reference
    assert quote.reference is None
    assert [failure.partition(":")[0] for failure in section.failures] == ["one curly quote", "one emoji"]
    assert "takes about 120 kB of memory, and 80 kB are free" in section.failures[0]


@pytest.mark.parametrize(("size", "asked"), [(GIGABYTE, True), (1000, False)])
def test_ratios_are_told_beside_what_was_asked(size: int, asked: bool) -> None:
    ours = Loading(seconds=(1.0, 2.0, 9.0), median=2.0, peak=100)
    compared = beside(Compared(text="ASCII", ours=ours), Loading(seconds=(8.0,), median=8.0, peak=400))
    (table,) = Ready(name="context", size=size, texts=(compared,)).tables()
    assert table.rows[0] == ("ASCII: rlm-desktop", "2.000", "1.000 to 9.000", "0")
    assert table.remarks[0] == "ASCII: 0.25 of its time, 0.25 of its peak."
    assert (ASKED in table.remarks) is asked


def test_where_memory_is_not_known_the_time_is_told() -> None:
    ours = Loading(seconds=(2.0,), median=2.0, peak=None)
    compared = beside(Compared(text="ASCII", ours=ours), ours)
    (table,) = Ready(name="context", size=1, texts=(compared,)).tables()
    assert table.rows[0][-1] == ""
    assert table.remarks[0] == "ASCII: 1.00 of its time."
