"""What a process has open and which processes are below it, by the kernel's word."""

from __future__ import annotations

import contextlib
from pathlib import Path


def descriptors() -> set[str]:
    """Everything this process has open."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one that lists the folder
            found.add(str(link.readlink()))
    return found


def parent(pid: int) -> int:
    """The process that started this one, or has adopted it; 0 when this one is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def descendants(pid: int) -> list[int]:
    """Every living or unreaped process below this one, by the kernel's word."""
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    parents = {one: parent(one) for one in pids}
    below: list[int] = []
    frontier = {pid}
    while frontier := {child for child, parent in parents.items() if parent in frontier}:
        below += frontier
    return below
