import importlib.util
import platform
import shutil
import subprocess
from importlib.machinery import ModuleSpec
from pathlib import Path

import msgspec
import pytest

from rlm_desktop.models.llama import graphics, hardware
from rlm_desktop.models.llama.hardware import Device
from rlm_desktop.models.llama.probe import Report

CARD = Device("CUDA0", "NVIDIA RTX 9999", "gpu", 20 * 10**9, 24 * 10**9)
PROCESSOR = Device("CPU", "A processor", "cpu", 10**10, 10**10)


@pytest.fixture(autouse=True)
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(shutil, "which", lambda name: None)


def node(root: Path, number: int, vendor: str) -> None:
    (root / "dev/dri").mkdir(parents=True, exist_ok=True)
    (root / f"dev/dri/renderD{number}").touch()
    device = root / f"sys/class/drm/renderD{number}/device"
    device.mkdir(parents=True)
    (device / "vendor").write_text(vendor + "\n")


def test_a_computer_without_a_card(tmp_path: Path) -> None:
    assert graphics.seen(tmp_path) == []


def test_a_card_is_known_by_its_maker(tmp_path: Path) -> None:
    node(tmp_path, 128, "0x8086")
    node(tmp_path, 129, "0x10de")
    node(tmp_path, 130, "0x10de")
    node(tmp_path, 131, "0x1af4")  # a virtual machine's
    (tmp_path / "dev/dri/renderD132").touch()
    assert [maker.name for maker in graphics.seen(tmp_path)] == ["Intel", "NVIDIA"]


@pytest.mark.parametrize("how", ["device", "tool"])
def test_a_card_of_nvidia_shows_without_a_render_node(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidiactl").touch()
    assert graphics.seen(tmp_path) == []
    if how == "device":
        (tmp_path / "dev/nvidia0").touch()
    else:
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    (maker,) = graphics.seen(tmp_path)
    assert maker.option == "-DGGML_CUDA=on"


@pytest.mark.parametrize(("machine", "names"), [("arm64", ["Apple"]), ("x86_64", [])])
def test_a_mac_has_metal_on_its_own_processor(
    machine: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert [maker.name for maker in graphics.seen()] == names


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, *libraries: str) -> None:
    """Pretend that llama.cpp was built into these libraries."""
    (folder / "lib").mkdir()
    for name in libraries:
        (folder / "lib" / name).touch()
    spec = ModuleSpec("llama_cpp", None, origin=str(folder / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)


def test_what_llama_cpp_was_built_for_is_in_the_names_of_its_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(
        tmp_path, monkeypatch, "libggml-base.so.0.25.3", "libggml-cpu-haswell.so", "libggml.so", "libllama.so",
        "libggml-cuda.so", "ggml-vulkan.dll", "libggml-metal.0.dylib", "libggml-blas.so",
    )  # fmt: skip
    assert graphics.backends() == {"cuda", "vulkan", "metal"}


def test_without_llama_cpp_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert graphics.backends() == set()
    assert graphics.cards() == []


def answer(monkeypatch: pytest.MonkeyPatch, output: bytes) -> None:
    done = subprocess.CompletedProcess([], 0, output, b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)


def test_cards_are_asked_for_in_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "libggml-cuda.so")
    report = Report("1", "", (PROCESSOR, CARD), gpu_offload=True)
    answer(monkeypatch, msgspec.json.encode(report))
    assert graphics.cards() == [CARD]
    answer(monkeypatch, msgspec.json.encode(msgspec.structs.replace(report, gpu_offload=False)))
    assert graphics.cards() == []


def test_a_probe_that_dies_or_hangs_or_babbles_means_no_cards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, "libggml-cuda.so")
    answer(monkeypatch, b"ggml_cuda_init: failed")
    assert graphics.cards() == []
    for error in (subprocess.TimeoutExpired("x", 1), subprocess.CalledProcessError(-4, "x"), OSError()):

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(subprocess, "run", fail)
        assert graphics.cards() == []


def test_a_build_for_the_processor_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "libggml-cpu.so")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    monkeypatch.setattr(hardware, "devices", lambda: pytest.fail("llama.cpp was loaded"))
    assert graphics.cards() == []
