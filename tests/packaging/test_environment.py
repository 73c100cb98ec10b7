from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import environment
import setup_env
import system_libraries
from commands import SetupError


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "Downloading pyside6_essentials-6.11.3-cp39-abi3-manylinux_2_28_x86_64.whl (80.3 MB)",
            "  fetching pyside6_essentials 6.11.3 (80.3 MB)",
        ),
        (
            "  Downloading llama_cpp_python-0.3.36.tar.gz (76.6 MB)",
            "  fetching llama_cpp_python 0.3.36 (76.6 MB)",
        ),
        ("Downloading iniconfig-2.3.1-py3-none-any.whl (7.5 kB)", ""),
        ("Downloading ruff-0.17.6-py3-none-any.whl.metadata (26 kB)", ""),
        ("Using cached numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (16.9 MB)", ""),
        ("", "  still busy after 20 s"),
    ],
)
def test_only_the_downloads_worth_waiting_for_are_shown(line: str, shown: str) -> None:
    assert environment.downloads(line, 20.0) == shown


def test_the_fingerprint_names_everything_the_environment_is_made_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = environment.fingerprint()
    assert environment.fingerprint() == before
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    assert environment.fingerprint() != before
    monkeypatch.delenv("CMAKE_ARGS")
    changed = tmp_path / "requirements.lock"
    changed.write_text(environment.locks.REQUIREMENTS.read_text() + "\n")
    monkeypatch.setattr(environment.locks, "REQUIREMENTS", changed)
    assert environment.fingerprint() != before


def test_a_failed_setup_is_one_sentence_and_a_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*, window: bool) -> None:
        raise SetupError("No C++ compiler was found.")

    monkeypatch.setattr(environment, "set_up", broken)
    assert environment.main([]) == 1
    assert capsys.readouterr().err == "Set-up stopped: No C++ compiler was found.\n"


def fake_python(folder: Path, body: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\n{body}")
    path.chmod(0o755)
    return path


MISSING = "import sys; sys.exit('ImportError: libEGL.so.1: cannot open shared object file: No such file.')"


def test_missing_window_libraries_stop_only_what_needs_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_libraries, "can_install", lambda: False)
    python = fake_python(tmp_path, MISSING)
    assert not system_libraries.ensure_window_libraries(python, tmp_path / "log", required=False)
    printed = capsys.readouterr().out
    assert "libEGL.so.1" in printed
    assert "sudo apt-get install libegl1" in printed
    with pytest.raises(SetupError, match=r"libEGL\.so\.1.*sudo apt-get install"):
        system_libraries.ensure_window_libraries(python, tmp_path / "log", required=True)


def test_missing_window_libraries_are_installed_where_that_is_allowed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = fake_python(tmp_path, MISSING)
    asked: list[tuple[str, ...]] = []

    def install(packages: tuple[str, ...], log: Path) -> None:
        asked.append(packages)
        fake_python(tmp_path, "")

    monkeypatch.setattr(system_libraries, "can_install", lambda: True)
    monkeypatch.setattr(system_libraries, "install", install)
    assert system_libraries.ensure_window_libraries(python, tmp_path / "log", required=True)
    assert asked == [system_libraries.WINDOW_PACKAGES]


def test_the_probe_itself_is_right() -> None:
    probe = [sys.executable, "-c", system_libraries._PROBE]
    assert subprocess.run(probe, capture_output=True, check=False, text=True).returncode == 0


def test_an_old_python_hands_over_to_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_env, "MINIMUM", (99, 0))
    monkeypatch.setattr(setup_env, "newer_python", lambda: "/opt/python99")
    handed: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda path, arguments: handed.append([path, *arguments]))
    monkeypatch.setattr("sys.argv", ["setup_env.py", "--window"])
    setup_env.main()
    assert handed == [["/opt/python99", "/opt/python99", "setup_env.py", "--window"]]


def test_without_a_newer_python_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup_env, "MINIMUM", (99, 0))
    assert setup_env.newer_python() is None
    assert setup_env.main() == 1
    assert "is needed. Install python3.11 or newer" in capsys.readouterr().err
