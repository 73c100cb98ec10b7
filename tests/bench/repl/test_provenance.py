from __future__ import annotations

from rlm_desktop.bench.repl.grounds import Grounds
from rlm_desktop.bench.repl.plan import Plan
from rlm_desktop.bench.repl.provenance import Provenance, measure_provenance


async def test_prompts_over_a_small_text_are_found_where_they_are(grounds: Grounds, told: list[str]) -> None:
    (section,) = [one async for one in measure_provenance(Plan(sizes=(400_000,)), grounds)]
    assert isinstance(section, Provenance)
    assert section.corpus >= 400_000
    assert section.prompts >= 40_000
    assert section.found > 0.99
    assert section.alone > 0
    assert section.wait < section.seconds
    (table,) = section.tables()
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert told == ["40 kB of prompts over 400 kB …"]
    assert not (grounds.scratch / "provenance.txt").exists()
