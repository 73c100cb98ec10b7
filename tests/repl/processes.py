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


def descendants(pid: int) -> list[int]:
    """Every living or unreaped process below this one, by the kernel's word."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    below: list[int] = []
    frontier = {pid}
    while frontier := {child for child, parent in parents.items() if parent in frontier}:
        below += frontier
    return below
