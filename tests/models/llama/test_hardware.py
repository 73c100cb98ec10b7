import math
from pathlib import Path

import pytest

from rlm_desktop.models.llama import cgroup, hardware
from rlm_desktop.models.llama.hardware import Device


def topology(system: Path, siblings: dict[int, str]) -> None:
    for cpu, together in siblings.items():
        folder = system / f"system/cpu/cpu{cpu}/topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(together + "\n")


def test_two_threads_of_a_core_count_once_and_only_usable_cores_count(tmp_path: Path) -> None:
    topology(tmp_path, {0: "0,4", 1: "1,5", 4: "0,4", 5: "1,5"})
    assert hardware.physical_cores({0, 1, 4, 5}, tmp_path) == 2
    assert hardware.physical_cores({0, 4}, tmp_path) == 1


def test_slow_cores_do_not_count_beside_quick_ones(tmp_path: Path) -> None:
    topology(tmp_path, {cpu: str(cpu) for cpu in range(8)})
    (tmp_path / "cpu_core").mkdir()
    (tmp_path / "cpu_core/cpus").write_text("0-2,7\n")
    assert hardware.physical_cores(set(range(8)), tmp_path) == 4
    assert hardware.physical_cores({3, 4}, tmp_path) == 2  # nothing but slow ones may be used


def test_without_a_topology_nothing_is_claimed(tmp_path: Path) -> None:
    assert hardware.physical_cores({0, 1}, tmp_path) == 0


@pytest.mark.parametrize(("quota", "most"), [(0.3, 1), (1.0, 1), (math.inf, 10**6)])
def test_threads_keep_to_the_quota(quota: float, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "cores", lambda: quota)
    assert 1 <= hardware.threads() <= most


@pytest.mark.parametrize(("load", "idle"), [(0.0, True), (10.0**6, False)])
def test_a_computer_is_idle_when_its_cores_wait(
    load: float, idle: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware.os, "getloadavg", lambda: (load, 0.0, 0.0))
    assert hardware.idle() == idle


def test_memory_is_what_the_container_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "memory", lambda: cgroup.Room(1000, 600))
    assert (hardware.free_memory(), hardware.total_memory()) == (600, 1000)
    monkeypatch.setattr(cgroup, "memory", lambda: None)
    assert 10**7 < hardware.free_memory() <= hardware.total_memory()


def test_the_processor_has_a_name() -> None:
    assert len(hardware.processor()) > 3


@pytest.mark.parametrize(
    ("name", "kind", "gpu", "shared"),
    [
        ("CUDA0", "gpu", True, False),
        ("Vulkan0", "igpu", True, True),
        ("MTL0", "gpu", True, True),
        ("CPU", "cpu", False, False),
        ("BLAS", "accel", False, False),
    ],
)
def test_kinds_of_devices(name: str, kind: hardware.DeviceKind, gpu: bool, shared: bool) -> None:
    device = Device(name, "", kind, 1, 1)
    assert (device.gpu, device.shared) == (gpu, shared)


def test_llama_cpp_knows_the_processor() -> None:
    processors = [device for device in hardware.devices() if device.kind == "cpu"]
    assert processors
    assert processors[0].total > 10**8
    assert hardware.gpu_offload() in {True, False}
