from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from rlm_desktop.config import Settings, default_home, machine_locks, shared_file
from rlm_desktop.errors import UserError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_preparing_creates_a_private_data_folder(home: Path) -> None:
    settings = Settings(home=home / "deep" / "down").prepare()
    folders = [settings.home, settings.models, settings.locks, settings.scratch]
    assert [mode(folder) for folder in folders] == [0o700] * 4


def test_preparing_makes_an_existing_data_folder_private_and_keeps_what_is_in_it(home: Path) -> None:
    home.mkdir(mode=0o755)
    (home / "store.db").write_bytes(b"history")
    settings = Settings(home=home).prepare().prepare()
    assert mode(home) == 0o700
    assert settings.store.read_bytes() == b"history"


@pytest.mark.parametrize("below", [".", "below", "far/below"])
def test_a_data_folder_that_is_a_file_or_in_one_is_refused_by_name(home: Path, below: str) -> None:
    home.write_text("")
    with pytest.raises(UserError, match=f"cannot be used: {home} is no folder") as refused:
        Settings(home=home / below).prepare()
    assert "--data-dir" in refused.value.hint


@pytest.mark.parametrize(
    "content",
    [(), ("models.toml", "window.ini.lock", "store.lock", "store.db-wal"), ("store.db", "notes.txt")],
)
def test_an_empty_folder_and_our_own_become_private(home: Path, content: tuple[str, ...]) -> None:
    home.mkdir(mode=0o755)
    for name in content:
        (home / name).touch()
    assert mode(Settings(home=home).prepare().home) == 0o700


def test_a_folder_with_other_things_is_left_alone(home: Path) -> None:
    home.mkdir(mode=0o755)
    (home / "thesis.txt").touch()
    with pytest.raises(UserError) as refusal:
        Settings(home=home).prepare()
    assert str(home) in refusal.value.message
    assert "new or empty folder" in refusal.value.hint
    assert mode(home) == 0o755
    assert [path.name for path in home.iterdir()] == ["thesis.txt"]


def test_nothing_remote_unless_asked_for(home: Path) -> None:
    assert Settings(home=home).online is None


def test_the_environment_chooses_the_data_folder(home: Path) -> None:
    assert default_home() == home


def test_a_relative_or_tilde_data_folder_becomes_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RLM_DESKTOP_HOME", "~/data")
    assert default_home() == tmp_path / "data"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RLM_DESKTOP_HOME", "data")
    assert default_home() == tmp_path / "data"


def test_the_home_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLM_DESKTOP_HOME", "~nobody-of-this-name/data")
    with pytest.raises(UserError, match="~nobody-of-this-name/data"):
        default_home()


@pytest.mark.parametrize("chosen", [None, "", " "])
def test_without_a_choice_the_platform_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: str | None
) -> None:
    monkeypatch.delenv("RLM_DESKTOP_HOME")
    if chosen is not None:
        monkeypatch.setenv("RLM_DESKTOP_HOME", chosen)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    chosen = default_home()
    assert chosen.name == "rlm-desktop"
    assert tmp_path in chosen.parents


def test_the_shipped_files_are_there() -> None:
    assert shared_file("models.toml").is_file()
    assert shared_file("resources").is_dir()


def test_machine_locks_do_not_depend_on_the_data_folder_or_the_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    folder = machine_locks()
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("RLM_DESKTOP_HOME", str(tmp_path / "elsewhere"))
    assert machine_locks() == folder
    assert folder.is_relative_to(tmp_path / "cache")
    assert mode(folder) == 0o700


def test_machine_locks_have_a_place_where_the_home_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = machine_locks()
    assert folder.parent == tmp_path
    assert (mode(folder), machine_locks()) == (0o700, folder)
