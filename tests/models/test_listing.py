from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.models.catalogue_file import load_catalogue
from rlm_desktop.models.listing import list_models, outlook_of
from rlm_desktop.models.llama import hardware
from rlm_desktop.models.llama.hardware import Device
from tests.models.llama import tiny

GB = 10**9
CARD = Device("CUDA0", "A card", "gpu", 20 * GB, 24 * GB)
OWN = """
[mine]
title = "Mine"
licence = "MIT"
size = 1
sha256 = "0"
context_window = 512
trained_window = 512
memory = 12_000_000_000
source = {{ kind = "file", path = "{path}" }}

[far]
source = {{ kind = "api", base_url = "http://127.0.0.1:9/v1" }}
"""


@pytest.fixture
def model(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(hardware, "free_memory", lambda: 10 * GB)
    monkeypatch.setattr(hardware, "total_memory", lambda: 16 * GB)
    path = tmp_path / "mine.gguf"
    (settings.home / "models.toml").write_text(OWN.format(path=path))
    return path


def listed(settings: Settings, name: str, *cards: Device):
    (found,) = [model for model in list_models(settings, cards) if model.name == name]
    return found


def test_of_a_model_that_is_not_here_the_catalogue_knows_what_it_needs(
    settings: Settings, model: Path
) -> None:
    outlook = listed(settings, "mine").outlook
    assert (outlook.needed, outlook.free, outlook.verdict) == (12 * GB, 10 * GB, "will not fit")
    assert listed(settings, "mine", CARD).outlook.verdict == "fits"


def test_a_file_that_is_here_is_asked_itself(settings: Settings, model: Path) -> None:
    tiny.plain().write(model)
    outlook = listed(settings, "mine").outlook
    assert outlook.verdict == "fits"
    assert outlook.needed < GB
    assert outlook.place.startswith("the processor")


def test_a_damaged_file_does_not_spoil_the_list(settings: Settings, model: Path) -> None:
    model.write_bytes(b"no model")
    assert listed(settings, "mine").outlook.needed == 12 * GB


def test_a_model_on_a_server_needs_nothing_here(settings: Settings, model: Path) -> None:
    assert listed(settings, "far").outlook is None
    assert outlook_of(load_catalogue(settings).entries["far"], settings) is None
