"""``models`` for models on servers: what they cost, and their keys."""

from __future__ import annotations

import io
import json
from pathlib import Path

import keyring
import pytest

from rlm_desktop.cli import main
from rlm_desktop.config import Settings
from tests.models.llama import tiny
from tests.models.test_keys import Memory

KEY = "sk-planted-0123456789"


@pytest.fixture
def far(home) -> None:
    (Settings(home).prepare().home / "models.toml").write_text(
        '[far]\ntitle = "Far"\nprice = { prompt = 2.5, completion = 10.0, reused = 1.25 }\n'
        'source = { kind = "api", base_url = "https://example.org/v1", model = "m" }\n'
        '[unknown]\nsource = { kind = "api", base_url = "https://example.org/v1", model = "m" }\n'
        '[here]\nsource = { kind = "api", base_url = "http://localhost:8080/v1" }\n'
    )


def test_the_list_says_where_a_model_is_and_what_it_costs(far: None, capsys) -> None:
    assert main(["models"]) == 0
    output = capsys.readouterr().out
    assert "on example.org · $2.5 prompt, $10 reply for a million tokens" in output
    assert "on example.org · price unknown" in output
    assert "on localhost:8080 · free" in output
    assert main(["models", "--json"]) == 0
    listed = {model["name"]: model for model in json.loads(capsys.readouterr().out)["models"]}
    assert listed["far"]["price"] == {"prompt": 2.5, "completion": 10.0, "reused": 1.25}
    assert (listed["unknown"]["price"], listed["unknown"]["host"]) == (None, "example.org")
    assert listed["smollm2-135m"]["price"] == {"prompt": 0.0, "completion": 0.0, "reused": None}
    assert listed["smollm2-135m"]["outlook"]["needed"] == 600_000_000
    assert listed["far"]["outlook"] is None


def test_info_knows_models_that_are_in_no_catalogue(capsys) -> None:
    assert main(["models", "info", "openai:gpt-4o-mini", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["host"], document["price"]["prompt"]) == ("api.openai.com", 0.15)


def test_info_is_in_words_and_says_nothing_of_what_there_is_not(capsys) -> None:
    assert main(["models", "info", "openai:gpt-4o-mini"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["price"].startswith("$0.15 prompt, $0.6 reply for a million tokens")
    assert not lines.keys() & {"size", "memory", "context_window", "sha256", "path", "default"}
    assert main(["models", "info", "smollm2-135m"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert (lines["size"], lines["memory"], lines["price"]) == ("98 MB", "600 MB", "free")
    assert "fit" in lines["outlook"] or "tight" in lines["outlook"]
    assert "(0.6 GB of " in lines["outlook"]


def test_info_knows_a_file_of_one_s_own(tmp_path: Path, capsys) -> None:
    path = tiny.plain().write(tmp_path / "own.gguf")
    assert main(["models", "info", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["path"], document["size"], document["state"]) == (
        str(path),
        path.stat().st_size,
        "ready",
    )
    assert 0 < document["outlook"]["needed"] < 10**9
    assert main(["models", "info", str(tmp_path / "gone.gguf")]) == 1
    assert "gone.gguf cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["pull", "verify", "rm"])
def test_there_is_no_file_of_a_served_model(action: str, capsys) -> None:
    assert main(["models", action, "openai:gpt-4o-mini"]) == 1
    assert "there is no file of it here" in capsys.readouterr().err


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    backend = Memory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    return backend


def test_a_key_is_read_from_standard_input_kept_and_removed(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))
    assert main(["models", "key", "OpenAI"]) == 0
    assert memory.kept == {("rlm-desktop", "openai"): KEY}
    assert main(["models", "key", "openai", "--remove", "--json"]) == 0
    assert not memory.kept
    assert main(["models", "key", "openai", "--remove"]) == 0
    output, errors = capsys.readouterr()
    assert "kept in memory" in output
    assert "There was no key of openai." in output
    assert KEY not in output + errors


def test_a_key_is_typed_unseen(memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda prompt: KEY)
    assert main(["models", "key", "example.org"]) == 0
    assert memory.kept == {("rlm-desktop", "example.org"): KEY}
    monkeypatch.setattr("getpass.getpass", _end)
    assert main(["models", "key", "example.org"]) == 2


def _end(_: str) -> str:
    raise EOFError


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("openai", "", "no key"),
        ("openai", "two words", "no key"),
        (KEY, "", "looks like a key"),
        ("a b", "", "no name"),
    ],
)
def test_what_cannot_be_a_key_is_said(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys, name: str, typed: str, sentence: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert main(["models", "key", name]) == 1
    errors = capsys.readouterr().err
    assert sentence in errors
    assert KEY not in errors


def test_without_a_keyring_the_environment_is_named(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    from keyring.backends import fail

    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    monkeypatch.setattr("sys.stdin", io.StringIO(KEY))
    assert main(["models", "key", "openai"]) == 1
    errors = capsys.readouterr().err
    assert "no keyring" in errors
    assert "OPENAI_API_KEY" in errors
    assert KEY not in errors


def test_what_was_read_can_be_forgotten(home: Path, capsys) -> None:
    assert main(["models", "forget"]) == 0
    assert capsys.readouterr().out == "Nothing was kept of any passage.\n"
    state = Settings(home).states / "model" / "12-abc.kv"
    state.parent.mkdir(parents=True)
    state.write_bytes(bytes(2_000_000))
    assert main(["models", "forget", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"freed": 2_000_000}
    assert not state.exists()


def test_a_file_of_one_s_own_is_listed_and_taken_off_the_list(tmp_path: Path, capsys) -> None:
    path = tiny.plain().write(tmp_path / "own.gguf")
    assert main(["models", "add", str(path)]) == 0
    assert capsys.readouterr().out.startswith("own is listed: own, ")
    assert main(["models", "add", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"model": "own", "title": "own", "path": str(path)}
    assert main(["models", "verify", "own"]) == 0
    assert main(["models", "rm", "own"]) == 0
    assert f"own is off the list; its file stays: {path}" in capsys.readouterr().out
    assert path.is_file()
    assert main(["models", "add", str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err
