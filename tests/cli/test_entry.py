"""From the arguments to the exit code, whenever Ctrl-C comes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rlm_desktop.cli import main


class _Interrupting:
    """Stands for Ctrl-C while a module loads."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "rlm_desktop.cli.entry":
            raise KeyboardInterrupt


def test_ctrl_c_while_the_program_loads_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "rlm_desktop.cli.entry", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Interrupting(), *sys.meta_path])
    assert main(["runs"]) == 130
    assert capfd.readouterr().err == "rlm-desktop: Stopped.\n"


def test_next_to_nothing_is_loaded_before_ctrl_c_is_minded() -> None:
    asked = "import sys; import rlm_desktop.cli; print([n for n in sys.modules if n.startswith(('rich', 'rlm_'))])"
    done = subprocess.run(
        (sys.executable, "-c", asked), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "['rlm_desktop', 'rlm_desktop.cli']"
