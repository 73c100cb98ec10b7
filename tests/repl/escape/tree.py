"""The processes of a tree, by the numbers that its cells know them by."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from tests.repl.processes import descendants


def _status(pid: int, field: str) -> list[int]:
    """A field of what the kernel says of a process; empty when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return [int(word) for word in line.split()[1:]]
    return []


def children(pid: int) -> set[int]:
    """The processes right below this one."""
    return {below for below in descendants(pid) if _status(below, "PPid") == [pid]}


def numbers(keeper: int) -> dict[str, object]:
    """Who is above a keeper, in the numbers of its namespace.

    Args:
        keeper: Its own number in there.
    """
    inside = {pid: _status(pid, "NSpid") for pid in descendants(os.getpid())}
    # All namespaces count from one, so a number may have several bearers; only a keeper leads a session of its own.
    (above,) = (pid for pid, known in inside.items() if known[-1:] == [keeper] and os.getsid(pid) == pid)
    names: dict[str, object] = {"keeper": keeper}
    for name in ("holder", "zygote"):
        (above,) = _status(above, "PPid")
        names[name] = inside[above][-1]
    return names
