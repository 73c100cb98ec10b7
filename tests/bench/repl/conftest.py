"""A bench over small texts, and a reference that is really one, or else a fake of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlm_desktop.bench.repl.grounds import Grounds
from rlm_desktop.bench.repl.texts import Texts

SIZES = (20_000, 50_000)
FAKE = """
import os, tempfile
from types import SimpleNamespace

class LocalREPL:
    def __init__(self, context_payload):
        if "broken" in os.environ.get("LANG", ""):
            raise ValueError("no context today.")
        self.names = {"context": context_payload}
        self.folder = tempfile.mkdtemp()

    def execute_code(self, code):
        said = []
        try:
            exec(code, self.names | {"print": said.append})
        except Exception as error:
            return SimpleNamespace(stdout="", stderr=f"{error}\\n")
        return SimpleNamespace(stdout="".join(map(str, said)), stderr="")
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake ``rlm`` that the reference's process imports instead of any other."""
    package = tmp_path / "fake" / "rlm" / "environments"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "local_repl.py").write_text(FAKE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "fake"))
    return package


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def grounds(scratch: Path, told: list[str], fake: Path) -> Grounds:
    return Grounds(scratch, Texts(scratch, SIZES), True, True, told.append)
