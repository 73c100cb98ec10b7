"""A document, and scripted models that answer questions of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import TEXT


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "doc.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def model(tmp_path: Path):
    def write(*replies: Any) -> str:
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"root": list(replies)}))
        return f"script:{path}"

    return write
