from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.library import Library


@pytest.fixture
def library_of(tmp_path: Path) -> Callable[[dict[str, str]], Library]:
    """Makes a library of a folder with these files."""

    def make(files: dict[str, str]) -> Library:
        folder = tmp_path / "corpus"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return Library(scan_paths([folder]))

    return make
