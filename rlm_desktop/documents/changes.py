"""Which documents of a run are no longer what they were when it began."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from rlm_desktop.events import Source

State = Literal["changed", "missing", "unreadable"]
NAMED = 3
"""Documents named in a sentence."""


class Change(msgspec.Struct, frozen=True):
    """A document that is not what it was. ``unreadable``: it is there, but what is in it cannot be told."""

    path: str
    state: State


def changes(sources: Sequence[Source]) -> list[Change]:
    """The documents that are changed, missing or unreadable now, in the order of the sources.

    A document's bytes are read only when its time has changed and its size has not, so that 2,000 unchanged files
    take 20 ms; one that was only touched is no change.
    """
    states = ((source.path, _state(source)) for source in sources)
    return [Change(path, state) for path, state in states if state]


def _state(source: Source) -> State | None:
    try:
        status = Path(source.path).stat()
        if not stat.S_ISREG(status.st_mode):
            return "missing"
        if not os.access(source.path, os.R_OK):
            return "unreadable"
        if status.st_size != source.size:
            return "changed"
        if status.st_mtime_ns == source.mtime or _sha256(source.path) == source.sha256:
            return None
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a name that no file here can have
        return "missing"
    except OSError:
        return "unreadable"
    return "changed"


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(found: Sequence[Change], total: int) -> str:
    """One sentence on what has changed, empty when nothing has.

    Args:
        found: What `changes` says.
        total: How many documents the run has.
    """
    clauses: list[str] = []
    for state, (one, several) in _VERBS.items():
        names = [Path(change.path).name for change in found if change.state == state]
        verb = one if len(names) == 1 else several
        if names and clauses:
            clauses.append(f"{len(names):,} {verb}")
        elif names:
            subject = "The document" if total == 1 else f"{len(names):,} of {total:,} documents"
            clauses.append(f"{subject} {verb} since this run: {_listed(names)}")
    return f"{'; '.join(clauses)}." if clauses else ""


def _listed(names: Sequence[str]) -> str:
    more = [f"and {len(names) - NAMED:,} more"] if len(names) > NAMED else []
    return ", ".join([*names[:NAMED], *more])


_VERBS: dict[State, tuple[str, str]] = {
    "changed": ("has changed", "have changed"),
    "missing": ("is gone", "are gone"),
    "unreadable": ("cannot be read", "cannot be read"),
}
