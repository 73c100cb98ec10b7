from __future__ import annotations

from pathlib import Path

import pytest

from rlm_desktop.errors import UsageError, UserError
from rlm_desktop.events import Recording
from rlm_desktop.reports import FORMATS, export, render
from tests.reports.runs import conversation


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_written_as_it_is_rendered(tmp_path: Path, kind: str) -> None:
    recording = conversation()
    path = export(recording, kind, tmp_path / f"run.{kind}")
    assert path.read_text(encoding="utf-8") == "".join(render(recording, kind))


def test_an_unknown_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'docx'.*html, md, jsonl"):
        export(conversation(), "docx", tmp_path / "run.docx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_a_run_that_has_not_begun_cannot_be_told(tmp_path: Path, kind: str) -> None:
    with pytest.raises(UserError, match="has not begun"):
        export(Recording((), str), kind, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
