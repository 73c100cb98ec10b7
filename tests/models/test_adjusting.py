"""What a person sets of a model."""

import tomllib
from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.errors import UsageError, UserError
from rlm_desktop.models.adjusting import adjust, adjustable
from rlm_desktop.models.catalogue import Adjustments
from rlm_desktop.models.catalogue_file import load_catalogue
from rlm_desktop.models.listing import list_models
from rlm_desktop.models.own_models import add_file
from rlm_desktop.models.registry import resolve
from tests.models.llama import tiny

SHIPPED = "qwen2.5-coder-1.5b"


def test_what_is_set_is_kept_and_used_and_what_is_as_it_was_is_not_kept(settings: Settings) -> None:
    adjust(SHIPPED, Adjustments(context_window=4096, temperature=0.5, threads=-1, thinking=False), settings)
    kept = tomllib.loads((settings.home / "models.toml").read_text())
    assert kept == {SHIPPED: {"settings": {"context_window": 4096, "temperature": 0.5, "thinking": False}}}
    entry = load_catalogue(settings).entries[SHIPPED]
    assert (entry.context_window, entry.sampling.temperature, entry.thinking) == (4096, 0.5, ())
    can = adjustable(SHIPPED, settings)
    assert (can.now.context_window, can.default.context_window, can.longest_window) == (4096, 16_384, 32_768)
    assert [model.name for model in list_models(settings) if model.adjusted] == [SHIPPED]
    adjust(SHIPPED, Adjustments(), settings)
    assert not load_catalogue(settings).plain.keys() ^ load_catalogue(settings).entries.keys()
    assert tomllib.loads((settings.home / "models.toml").read_text()) == {}


def test_an_own_file_is_opened_as_it_is_set(settings: Settings, tmp_path: Path) -> None:
    name = add_file(tiny.plain().write(tmp_path / "own.gguf"), settings).name
    assert adjustable(name, settings).layers == 3
    adjust(name, Adjustments(gpu_layers=2, threads=1, cache_type="q8_0", strategy="rlm"), settings)
    model = resolve(name, settings)
    assert (model.gpu_layers, model.threads, model.cache_type) == (2, 1, "q8_0")
    assert model.profile.strategy == "rlm"


def test_more_than_there_is_is_refused(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"context window of qwen.* 32,768 tokens at most, and not 50,000"):
        adjust(SHIPPED, Adjustments(context_window=50_000), settings)
    with pytest.raises(UsageError, match="number of threads"):
        adjust(SHIPPED, Adjustments(threads=10_000), settings)
    with pytest.raises(UserError, match="no model called"):
        adjust("nobody", Adjustments(), settings)


def test_a_model_on_a_server_has_less_to_set(settings: Settings) -> None:
    (settings.home / "models.toml").write_text(
        '[far]\nsource = { kind = "api", base_url = "https://example.org/v1" }\n'
    )
    can = adjustable("far", settings)
    assert (can.now.threads, can.now.cache_type, can.now.temperature) == (None, None, 0.0)
    adjust("far", Adjustments(threads=1, temperature=1.0), settings)
    assert load_catalogue(settings).entries["far"].sampling.temperature == 1.0
    assert load_catalogue(settings).entries["far"].threads == -1


def test_settings_of_a_model_nobody_knows_any_more_are_passed_over(settings: Settings) -> None:
    (settings.home / "models.toml").write_text("[gone.settings]\nthreads = 1\n")
    assert "gone" not in load_catalogue(settings).entries


@pytest.mark.parametrize("said", ["threads = 'many'", "context_window = 3", "colour = 1", "temperature = 9"])
def test_wrong_settings_are_named(settings: Settings, said: str) -> None:
    (settings.home / "models.toml").write_text(f"[{SHIPPED!r}.settings]\n{said}\n")
    with pytest.raises(UserError, match=rf"is wrong: \[{SHIPPED}.settings\].*{said.split()[0]}"):
        load_catalogue(settings)
