"""Read logs of the reference implementation, and our own in its format, as runs that can be stored.

A file is read line by line: contexts, which the reference copies into every cell's record, are passed over.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import Recording
from rlm_desktop.reports.log.format import Iteration, Metadata
from rlm_desktop.reports.log.rebuild import Rebuilt

T = TypeVar("T")
_WHAT = "a log of the reference implementation (JSON lines of metadata and iterations)"


_UNFIT = (ValueError, OverflowError, RecursionError, StoreError)
"""What values that no run can have raise, sooner or later."""


class _Kind(msgspec.Struct):
    type: str = ""


class _CutShortError(Exception):
    """The last line ends in its middle: whoever wrote the log was stopped."""


@dataclass(frozen=True)
class Imported:
    """What a log held.

    Attributes:
        recordings: Its runs in order; a session of several questions is several runs.
        note: One sentence of what could not be read; empty when everything was.
    """

    recordings: tuple[Recording, ...]
    note: str = ""


def read_log(path: Path) -> Imported:
    """The runs in a log.

    Raises:
        UserError: The file cannot be read or is no such log; names it and the line.
    """
    runs: list[Rebuilt] = []
    metadata, note = Metadata(), ""
    try:
        for number, entry in _entries(path):
            try:
                if isinstance(entry, Metadata):
                    metadata = entry
                    runs.append(Rebuilt(metadata, path.name))
                elif not runs or not runs[-1].continues(entry):
                    runs.append(Rebuilt(metadata, path.name, first=not runs))
                    runs[-1].add(entry)
                else:
                    runs[-1].add(entry)
            except _UNFIT as error:
                raise _damaged(path, number, error) from error
    except _CutShortError:
        note = f"The last line of {path.name} is cut short; everything before it was read."
    except OSError as error:
        raise UserError(f"The log {path} cannot be read: {error.strerror}.") from error
    try:
        found = tuple(run.recording(note if run is runs[-1] else "") for run in runs if not run.empty)
    except _UNFIT as error:
        raise UserError(f"The log {path} is damaged: {_reason(error)}.") from error
    if not found:
        raise UserError(f"{path} holds no run.", f"Choose {_WHAT}.")
    return Imported(found, note)


def _entries(path: Path) -> Iterator[tuple[int, Metadata | Iteration]]:
    with path.open("rb") as file:
        if stat.S_ISCHR(os.fstat(file.fileno()).st_mode):  # it may go on for ever
            raise UserError(f"{path} is a device and no file.", f"Choose {_WHAT}.")
        for number, data in enumerate(file, 1):
            line = data.removeprefix(b"\xef\xbb\xbf").strip()
            if not line:
                continue
            try:
                if _decoded(line, _Kind).type == "metadata":
                    yield number, _decoded(line, Metadata)
                else:
                    yield number, _decoded(line, Iteration)
            except (ValueError, RecursionError) as error:
                if number > 1 and not data.endswith(b"\n") and not _is_json(line):
                    raise _CutShortError from error
                raise _damaged(path, number, error) from error


def _decoded(line: bytes, kind: type[T]) -> T:
    """One entry; JSON as only Python writes it (NaN, lone surrogates) goes the slower way."""
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError:
        return msgspec.convert(json.loads(line), kind)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _damaged(path: Path, number: int, error: Exception) -> UserError:
    if number == 1:
        return UserError(f"{path} is not {_WHAT}: line 1: {_reason(error)}.", "Choose such a file.")
    return UserError(f"The log {path} is damaged at line {number}: {_reason(error)}.")


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
