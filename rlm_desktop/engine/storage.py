"""What the program keeps on disk, and the parts of it that can go without loss."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.models.llama import kept_states
from rlm_desktop.store import Store
from rlm_desktop.store.owner import Owner

Cleaned = Literal["trash", "passages", "leftovers"]
"""What can be thrown away: deleted runs, computed passages, what processes that were cut short left behind."""


class Kept(msgspec.Struct, frozen=True):
    """One part of what is kept.

    Attributes:
        name: ``history``, ``models`` or one of `Cleaned`.
        count: How many runs, files or folders.
        size: Bytes; those of the trash are part of the history's file, and count there.
    """

    name: str
    count: int
    size: int


def kept(settings: Settings, store: Store) -> list[Kept]:
    """Everything that is kept. Reads the folders, so not for an event loop."""
    models = _files(settings.models)
    states = kept_states.kept_files(settings.states)
    left = leftovers(settings.scratch, store.owner)
    with store.apart() as history:
        runs, trash = history.count(), len(history.trash())
    return [
        Kept("history", runs, sum(map(_size, settings.home.glob(f"{settings.store.name}*")))),
        Kept("models", len(models), sum(map(_size, models))),
        Kept("passages", len(states), sum(size for _, _, size in states)),
        Kept("trash", trash, 0),
        Kept("leftovers", len(left), sum(_size(file) for folder in left for file in _files(folder))),
    ]


def clean(what: Cleaned, settings: Settings, store: Store) -> None:
    """Throw one part away for good.

    Raises:
        StoreError: The history cannot be written.
        UserError: Another process works on a run in the trash.
    """
    deeds: dict[Cleaned, Callable[[], object]] = {
        "trash": lambda: _empty_trash(store),
        "passages": lambda: kept_states.clear(settings.states),
        "leftovers": lambda: sweep(settings.scratch, store.owner),
    }
    deeds[what]()


def leftovers(scratch: Path, owner: Owner) -> list[Path]:
    """Scratch folders of processes that live no more, which hold pieces of the documents they worked on."""
    return [
        folder
        for folder in scratch.iterdir()
        if folder.name != owner.name and not owner.another_lives(folder.name)
    ]


def sweep(scratch: Path, owner: Owner) -> None:
    """Remove what processes that were cut short left in their scratch folders."""
    for folder in leftovers(scratch, owner):
        shutil.rmtree(folder, ignore_errors=True)


def _empty_trash(store: Store) -> None:
    with store.apart() as history:
        for run in history.trash():
            history.purge(run.run)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def _size(path: Path) -> int:
    with suppress(OSError):  # it may be gone by now
        return path.stat().st_size
    return 0
