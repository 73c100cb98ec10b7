"""On what a bench was run: the computer, the versions and the model."""

from __future__ import annotations

import asyncio
import os
import platform
from importlib import metadata
from pathlib import Path

import msgspec
import psutil

from rlm_desktop import __version__
from rlm_desktop.errors import UserError
from rlm_desktop.models.llama import probe
from rlm_desktop.models.llama.hardware import threads
from rlm_desktop.models.registry import ResolvedModel
from rlm_desktop.processes import child_environment, kill, own_command

_PACKAGES = ("llama-cpp-python", "rlms", "xllamacpp")
_CPU_INFO = Path("/proc/cpuinfo")


class Machine(msgspec.Struct, frozen=True):
    """A computer: ``threads`` is what a model computes with, ``memory`` is in bytes."""

    system: str
    processor: str
    cores: int
    threads: int
    memory: int


class ModelFile(msgspec.Struct, frozen=True):
    """The model, by its name, the hash of its file and its size in bytes."""

    name: str
    sha256: str
    size: int


def this_machine() -> Machine:
    """What this process can see of the computer."""
    return Machine(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        threads=threads(),
        memory=int(psutil.virtual_memory().total),
    )


async def llama_build() -> probe.Report:
    """What the installed llama.cpp is and computes on, asked in a process of its own.

    Raises:
        UserError: It cannot be loaded.
    """
    process = await asyncio.create_subprocess_exec(
        *own_command(probe.__name__),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=child_environment(),
    )
    try:
        output, _ = await process.communicate()
    finally:
        kill(process)
    try:
        return msgspec.json.decode(output, type=probe.Report)
    except msgspec.DecodeError as error:
        raise UserError("llama.cpp cannot be loaded.", "`rlm-desktop doctor` says why.") from error


def versions() -> dict[str, str]:
    """Version of Python, of this program and of each peer that is installed."""
    found = {"python": platform.python_version(), "rlm-desktop": __version__}
    for package in _PACKAGES:
        if version := version_of(package):
            found[package] = version
    return found


def version_of(package: str) -> str:
    """Version of an installed package, or empty."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def model_file(model: ResolvedModel) -> ModelFile:
    """Which file a bench runs; by name only, since a path says who is at the computer."""
    name = Path(model.name).name if model.name.lower().endswith(".gguf") else model.name
    return ModelFile(name, model.sha256, model.path.stat().st_size)


def _processor() -> str:
    try:
        lines = _CPU_INFO.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
