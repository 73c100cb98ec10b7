from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from rlm_desktop import processes
from rlm_desktop.processes import MODULES, child_environment, own_command, own_name, repl_command


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a bundle that this process claims to be the program of."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/rlm-desktop/rlm-desktop")
    return Path("/opt/rlm-desktop")


def test_a_checkout_runs_its_modules_with_its_own_interpreter() -> None:
    assert own_command("pip", "download") == (sys.executable, "-P", "-m", "pip", "download")


def test_a_bundle_runs_its_modules_with_its_own_program(bundle: Path) -> None:
    assert own_command("pip", "download") == (str(bundle / "rlm-desktop"), "-m", "pip", "download")


def test_only_the_processes_of_this_program_are_run() -> None:
    with pytest.raises(ValueError, match="antigravity"):
        own_command("antigravity")


@pytest.mark.parametrize("module", MODULES)
def test_each_module_can_be_run(module: str) -> None:
    spec = find_spec(f"{module}.__main__" if module in ("pip", "rlm_desktop") else module)
    assert spec is not None
    assert spec.origin is not None
    assert 'if __name__ == "__main__":' in Path(spec.origin).read_text("utf-8")


def test_a_module_in_the_current_folder_is_not_run(tmp_path: Path) -> None:
    """Somebody asks about a folder that has a ``json.py``, and is in that folder."""
    (tmp_path / "json.py").write_text("raise SystemExit('hijacked')")
    command = own_command("rlm_desktop", "--version")
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_child_of_a_checkout_is_isolated() -> None:
    command = repl_command("3", "4")
    assert command[:6] == (os.path.realpath(sys.executable), "-P", "-s", "-S", "-X", "utf8")
    assert command[-2:] == ("3", "4")
    assert str(Path(processes.__file__).parents[1]) in command


def test_the_child_of_a_bundle_is_its_second_program(bundle: Path) -> None:
    assert repl_command("3", "4") == (str(bundle / "rlm-desktop-repl"), "child", "3", "4")
    assert repl_command(module="solo") == (str(bundle / "rlm-desktop-repl"), "solo")


def test_another_interpreter_can_be_named_even_in_a_bundle(bundle: Path) -> None:
    assert repl_command("3", "4", python="/bin/false")[:2] == ("/bin/false", "-P")


def test_no_process_of_ours_gets_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "RLM_DESKTOP_KEY_OPENROUTER_AI", "Some_Api_Key"):
        monkeypatch.setenv(name, "sk-planted")
    environment = child_environment(TMPDIR="/somewhere")
    assert "sk-planted" not in environment.values()
    assert environment["TMPDIR"] == "/somewhere"
    assert environment["PATH"]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["ask", "engine.txt", "-q", "Who?"], "rlm-desktop ask"),
        (["--data-dir", "x", "bench", "inference"], "rlm-desktop bench"),
        (["engine", "--data-dir", "ask"], "the window"),
        ([], "rlm-desktop"),
    ],
)
def test_a_process_has_a_name_for_people(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], name: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/__main__.py", *arguments])
    assert own_name() == name
