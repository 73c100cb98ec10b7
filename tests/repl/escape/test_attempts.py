"""Every attempt of every family, at each level this computer offers, as whoever runs the tests and as an ordinary user."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.repl.escape import FAMILIES
from tests.repl.escape.attempt import Attempt
from tests.repl.escape.belongings import for_everyone
from tests.repl.escape.stage import levels, staged

NOBODY = 65534
AT_A_TIME = 3
"""Families that an ordinary user has under way: much of their time is spent waiting."""


def family_of(name: str) -> list[Attempt]:
    attempts: list[Attempt] = importlib.import_module(f"tests.repl.escape.{name}").ATTEMPTS
    return attempts


@pytest.mark.parametrize("level", levels())
@pytest.mark.parametrize("family", FAMILIES)
async def test_nothing_gets_out(family: str, level: str, tmp_path: Path) -> None:
    async with staged(tmp_path, level) as stage:
        wrong = await stage.family(family_of(family))
    assert not wrong, "\n".join(["", *wrong])


@pytest.fixture(scope="module")
def everyones() -> Iterator[tuple[Path, Path]]:
    """An interpreter and packages that any user can read."""
    with for_everyone() as copies:
        yield copies


def _as_nobody(python: Path, packages: Path, level: str, family: str) -> list[str]:
    made = subprocess.run(
        [python, "-B", "-m", "tests.repl.escape.ordinary", level, family],
        env={"PYTHONPATH": str(packages), "PATH": os.defpath}, check=False, capture_output=True, text=True,
        user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", timeout=100,
    )  # fmt: skip
    wrong: list[str] = json.loads(made.stdout or "[]")
    return [*wrong, *made.stderr.splitlines()]


@pytest.mark.parametrize("level", levels())
def test_an_ordinary_user_is_held_as_well(level: str, everyones: tuple[Path, Path]) -> None:
    if os.geteuid() != 0:
        return  # the test above was made by one
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        wrong = [said for told in pool.map(partial(_as_nobody, *everyones, level), FAMILIES) for said in told]
    assert not wrong, "\n".join(["", *wrong])


def test_there_are_enough_attempts_and_each_has_a_name_of_its_own() -> None:
    for family in FAMILIES:
        names = [attempt.name for attempt in family_of(family)]
        assert len(set(names)) == len(names)
    assert sum(len(family_of(family)) for family in FAMILIES) >= 120
