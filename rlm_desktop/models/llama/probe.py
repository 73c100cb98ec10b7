"""Say what llama.cpp offers on this computer: ``python -m rlm_desktop.models.llama.probe`` prints a `Report`.

A process of its own, because a build for another processor does not fail to import: it dies of SIGILL.
"""

from __future__ import annotations

import sys

import msgspec

from rlm_desktop.models.llama.hardware import Device, devices, gpu_offload


class Report(msgspec.Struct, frozen=True):
    """What the installed llama.cpp is and computes on.

    Attributes:
        version: Of llama-cpp-python.
        features: llama.cpp's own list of what the build uses (``CPU : AVX2 = 1 | …``).
        devices: Everything it can compute on, the processor included.
        gpu_offload: Whether the build can use a graphics card.
    """

    version: str
    features: str
    devices: tuple[Device, ...]
    gpu_offload: bool


def report() -> Report:
    """Ask the installed llama.cpp; raises what its import raises."""
    import llama_cpp

    features = llama_cpp.llama_print_system_info().decode()
    return Report(llama_cpp.__version__, features, tuple(devices()), gpu_offload())


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(report()))
