"""On what a bench was run."""

from __future__ import annotations

from pathlib import Path

import llama_cpp
import pytest

from rlm_desktop.bench import machine
from rlm_desktop.bench.machine import llama_build, model_file, this_machine, version_of, versions
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import Profile
from rlm_desktop.models.registry import ResolvedModel


def test_a_computer_has_something_to_compute_with() -> None:
    found = this_machine()
    assert found.processor
    assert found.system
    assert 1 <= found.threads <= found.cores
    assert found.memory > 10**8


def test_packages_that_are_missing_are_left_out() -> None:
    assert {"python", "rlm-desktop", "llama-cpp-python"} <= versions().keys()
    assert version_of("no-such-package-at-all") == ""


async def test_the_build_is_that_of_the_installed_library() -> None:
    build = await llama_build()
    assert build.version == llama_cpp.__version__
    assert build.devices


async def test_a_library_that_cannot_be_loaded_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "own_command", lambda _: ("false",))
    with pytest.raises(UserError, match="cannot be loaded"):
        await llama_build()


@pytest.mark.parametrize(("name", "shown"), [("/home/somebody/m.gguf", "m.gguf"), ("tiny", "tiny")])
def test_a_model_is_named_without_its_folder(name: str, shown: str, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"12345")
    found = model_file(ResolvedModel(name, "gguf", Profile(), path, sha256="ab"))
    assert (found.name, found.size, found.sha256) == (shown, 5, "ab")
