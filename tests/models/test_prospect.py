"""What is known of a model before it is opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.llama import graphics, tuning
from rlm_desktop.models.llama.tuning import Speeds, Tuning, remember
from rlm_desktop.models.prices import FREE
from rlm_desktop.models.prospect import prospect
from tests.models.llama import tiny

SPEEDS = Speeds(prompt=180, together=117, alone=34)


def test_a_model_of_the_catalogue_that_is_not_here_has_no_speed(settings: Settings) -> None:
    found = prospect("qwen2.5-coder-1.5b", settings)
    assert (found.window, found.strategy, found.price) == (16_384, "guided", FREE)
    assert found.speeds is None


def test_what_was_measured_of_a_file_counts_unless_a_card_may_compute(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kept = tmp_path / "mine.gguf", tmp_path / "cache" / "speeds.json"
    tiny.plain().write(path)
    monkeypatch.setattr(tuning, "cache_file", lambda: kept)
    monkeypatch.setattr(graphics, "backends", set)
    assert prospect(str(path), settings).speeds is None
    remember(path, Tuning(repack=True, speeds=SPEEDS))
    assert prospect(str(path), settings).speeds == SPEEDS
    monkeypatch.setattr(graphics, "backends", lambda: {"cuda"})
    assert prospect(str(path), settings).speeds is None


def test_a_script_says_what_it_pretends_to_be(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text(json.dumps({"strategy": "guided", "context_window": 999, "price": {"prompt": 2.0}}))
    found = prospect(f"script:{file}", settings)
    assert (found.name, found.window, found.strategy) == (f"script:{file}", 999, "guided")
    assert found.price is not None and found.price.prompt == 2.0


def test_a_model_on_a_server_is_known_by_its_price_with_the_network_off(settings: Settings) -> None:
    known = prospect("openai:gpt-4o-mini", settings)
    assert known.price is not None and known.price.prompt > 0 and known.window == 128_000
    here = prospect("http://127.0.0.1:8080/v1#m", settings)
    assert (here.price, here.window) == (FREE, 8192)
    assert prospect("https://models.example.org/v1#m", settings).price is None


@pytest.mark.parametrize("name", ["nobody-knows", "/no/such.gguf", "script:/no/such.json", "script:\0"])
def test_a_model_there_is_not_is_a_sentence(settings: Settings, name: str) -> None:
    with pytest.raises(UserError):
        prospect(name, settings)
