"""What this computer offers a model: cores, memory and graphics cards."""

from __future__ import annotations

import ctypes
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from rlm_desktop.models.llama import cgroup
from rlm_desktop.models.llama.options import AUTO

DeviceKind = Literal["cpu", "gpu", "igpu", "accel"]
_KINDS: tuple[DeviceKind, ...] = ("cpu", "gpu", "igpu", "accel")
"""The values of ``ggml_backend_dev_type`` in order (ggml-backend.h)."""
_SYSTEM = Path("/sys/devices")


@dataclass(frozen=True)
class Device:
    """Something llama.cpp can compute on; memory in bytes.

    Attributes:
        kind: ``gpu`` has memory of its own, ``igpu`` uses the computer's; ``accel`` helps the processor.
    """

    name: str
    description: str
    kind: DeviceKind
    free: int
    total: int

    @property
    def gpu(self) -> bool:
        """Whether layers can be put on it."""
        return self.kind in {"gpu", "igpu"}

    @property
    def shared(self) -> bool:
        """Whether its memory is the computer's own; Metal calls a card of that kind a ``gpu`` too."""
        return self.kind == "igpu" or self.name.startswith(("MTL", "Metal"))


def threads(asked: int = AUTO) -> int:
    """Threads to compute with: as many as are asked for, or the physical cores this process may really use."""
    if asked > 0:
        return min(asked, os.cpu_count() or asked)
    usable = set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set()
    physical = physical_cores(usable) or psutil.cpu_count(logical=False) or os.cpu_count() or 1
    quota = cgroup.cores()
    return max(1, min(physical, physical if math.isinf(quota) else math.ceil(quota)))


def in_words(count: int) -> str:
    """A number of threads."""
    return f"{count} thread{'s' * (count != 1)}"


def physical_cores(usable: set[int], system: Path = _SYSTEM) -> int:
    """Physical cores among these logical ones; 0 where the system does not tell.

    Two threads on one core share its arithmetic units and gain nothing. Of a processor with quick and slow cores
    only the quick ones count, since every step ends with its slowest thread (llama.cpp does the same:
    ``cpu_get_num_math`` in common/common.cpp).
    """
    quick = _listed(system / "cpu_core" / "cpus") & usable or usable
    siblings = [_read(system / f"system/cpu/cpu{cpu}/topology/thread_siblings_list") for cpu in quick]
    return len(set(siblings)) if all(siblings) else 0


def idle() -> bool:
    """Whether less than half of the cores had something to do in the last minute; no where the system does not tell."""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] < threads() / 2


def _listed(path: Path) -> set[int]:
    """A list of processors as the kernel writes it, such as ``0-3,8``."""
    spans = [part.split("-") for part in _read(path).split(",") if part]
    return {cpu for span in spans for cpu in range(int(span[0]), int(span[-1]) + 1)}


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def processor() -> str:
    """What is known of the processor: its name and instruction sets, as the system writes them."""
    wanted = {"model name", "flags", "Features", "CPU implementer", "CPU part"}
    lines = [line.partition(":") for line in _read(Path("/proc/cpuinfo")).partition("\n\n")[0].splitlines()]
    said = [value.strip() for name, _, value in lines if name.strip() in wanted]
    return " ".join(said) or " ".join(os.uname()[3:] if hasattr(os, "uname") else ())


def free_memory() -> int:
    """Bytes a new process could take, the limits of containers considered; pages of files count as free."""
    available = int(psutil.virtual_memory().available)
    room = cgroup.memory()
    return min(available, room.free) if room else available


def total_memory() -> int:
    """Bytes of memory this computer or container has."""
    total = int(psutil.virtual_memory().total)
    room = cgroup.memory()
    return min(total, room.limit) if room else total


def devices() -> list[Device]:
    """Everything llama.cpp was built to compute on, asked of ggml."""
    from llama_cpp._ggml import libggml

    handle, size = ctypes.c_void_p, ctypes.c_size_t
    libggml.ggml_backend_dev_count.restype = size
    libggml.ggml_backend_dev_get.restype, libggml.ggml_backend_dev_get.argtypes = handle, [size]
    libggml.ggml_backend_dev_name.restype, libggml.ggml_backend_dev_name.argtypes = ctypes.c_char_p, [handle]
    libggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    libggml.ggml_backend_dev_description.argtypes = [handle]
    libggml.ggml_backend_dev_type.argtypes = [handle]
    libggml.ggml_backend_dev_memory.argtypes = [handle, ctypes.POINTER(size), ctypes.POINTER(size)]
    return [
        _device(libggml, libggml.ggml_backend_dev_get(n)) for n in range(libggml.ggml_backend_dev_count())
    ]


def _device(ggml: ctypes.CDLL, handle: int) -> Device:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    ggml.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
    kind = ggml.ggml_backend_dev_type(handle)
    return Device(
        name=ggml.ggml_backend_dev_name(handle).decode(errors="replace"),
        description=ggml.ggml_backend_dev_description(handle).decode(errors="replace"),
        kind=_KINDS[kind] if kind < len(_KINDS) else "accel",
        free=free.value,
        total=total.value,
    )


def gpu_offload() -> bool:
    """Whether this build of llama.cpp can use a graphics card."""
    import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())
