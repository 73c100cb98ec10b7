"""What this computer offers a model: cores, memory and graphics cards, and whether a model fits."""

from __future__ import annotations

import ctypes
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

Verdict = Literal["fits", "tight", "will not fit"]
BUFFERS = 300_000_000
"""Bytes llama.cpp takes besides weights and KV cache, for steps of 128 tokens (measured: 0.2 to 0.3 GB)."""
_CGROUP = Path("/sys/fs/cgroup")
_GPU_TYPES = (1, 2)  # GGML_BACKEND_DEVICE_TYPE_GPU and _IGPU


@dataclass(frozen=True)
class Device:
    """Something llama.cpp can compute on; memory in bytes."""

    name: str
    description: str
    gpu: bool
    free: int
    total: int


@dataclass(frozen=True)
class Fit:
    """Whether a model fits in memory: what it needs against what is free, in bytes."""

    needed: int
    free: int

    @property
    def verdict(self) -> Verdict:
        """``tight`` leaves less than a tenth of what is free to everything else."""
        if self.needed > self.free:
            return "will not fit"
        return "tight" if self.needed > 0.9 * self.free else "fits"


def threads() -> int:
    """Threads to compute with: the physical cores this process may really use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    physical = psutil.cpu_count(logical=False) or usable
    return max(1, min(usable, physical, cpu_quota()))


def cpu_quota(cgroup: Path = _CGROUP) -> int:
    """Cores a container allows (cgroup v2 ``cpu.max``), rounded up; very many where there is no quota."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no such file, or "max"
        return 2**16


def free_memory(cgroup: Path = _CGROUP) -> int:
    """Bytes a new process could take, a container's limit (cgroup v2 ``memory.max``) considered."""
    available = int(psutil.virtual_memory().available)
    try:
        limit = int((cgroup / "memory.max").read_text())
        used = int((cgroup / "memory.current").read_text())
    except (OSError, ValueError):
        return available
    return min(available, max(0, limit - used))


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
    return Device(
        name=ggml.ggml_backend_dev_name(handle).decode(),
        description=ggml.ggml_backend_dev_description(handle).decode(),
        gpu=ggml.ggml_backend_dev_type(handle) in _GPU_TYPES,
        free=free.value,
        total=total.value,
    )


def gpu_offload() -> bool:
    """Whether this build of llama.cpp can use a graphics card."""
    import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())


def fit(path: Path, context_window: int) -> Fit:
    """Whether a GGUF file fits into memory with a KV cache for so many tokens.

    Raises:
        UserError: The file is no usable GGUF.
    """
    from rlm_desktop.models.gguf import read_header

    header = read_header(path)
    return Fit(header.size + header.kv_bytes(context_window) + BUFFERS, free_memory())
