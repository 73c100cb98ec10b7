"""What the control groups this process is in leave it: the limits of a container, a service or a job.

Both versions are read, which may be in use side by side, and every group from our own up to the one that is mounted:
the tightest limit holds. https://docs.kernel.org/admin-guide/cgroup-v2.html,
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html, https://docs.kernel.org/scheduler/sched-bwc.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc/self")
_CACHE = {"active_file", "inactive_file", "total_active_file", "total_inactive_file"}
"""What ``memory.stat`` counts as used and the kernel gives back when memory is asked for: pages of files. The names
that begin with ``total`` are those of version 1, where the others leave out the groups below."""


@dataclass(frozen=True)
class Room:
    """What one group may take of memory and what of that is free, in bytes."""

    limit: int
    free: int


def cores(proc: Path = PROC) -> float:
    """Cores that may be used at a time; infinite where there is no quota."""
    quotas = [_quota(folder, version) for folder, version in _groups("cpu", proc)]
    return min(quotas, default=math.inf)


def memory(proc: Path = PROC) -> Room | None:
    """The tightest limit on memory and the least that is free; ``None`` where there is no limit."""
    rooms = [room for folder, version in _groups("memory", proc) if (room := _room(folder, version))]
    if not rooms:
        return None
    return Room(min(room.limit for room in rooms), min(room.free for room in rooms))


def _groups(controller: str, proc: Path) -> Iterator[tuple[Path, int]]:
    """The folders of our groups that may limit something, with their version, from our own upward."""
    paths = _paths(proc)
    for line in _lines(proc / "mountinfo"):
        fields, _, kind = line.partition(" - ")
        root, mount = (_unescaped(field) for field in fields.split()[3:5])
        filesystem, _, options = kind.split(" ", 2)
        if filesystem == "cgroup2":
            version, path = 2, paths.get("")
        elif filesystem == "cgroup" and controller in options.split(","):
            version, path = 1, paths.get(controller)
        else:
            continue
        if path is not None:
            yield from ((folder, version) for folder in _upward(Path(mount), root, path))


def _paths(proc: Path) -> dict[str, str]:
    """Our group in each hierarchy, by controller; that of version 2 by the empty name."""
    split = (line.split(":", 2) for line in _lines(proc / "cgroup"))
    return {name: path for _, names, path in split for name in names.split(",")}


def _upward(mount: Path, root: str, path: str) -> Iterator[Path]:
    """The folders from a group to the mounted one; only that when ours cannot be seen from here."""
    inside = path.removeprefix(root.rstrip("/")) if (path + "/").startswith(root.rstrip("/") + "/") else ""
    parts = [part for part in inside.split("/") if part]
    if ".." in parts or not mount.joinpath(*parts).is_dir():
        parts = []
    return (mount.joinpath(*parts[:count]) for count in range(len(parts), -1, -1))


def _quota(folder: Path, version: int) -> float:
    if version == 2:
        written, _, every = "".join(_lines(folder / "cpu.max")).partition(" ")
        quota, period = _number(written), _number(every)
    else:
        quota, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
    return quota / period if quota > 0 and 0 < period < math.inf else math.inf


def _room(folder: Path, version: int) -> Room | None:
    names = ("memory.max", "memory.high") if version == 2 else ("memory.limit_in_bytes",)
    limit = min(_read(folder / name) for name in names)
    used = _read(folder / ("memory.current" if version == 2 else "memory.usage_in_bytes"))
    if limit >= 2**60 or math.isinf(used):  # version 1 writes its absence of a limit as 2**63 less a page
        return None
    return Room(int(limit), max(0, int(limit - used + _reclaimable(folder, version))))


def _reclaimable(folder: Path, version: int) -> int:
    pairs = (line.split() for line in _lines(folder / "memory.stat"))
    counts = {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
    names = [name for name in _CACHE if name.startswith("total_") == (version == 1)]
    return sum(counts.get(name, 0) for name in names)


def _read(path: Path) -> float:
    return _number("".join(_lines(path)))


def _number(text: str) -> float:
    """A number the kernel wrote; infinite for ``max`` and for a file that is not there."""
    try:
        return float(int(text))
    except ValueError:
        return math.inf


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []


def _unescaped(field: str) -> str:
    r"""A path of ``mountinfo``, where a space is ``\040``."""
    for code in ("\\040", "\\011", "\\012", "\\134"):
        field = field.replace(code, chr(int(code[1:], 8)))
    return field
