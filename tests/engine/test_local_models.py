from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine import local_models
from rlm_desktop.models.catalogue_file import load_catalogue
from rlm_desktop.models.llama import graphics, hardware
from rlm_desktop.models.llama.graphics import NVIDIA
from rlm_desktop.models.llama.hardware import Device
from rlm_desktop.models.llama.probe import Report
from tests.models.llama import tiny

GB = 10**9
PROCESSOR = Device("CPU", "A processor", "cpu", 16 * GB, 32 * GB)
CARD = Device("CUDA0", "NVIDIA RTX 9999", "gpu", 20 * GB, 24 * GB)
OWN = """
[small]
title = "Small"
default = true
licence = "MIT"
size = 1
sha256 = "0"
context_window = 512
trained_window = 512
memory = {memory}
source = {{ kind = "file", path = "{path}" }}

[far]
source = {{ kind = "api", base_url = "http://127.0.0.1:9/v1" }}
"""


@pytest.fixture
def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(hardware, "free_memory", lambda: 4 * GB)
    monkeypatch.setattr(hardware, "total_memory", lambda: 8 * GB)
    return Settings(home=home).prepare()


def seeing(*makers: graphics.Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphics, "seen", lambda: list(makers))


def report(*devices: Device, offload: bool) -> Report:
    return Report("0.3.36", "CPU : SSE3 = 1 | AVX2 = 1 | AVX512 = 0 | ", devices, offload)


def test_what_llama_cpp_is_and_computes_on() -> None:
    llama, devices, offload = local_models.computing(report(PROCESSOR, CARD, offload=True))
    assert llama.detail == "llama-cpp-python 0.3.36, built for SSE3, AVX2"
    assert devices.detail.startswith("A processor (32 GB); NVIDIA RTX 9999 (24 GB); ")
    assert offload.detail == "on: NVIDIA RTX 9999 (20.0 GB free)"
    assert not offload.fix


@pytest.mark.parametrize(
    ("offload", "seen", "detail", "fix"),
    [
        (
            False,
            True,
            "off: there is a card by NVIDIA, but this build uses none",
            "CMAKE_ARGS=-DGGML_CUDA=on make setup",
        ),
        (False, False, "off: built for the processor alone, and no card was found", ""),
        (True, True, "off: this build finds no card, though there is one by NVIDIA", "repair its driver"),
        (True, False, "off: this build can use a card, and none was found", ""),
    ],
)
def test_a_card_that_is_not_used_comes_with_what_to_do(
    offload: bool, seen: bool, detail: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeing(*[NVIDIA] * seen, monkeypatch=monkeypatch)
    check = local_models.computing(report(PROCESSOR, offload=offload))[-1]
    assert check.ok  # the program works without
    assert check.detail == detail
    assert (fix in check.fix) if fix else not check.fix


def test_models_that_are_here_are_asked_themselves(settings: Settings, tmp_path: Path) -> None:
    path = tiny.plain().write(tmp_path / "m.gguf")
    (settings.home / "models.toml").write_text(OWN.format(memory=100 * GB, path=path))
    check = local_models.memory(load_catalogue(settings), settings)
    assert check.ok
    assert check.detail == "4.0 GB of 8.0 GB free; small needs 0.1 GB: fits"


@pytest.mark.parametrize(("needed", "fix"), [(5, "Close other programs"), (9, "Choose a smaller model")])
def test_a_default_model_that_will_not_fit_is_a_problem(settings: Settings, needed: int, fix: str) -> None:
    (settings.home / "models.toml").write_text(OWN.format(memory=needed * GB, path="/nowhere.gguf"))
    check = local_models.memory(load_catalogue(settings), settings)
    assert not check.ok
    assert check.fix.startswith(fix)
    assert f"small needs {needed}.0 GB: will not fit" in check.detail


def test_a_default_model_on_a_server_needs_no_memory(settings: Settings) -> None:
    far = '[far]\ndefault = true\nsource = { kind = "api", base_url = "http://127.0.0.1:9/v1" }\n'
    (settings.home / "models.toml").write_text(far)
    check = local_models.memory(load_catalogue(settings), settings)
    assert (check.ok, check.detail) == (True, "4.0 GB of 8.0 GB free")
