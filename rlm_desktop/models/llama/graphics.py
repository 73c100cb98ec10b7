"""Which graphics cards this computer has, and which of them the installed llama.cpp can use, without loading it."""

from __future__ import annotations

import importlib.util
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rlm_desktop.models.llama import gpu_plan, hardware
from rlm_desktop.models.llama.probe import Report
from rlm_desktop.processes import child_environment, own_command

PROBE_SECONDS = 60.0
"""A first look at a card may take seconds, while its driver starts."""
_NO_CARD = {"base", "cpu", "blas", "rpc"}
"""Parts of llama.cpp that compute on the processor, here or elsewhere."""
_LIBRARY = re.compile(r"(?:lib)?ggml-([a-z]+)")


@dataclass(frozen=True)
class Maker:
    """Who made a graphics card, and the option that builds llama.cpp for it."""

    name: str
    option: str


NVIDIA = Maker("NVIDIA", "-DGGML_CUDA=on")
APPLE = Maker("Apple", "-DGGML_METAL=on")
_VENDORS = {
    "0x10de": NVIDIA,
    "0x1002": Maker("AMD", "-DGGML_VULKAN=on"),
    "0x8086": Maker("Intel", "-DGGML_VULKAN=on"),
}
"""PCI vendors of cards; others, such as those of virtual machines, cannot compute."""


def seen(root: Path = Path("/")) -> list[Maker]:
    """The makers of the graphics cards the system knows, whether or not llama.cpp can use them.

    Args:
        root: Where the system's files are.
    """
    if platform.system() == "Darwin":
        return [APPLE] if platform.machine() == "arm64" else []
    found = [NVIDIA] if any((root / "dev").glob("nvidia[0-9]*")) or shutil.which("nvidia-smi") else []
    for node in sorted((root / "dev/dri").glob("renderD*")):
        try:
            vendor = (root / "sys/class/drm" / node.name / "device/vendor").read_text().strip()
        except OSError:
            continue
        if maker := _VENDORS.get(vendor):
            found.append(maker)
    return list(dict.fromkeys(found))


def backends() -> set[str]:
    """What the installed llama.cpp was built for besides the processor, such as ``cuda``: by its libraries' names."""
    package = importlib.util.find_spec("llama_cpp")
    if package is None or not package.origin:
        return set()
    names = (_LIBRARY.match(file.name) for file in Path(package.origin).parent.glob("lib/*"))
    return {name[1] for name in names if name} - _NO_CARD


def cards() -> list[hardware.Device]:
    """The cards models are put on, with what is free on each; none if this build or this computer has none.

    They are asked for in a process of its own, since a build for another processor dies of its first instruction.
    """
    if not backends():
        return []
    try:
        answer = subprocess.run(
            own_command("rlm_desktop.models.llama.probe"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=True,
            env=child_environment(),
        )
        report = msgspec.json.decode(answer.stdout, type=Report)
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError):
        return []
    return gpu_plan.usable(report.devices, hardware.free_memory()) if report.gpu_offload else []
