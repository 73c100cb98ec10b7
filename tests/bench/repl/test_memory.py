"""Anonymous memory of real processes, and of a made-up /proc."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_desktop.bench.repl import memory
from rlm_desktop.bench.repl.memory import Peak, anonymous, descendants

MEGABYTE = 10**6
FAMILY = """
import os, sys
held = b"x" * 60_000_000
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        sys.stdin.read()
        os._exit(0)
    children.append(child)
print(*children, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def family() -> Iterator[tuple[int, list[int]]]:
    """A process that holds 60 MB, and two forks of it."""
    command = (sys.executable, "-c", FAMILY)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield process.pid, [int(number) for number in process.stdout.readline().split()]


def test_descendants_are_children_and_theirs(family: tuple[int, list[int]]) -> None:
    parent, children = family
    assert list(descendants(parent)) == children
    assert {parent, *children} <= set(descendants(os.getpid()))
    assert list(descendants(children[0])) == []
    assert list(descendants(2**22 + 1)) == []


def test_pages_that_forks_share_count_once(family: tuple[int, list[int]]) -> None:
    parent, children = family
    assert 60 * MEGABYTE < anonymous([parent, *children]) < 100 * MEGABYTE
    with Peak(parent) as peak:
        pass
    assert peak.bytes is not None
    assert 60 * MEGABYTE < peak.bytes < 100 * MEGABYTE


def test_nobody_looks_unless_asked_to() -> None:
    with Peak(os.getpid(), watched=False) as peak:
        pass
    assert peak.bytes is None


def test_of_processes_that_may_not_be_looked_into_the_largest_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_PROC", tmp_path)
    for process, kilobytes in ((1, 700), (2, 400)):
        folder = tmp_path / str(process)
        folder.mkdir()
        (folder / "status").write_text(f"Name:\tx\nRssAnon:\t     {kilobytes} kB\nRssFile:\t 9 kB\n")
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "smaps_rollup").write_text("Pss:  99 kB\nPss_Anon:             50 kB\n")
    assert anonymous([1, 2, 3, 4]) == 750 * 1024


def test_without_proc_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_PROC", tmp_path / "none")
    with Peak(os.getpid()) as peak:
        pass
    assert peak.bytes is None
