from pathlib import Path

import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.models.llama import hardware, tuning
from rlm_desktop.models.llama.hardware import Device
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.outlook import Outlook, expected, outlook
from rlm_desktop.models.llama.tuning import Speeds, Tuning
from tests.models.llama import tiny

GB = 10**9
CARD = Device("CUDA0", "A card", "gpu", 20 * GB, 24 * GB)
METAL = Device("MTL0", "Apple M9", "gpu", 8 * GB, 16 * GB)


@pytest.fixture(autouse=True)
def computer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hardware, "free_memory", lambda: 10 * GB)
    monkeypatch.setattr(hardware, "total_memory", lambda: 16 * GB)
    monkeypatch.setattr(tuning, "cache_file", lambda: tmp_path / "speeds.json")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny.plain().write(tmp_path / "m.gguf")


def test_a_model_on_the_processor(model: Path) -> None:
    seen = outlook(model, Options(context_window=1024), [])
    assert (seen.verdict, seen.free, seen.total) == ("fits", 10 * GB, 16 * GB)
    assert seen.place == f"the processor, {hardware.threads()} threads"
    assert seen.speed == ""
    assert str(seen) == f"fits ({seen.needed / 1e9:.1f} GB of 10.0 GB free)"


def test_its_speed_is_told_once_it_was_measured(model: Path) -> None:
    found = Tuning(repack=True, speeds=Speeds(100, 50, 10))
    tuning.remember(model, found)
    assert outlook(model, Options(), []).speed == str(found)
    assert outlook(model, Options(), [CARD]).speed == ""  # that was the processor's


def test_a_model_on_a_card(model: Path) -> None:
    seen = outlook(model, Options(context_window=1024), [CARD])
    assert seen.place == "A card, all layers"
    assert (seen.free, seen.total) == (30 * GB, 40 * GB)


def test_a_full_card_is_named(model: Path) -> None:
    full = Device("CUDA0", "A card", "gpu", 1000, 24 * GB)
    assert outlook(model, Options(), [full]).place.endswith("threads; A card has no room for it")


def test_memory_that_is_shared_counts_once() -> None:
    assert expected(GB, [METAL]).free == 10 * GB


@pytest.mark.parametrize(
    ("needed", "verdict", "impossible"),
    [
        (GB, "fits", False),
        (9.5 * GB, "tight", False),
        (12 * GB, "will not fit", False),
        (17 * GB, "will not fit", True),
    ],
)
def test_verdicts(needed: float, verdict: str, impossible: bool) -> None:
    seen = expected(int(needed), [])
    assert (seen.verdict, seen.impossible, seen.place) == (verdict, impossible, "")


def test_a_file_that_changed_is_read_again(model: Path) -> None:
    before = outlook(model, Options(context_window=1024), [])
    tiny.plain(layers=8).write(model)
    after = outlook(model, Options(context_window=1024), [])
    assert isinstance(after, Outlook)
    assert after.needed > before.needed


def test_what_is_no_model_is_said(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"no model")
    with pytest.raises(UserError):
        outlook(tmp_path / "m.gguf", Options(), [])
