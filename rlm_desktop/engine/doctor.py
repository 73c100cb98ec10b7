"""Examine this computer: what works, what does not, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import signal
import stat
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.engine import local_models
from rlm_desktop.engine.check import Check
from rlm_desktop.engine.sandbox import Sandbox, offered, remedy
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import ApiSource, Entry
from rlm_desktop.models.catalogue_file import load_catalogue
from rlm_desktop.models.keys import find_key, keyring_name
from rlm_desktop.models.llama import probe
from rlm_desktop.models.llama.kept_states import STATES_LIMIT, disk_use
from rlm_desktop.models.registry import model_state, verify
from rlm_desktop.models.remote.endpoint import PROVIDERS
from rlm_desktop.processes import child_environment, kill, own_command
from rlm_desktop.store import Store

PROBE_SECONDS = 60.0
"""A probe that takes longer hangs: importing Qt or llama.cpp from a cold disk takes a few seconds."""
_REINSTALL = (
    "Build it again for this processor: `pip install --force-reinstall --no-cache-dir llama-cpp-python`."
)


@dataclass(frozen=True)
class _Answer:
    """What a probe process said: its output, or in ``failure`` why there is none."""

    output: bytes
    failure: str


async def examine(settings: Settings) -> list[Check]:
    """Look at everything the program rests on. Loads no model; takes a second or two.

    Args:
        settings: Whose data folder, network switch and catalogue.
    """
    default = load_catalogue(settings).default
    window, llama, model = await asyncio.gather(
        _window(), _llama(), asyncio.to_thread(_model, default, settings)
    )
    return [
        _python(),
        window,
        *llama,
        _sandbox(await offered()),
        _network(settings),
        await asyncio.to_thread(_keys, settings),
        _data_folder(settings),
        await asyncio.to_thread(_history, settings),
        _disk(default, settings),
        _passages(settings),
        model,
        await asyncio.to_thread(local_models.memory, load_catalogue(settings), settings),
    ]


def _python() -> Check:
    version = platform.python_version()
    return Check("Python", ok=True, detail=f"{platform.python_implementation()} {version}, {sys.executable}")


async def _window() -> Check:
    try:
        version = metadata.version("PySide6-Essentials")
    except metadata.PackageNotFoundError:
        return Check("Qt", False, "PySide6 is not installed", "Run `pip install PySide6-Essentials`.")
    answer = await _ask("rlm_desktop.gui.probe", QT_QPA_PLATFORM="offscreen")
    if answer.failure:
        fix = "Install the system library it names; the command line works without the window."
        return Check("Qt", False, f"PySide6 {version} cannot open a window: {answer.failure}", fix)
    return Check("Qt", ok=True, detail=f"PySide6 {version}")


async def _llama() -> list[Check]:
    answer = await _ask(probe.__name__)
    if answer.failure:
        return [Check("llama.cpp", False, f"llama.cpp cannot be loaded: {answer.failure}", _REINSTALL)]
    return local_models.computing(msgspec.json.decode(answer.output, type=probe.Report))


def _sandbox(offer: Sandbox) -> Check:
    detail, fix = f"{offer.level}: {offer.why}", remedy(offer)
    if offer.level != "none":
        return Check("sandbox", ok=True, detail=detail, fix=fix)
    consent = (
        "Until then `ask` needs --allow-unconfined, or --strategy direct, and the window asks each time."
    )
    return Check("sandbox", False, detail, f"{fix} {consent}".strip())


def _network(settings: Settings) -> Check:
    if settings.online:
        return Check("network", ok=True, detail="on: remote models may be reached")
    return Check("network", ok=True, detail="off: no document, question or answer leaves this computer")


def _keys(settings: Settings) -> Check:
    """Which providers have a key; never the key, nor any part of it."""
    entries = load_catalogue(settings).entries.values()
    own = {entry.source.endpoint.key for entry in entries if isinstance(entry.source, ApiSource)}
    names = (*PROVIDERS, *sorted(own - PROVIDERS.keys()))
    there = ", ".join(f"{name} {_has_key(name)}" for name in names)
    keyring = keyring_name() or "none that keeps secrets; keys come from the environment"
    return Check("keys", ok=True, detail=f"{there}; keyring: {keyring}")


def _has_key(name: str) -> str:
    try:
        return "yes" if find_key(name, needed=False) else "no"
    except UserError:
        return "unusable"


def _data_folder(settings: Settings) -> Check:
    try:
        settings.prepare()
        with tempfile.TemporaryFile(dir=settings.home):
            mode = stat.S_IMODE(settings.home.stat().st_mode)
    except UserError as error:
        return Check("data folder", False, error.message, error.hint)
    except OSError as error:
        detail = f"{settings.home} cannot be written: {error.strerror}"
        return Check("data folder", False, detail, "Make it writable, or choose another with --data-dir.")
    if os.name == "posix" and mode & 0o077:
        fix = f"Run `chmod 700 {settings.home}` as its owner."
        return Check("data folder", False, f"{settings.home} can be read by others (mode {mode:o})", fix)
    return Check("data folder", ok=True, detail=f"{settings.home}, private and writable")


def _history(settings: Settings) -> Check:
    try:
        if not settings.store.exists():
            return Check("history", ok=True, detail="no runs yet")
        with Store(settings.store, settings.locks) as store:
            runs, size = store.count(), settings.store.stat().st_size
    except UserError as error:
        return Check("history", False, error.message, error.hint)
    except OSError as error:
        detail = f"{settings.store} cannot be examined: {error.strerror}"
        return Check("history", False, detail, "Make it readable, or choose another place with --data-dir.")
    return Check("history", ok=True, detail=f"{runs:,} run{'s' * (runs != 1)}, {size / 1e6:.1f} MB")


def _passages(settings: Settings) -> Check:
    """What is kept of passages, which goes when the room is needed."""
    used = disk_use(settings.states) / 1e9
    return Check(
        "passages read", ok=True, detail=f"{used:.1f} GB of {STATES_LIMIT / 1e9:.0f} GB kept on disk"
    )


def _disk(default: Entry, settings: Settings) -> Check:
    try:
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        return Check("disk", False, f"{settings.home} cannot be examined: {error.strerror}")
    needed = 0 if model_state(default, settings) == "ready" else default.size
    detail = f"{free / 1e9:.1f} GB free"
    if free > needed + 100e6:  # the store and the download's last piece want room too
        return Check("disk", ok=True, detail=detail)
    needs = f"; the model {default.name} needs {needed / 1e9:.1f} GB" if needed else ""
    return Check("disk", False, detail + needs, "Free some space, or choose another folder with --data-dir.")


def _model(default: Entry, settings: Settings) -> Check:
    """Hashes the file if it changed since it was last seen, which takes a second for each gigabyte."""
    if isinstance(default.source, ApiSource):
        return Check("default model", ok=True, detail=f"{default.name}, on {default.source.endpoint.host}")
    try:
        digest = verify(default, settings)
    except UserError as error:
        return Check("default model", False, error.message, error.hint)
    return Check("default model", ok=True, detail=f"{default.name}, SHA-256 {digest[:12]}… as it should be")


async def _ask(module: str, **variables: str) -> _Answer:
    """Run a probe in a process of its own, so that no crash and no import of it can touch this process."""
    process = await asyncio.create_subprocess_exec(
        *own_command(module),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=child_environment(**variables),
    )
    try:
        output, said = await asyncio.wait_for(process.communicate(), PROBE_SECONDS)
    except TimeoutError:
        return _Answer(b"", f"no answer within {PROBE_SECONDS:.0f} seconds")
    finally:
        kill(process)
        await process.wait()
    return _Answer(output, _failure(process.returncode or 0, said.decode(errors="replace")))


def _failure(status: int, said: str) -> str:
    """Why a probe failed, in a few words; empty if it did not."""
    if not status:
        return ""
    if status < 0:
        return f"it died of {signal.Signals(-status).name}"
    lines = said.strip().splitlines() or [f"it ended with status {status}"]
    return lines[-1].partition("Error: ")[2] or lines[-1]
