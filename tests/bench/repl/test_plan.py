"""Sizes as a person says them."""

from __future__ import annotations

import pytest

from rlm_desktop.bench.repl.plan import Plan, spelled


@pytest.mark.parametrize(
    ("size", "said"),
    [(10**9, "1 GB"), (2_300_000_000, "2.3 GB"), (10**8, "100 MB"), (1000, "1 kB"), (999, "999 B")],
)
def test_sizes_are_said_shortly(size: int, said: str) -> None:
    assert spelled(size) == said


@pytest.mark.parametrize(("sizes", "extremes"), [((5, 1, 3), (1, 5)), ((7,), (7,)), ((7, 7), (7,))])
def test_cells_run_over_the_smallest_and_the_largest(
    sizes: tuple[int, ...], extremes: tuple[int, ...]
) -> None:
    assert Plan(sizes=sizes).extremes == extremes
