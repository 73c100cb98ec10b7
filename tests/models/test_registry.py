import hashlib
from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.llama import hardware
from rlm_desktop.models.registry import (
    default_model,
    find_entry,
    model_path,
    model_state,
    remove,
    resolve,
    staging,
    verify,
)

from .conftest import gguf_bytes

DATA = b"weights"


@pytest.fixture
def tiny(settings: Settings) -> Settings:
    (settings.home / "models.toml").write_text(f"""
[tiny]
title = "Tiny"
licence = "MIT"
size = {len(DATA)}
context_window = 64
trained_window = 64
memory = 100
strategy = "guided"
template = {{ enable_thinking = false }}
chat_template = "chatml"
sha256 = "{hashlib.sha256(DATA).hexdigest()}"
source = {{ kind = "hub", repo = "a/b", file = "c.gguf" }}
""")
    return settings


def test_a_model_that_is_not_downloaded_names_the_command(tiny: Settings) -> None:
    assert model_state(find_entry("tiny", tiny), tiny) == "absent"
    with pytest.raises(UserError, match="not downloaded") as caught:
        resolve("tiny", tiny)
    assert "rlm-desktop models pull tiny" in caught.value.hint


def test_a_half_downloaded_model_says_so_and_can_be_removed(tiny: Settings) -> None:
    entry = find_entry("tiny", tiny)
    staging(entry, tiny).mkdir()
    assert model_state(entry, tiny) == "absent"
    (staging(entry, tiny) / "part.bin").write_bytes(b"wei")
    assert model_state(entry, tiny) == "partial"
    with pytest.raises(UserError, match="only partly downloaded"):
        resolve("tiny", tiny)
    assert remove(entry, tiny) == 3
    assert model_state(entry, tiny) == "absent"


def test_a_catalogue_model_resolves_to_its_file_and_profile(tiny: Settings) -> None:
    entry = find_entry("tiny", tiny)
    model_path(entry, tiny).write_bytes(DATA)
    model = resolve("tiny", tiny)
    assert (model.kind, model.path, model.sha256) == ("gguf", model_path(entry, tiny), entry.sha256)
    assert model.profile.strategy == "guided"
    assert model.template == {"enable_thinking": False}
    assert model.chat_template == "chatml"
    assert remove(entry, tiny) == len(DATA)


def test_a_changed_file_is_damaged(tiny: Settings) -> None:
    entry = find_entry("tiny", tiny)
    model_path(entry, tiny).write_bytes(b"changed")
    with pytest.raises(UserError, match="is damaged") as caught:
        resolve("tiny", tiny)
    assert "models pull tiny" in caught.value.hint


def test_verify_again_sees_a_change_that_kept_size_and_time(tiny: Settings) -> None:
    import os

    entry = find_entry("tiny", tiny)
    path = model_path(entry, tiny)
    path.write_bytes(DATA)
    verify(entry, tiny)
    before = path.stat()
    path.write_bytes(DATA.upper())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    verify(entry, tiny)
    with pytest.raises(UserError, match="is damaged"):
        verify(entry, tiny, again=True)


def test_the_hash_of_an_unpinned_model_is_pinned_by_its_first_use(tiny: Settings) -> None:
    catalogue = tiny.home / "models.toml"
    catalogue.write_text(
        "\n".join(line for line in catalogue.read_text().splitlines() if "sha256" not in line)
    )
    entry = find_entry("tiny", tiny)
    model_path(entry, tiny).write_bytes(DATA)
    assert verify(entry, tiny) == hashlib.sha256(DATA).hexdigest()
    model_path(entry, tiny).write_bytes(b"other")
    with pytest.raises(UserError, match="is damaged"):
        verify(entry, tiny)


def test_a_gguf_path_resolves_by_its_header(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(gguf_bytes({"general.architecture": "llama", "llama.context_length": 2048}))
    model = resolve(str(path), settings)
    assert (model.name, model.profile.context_window) == (str(path), 2048)
    assert resolve(model.name, settings).path == path
    assert model.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        ("smollm2-136m", "no model called", "smollm2-135m"),
        ("zzzzzz", "no model called", "lists what there is"),
        ("openai:gpt-5", "gpt-5 is on api.openai.com, and this program is offline", "--online"),
        ("anthropic:claude", "on api.anthropic.com", "--online"),
        ("https://example.org/v1#m", "on example.org", "Models menu"),
        ("openai:", "names no model", "openai:"),
        ("http://user:secret@127.0.0.1/v1#m", "may hold no password", "127.0.0.1"),
        ("/nowhere/m.gguf", "cannot be read", ""),
        ("script:/nowhere.json", "/nowhere.json cannot be read", ""),
    ],
)
def test_what_cannot_be_a_model_is_explained(settings: Settings, spec: str, message: str, hint: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        resolve(spec, settings)
    assert hint in caught.value.hint


def test_a_served_model_has_no_file(settings: Settings) -> None:
    (settings.home / "models.toml").write_text(
        '[served]\nsource = { kind = "api", base_url = "http://localhost:8080/v1" }\n'
    )
    entry = find_entry("served", settings)
    assert model_state(entry, settings) == "ready"
    model = resolve("served", settings)
    assert (model.kind, model.profile.strategy, model.profile.concurrency) == ("api", "rlm", 8)
    for use in (verify, remove, model_path):
        with pytest.raises(UserError, match="served by localhost:8080; there is no file"):
            use(entry, settings)


def test_a_served_model_elsewhere_needs_the_network_switch(settings: Settings) -> None:
    (settings.home / "models.toml").write_text(
        '[far]\nsource = { kind = "api", base_url = "https://example.org/v1", model = "m" }\n'
    )
    with pytest.raises(UserError, match=r"The model far is on example\.org") as caught:
        resolve("far", settings)
    assert "--online" in caught.value.hint
    online = resolve("far", Settings(settings.home, online=True))
    assert online.endpoint is not None
    assert (online.endpoint.model, online.endpoint.key) == ("m", "example.org")


def test_the_default_model_is_the_flagged_one(settings: Settings) -> None:
    assert default_model(settings) == "qwen2.5-coder-1.5b"


def test_a_default_that_is_not_here_gives_way_to_a_model_that_is(settings: Settings) -> None:
    small = find_entry("smollm2-135m", settings)
    model_path(small, settings).write_bytes(b"weights")
    assert default_model(settings) == "smollm2-135m"
    model_path(find_entry("qwen2.5-coder-1.5b", settings), settings).write_bytes(b"weights")
    assert default_model(settings) == "qwen2.5-coder-1.5b"


def test_a_default_that_no_memory_of_this_computer_holds_gives_way_to_a_smaller_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "total_memory", lambda: 10**9)
    assert default_model(settings) == "smollm2-135m"
    monkeypatch.setattr(hardware, "total_memory", lambda: 10**8)
    assert default_model(settings) == "qwen2.5-coder-1.5b"


def test_a_person_s_own_default_stays_whatever_is_here(tiny: Settings) -> None:
    catalogue = tiny.home / "models.toml"
    catalogue.write_text(catalogue.read_text() + "default = true")
    model_path(find_entry("smollm2-135m", tiny), tiny).write_bytes(b"weights")
    assert default_model(tiny) == "tiny"


def test_damage_is_remembered_until_the_file_changes(tiny: Settings) -> None:
    entry = find_entry("tiny", tiny)
    path = model_path(entry, tiny)
    path.write_bytes(b"changed")
    with pytest.raises(UserError, match="is damaged"):
        verify(entry, tiny)
    assert model_state(entry, tiny) == "damaged"
    with pytest.raises(UserError, match="is damaged"):
        resolve("tiny", tiny)
    path.write_bytes(DATA)
    assert model_state(entry, tiny) == "ready"
    assert verify(entry, tiny) == entry.sha256


def test_a_check_says_how_far_it_is_and_can_be_called_off(tiny: Settings) -> None:
    entry = find_entry("tiny", tiny)
    model_path(entry, tiny).write_bytes(DATA)
    told: list[int] = []
    verify(entry, tiny, again=True, on_bytes=told.append)
    assert told == [len(DATA)]
    with pytest.raises(ZeroDivisionError):
        verify(entry, tiny, again=True, on_bytes=lambda done: done // 0)
    assert model_state(entry, tiny) == "ready"
