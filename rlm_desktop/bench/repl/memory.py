"""How much memory processes have of their own, looked at from outside while they work."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

_INTERVAL = 0.01
_PROC = Path("/proc")
_PSS = re.compile(rb"^Pss_Anon:\s+(\d+) kB", re.MULTILINE)
_RSS = re.compile(rb"^RssAnon:\s+(\d+) kB", re.MULTILINE)


class Peak:
    """The largest anonymous memory of a process and all below it, sampled every 10 ms; use it as a context manager.

    A page that several of them share counts once: the kernel's ``Pss_Anon`` gives each its part. Of processes whose
    ``smaps_rollup`` may not be read only the one with the most anonymous memory counts, as forks share theirs.

    Args:
        process: The topmost process.
        watched: Whether to look at all; reading the figures of a large process takes it some milliseconds.

    Attributes:
        bytes: The largest sum so far; ``None`` where nobody looked, or there is no ``/proc``.
    """

    def __init__(self, process: int, *, watched: bool = True) -> None:
        self.bytes: int | None = None
        self._process = process
        self._watched = watched
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> Peak:
        if self._watched:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._watched:
            self._thread.join()

    def _watch(self) -> None:
        while _PROC.is_dir():
            processes = [self._process, *descendants(self._process)]
            taken = anonymous(processes)
            if processes == [
                self._process,
                *descendants(self._process),
            ]:  # or a fork may have been counted twice
                self.bytes = max(self.bytes or 0, taken)
            if self._over.wait(_INTERVAL):
                return


def descendants(process: int) -> Iterator[int]:
    """Every process below this one, by the kernel's word; each after its parent."""
    for thread in _entries(_PROC / str(process) / "task"):
        with contextlib.suppress(OSError):
            for child in map(int, (thread / "children").read_bytes().split()):
                yield child
                yield from descendants(child)


def anonymous(processes: Iterable[int]) -> int:
    """Bytes of anonymous memory these processes have together."""
    shared_fairly = most = 0
    for process in processes:
        folder = _PROC / str(process)
        if (kilobytes := _kilobytes(folder / "smaps_rollup", _PSS)) is not None:
            shared_fairly += kilobytes
        else:
            most = max(most, _kilobytes(folder / "status", _RSS) or 0)
    return (shared_fairly + most) * 1024


def _kilobytes(file: Path, pattern: re.Pattern[bytes]) -> int | None:
    """The number in the line that is looked for, if the file may be read and has it."""
    try:
        found = pattern.search(file.read_bytes())
    except OSError:  # it has ended, or is not ours to look into
        return None
    return int(found[1]) if found else None


def _entries(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in os.listdir(folder)]  # noqa: PTH208 - it is done every 10 ms
    except OSError:
        return []
