"""A person's own GGUF files in the catalogue."""

import os
from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import FileSource
from rlm_desktop.models.listing import list_models
from rlm_desktop.models.own_models import add_file
from rlm_desktop.models.registry import find_entry, model_state, remove, resolve, verify
from tests.models.llama import tiny

from .conftest import gguf_bytes


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tiny.plain().write(tmp_path / "My model: 1.gguf")


def test_a_file_is_listed_where_it_lies_and_can_be_used(settings: Settings, own: Path) -> None:
    entry = add_file(own, settings)
    assert (entry.name, entry.title, entry.licence) == ("My-model-1", "My model: 1", "licence not stated")
    assert find_entry(entry.name, settings) == entry
    assert entry.source == FileSource(str(own))
    assert "chat template of its own" in entry.note
    model = resolve(entry.name, settings)
    assert (model.path, model.profile.strategy) == (own, "guided")
    listed = next(each for each in list_models(settings) if each.name == entry.name)
    assert (listed.own, listed.state, listed.path, listed.size) == (
        True,
        "ready",
        str(own),
        own.stat().st_size,
    )
    assert listed.outlook is not None and listed.outlook.place.startswith("the processor")


def test_a_file_is_listed_once_and_another_of_its_name_gets_another(
    settings: Settings, own: Path, tmp_path: Path
) -> None:
    first = add_file(own, settings)
    (tmp_path / "link.gguf").symlink_to(own)
    assert add_file(tmp_path / "link.gguf", settings).name == first.name
    (tmp_path / "other").mkdir()
    second = add_file(tiny.base().write(tmp_path / "other" / own.name), settings)
    assert second.name == f"{first.name}-2"
    assert "base model" in second.note


def test_taking_it_off_the_list_leaves_the_file(settings: Settings, own: Path) -> None:
    entry = add_file(own, settings)
    assert remove(entry, settings) == 0
    assert own.is_file()
    with pytest.raises(UserError, match="no model called"):
        find_entry(entry.name, settings)


def test_a_file_that_is_replaced_is_another_version_and_one_that_rots_is_damaged(
    settings: Settings, own: Path
) -> None:
    entry = add_file(own, settings)
    verify(entry, settings)
    tiny.plain(3).write(own)
    assert verify(entry, settings) == resolve(entry.name, settings).sha256
    status, data = own.stat(), own.read_bytes()
    own.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(own, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(UserError, match="is damaged") as caught:
        verify(entry, settings, again=True)
    assert "Copy it again" in caught.value.hint
    assert model_state(entry, settings) == "damaged"


def test_a_file_that_is_gone_is_absent(settings: Settings, own: Path) -> None:
    entry = add_file(own, settings)
    own.unlink()
    assert model_state(entry, settings) == "absent"
    with pytest.raises(UserError, match="does not exist"):
        resolve(entry.name, settings)
    remove(entry, settings)


def test_what_is_no_model_is_refused_in_a_sentence(settings: Settings, tmp_path: Path) -> None:
    split = {"general.architecture": "llama", "llama.block_count": 1, "split.count": 3}
    cases = {
        tiny.embedding().write(tmp_path / "a.gguf"): "embedding model",
        tiny.projector().write(tmp_path / "b.gguf"): "part of a model",
        _write(tmp_path / "c.gguf", gguf_bytes(split)): "one of the 3 pieces",
        _write(tmp_path / "d.gguf", gguf_bytes({"general.architecture": "llama"})): "holds no model",
        _write(tmp_path / "e.gguf", b"PK zip"): "not a usable GGUF",
        tmp_path / "gone.gguf": "cannot be read",
        tmp_path: "cannot be read",
    }
    whole = tiny.plain().write(tmp_path / "whole.gguf").read_bytes()
    cases[_write(tmp_path / "f.gguf", whole[: len(whole) // 2])] = "ends"
    for path, complaint in cases.items():
        with pytest.raises(UserError, match=complaint) as caught:
            add_file(path, settings)
        assert str(path) in caught.value.message
    assert not (settings.home / "models.toml").exists()


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
