from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator

import pytest

import bundle_program
from rlm_desktop import cli


@pytest.fixture(autouse=True)
def arguments() -> Iterator[None]:
    """Leave ``sys.argv`` as it was."""
    before = list(sys.argv)
    yield
    sys.argv[:] = before


def test_its_processes_run_as_with_an_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setattr(runpy, "run_module", lambda name, **how: ran.append((name, sys.argv[1:], how)))
    sys.argv[1:] = ["-m", "pip", "download", "-m"]
    assert bundle_program.main() == 0
    assert ran == [("pip", ["download", "-m"], {"run_name": "__main__", "alter_sys": True})]


@pytest.mark.parametrize("asked", [["-m"], ["-m", "antigravity"], ["-m", "rlm_desktop.cli"]])
def test_it_runs_no_other_module(asked: list[str], capfd) -> None:
    sys.argv[1:] = asked
    assert bundle_program.main() == 2
    assert "none of its processes" in capfd.readouterr().err


def test_anything_else_is_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "main", lambda: 3)
    sys.argv[1:] = ["ask", "-m", "pip"]
    assert bundle_program.main() == 3


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ({}, {}),
        ({"LD_LIBRARY_PATH": "/bundle", "_PYI_ARCHIVE_FILE": "x", "HOME": "/h"}, {"HOME": "/h"}),
        ({"LD_LIBRARY_PATH": "/bundle:/a", "LD_LIBRARY_PATH_ORIG": "/a"}, {"LD_LIBRARY_PATH": "/a"}),
        ({"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": ""}, {}),
    ],
)
def test_the_environment_is_the_persons_again(found: dict[str, str], left: dict[str, str]) -> None:
    bundle_program.forget_the_loader(found)
    assert found == left
