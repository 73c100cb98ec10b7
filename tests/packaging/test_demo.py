from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import demo


def citation(path: Path, first: int, last: int, quote: str, *, verified: bool = True) -> dict[str, Any]:
    return {"path": str(path), "start_line": first, "end_line": last, "quote": quote, "verified": verified}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tools.py"
    path.write_text("import os\n\ndef cache(\n    size=128,\n):\n    return size\n")
    return path


@pytest.mark.parametrize(
    ("first", "last", "quote"),
    [(1, 1, "import os"), (3, 5, "def cache(\n    size=128,\n):"), (4, 4, "size=128")],
)
def test_a_quote_that_stands_there_is_found(source: Path, first: int, last: int, quote: str) -> None:
    assert demo.stands(citation(source, first, last, quote))


@pytest.mark.parametrize(
    ("first", "last", "quote"),
    [(2, 2, "import os"), (3, 4, "def cache( size=129,"), (1, 6, ""), (40, 41, "import os")],
)
def test_a_quote_that_does_not_is_not(source: Path, first: int, last: int, quote: str) -> None:
    assert not demo.stands(citation(source, first, last, quote))


def test_a_wrong_quote_is_counted_and_named(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.report([citation(source, 1, 1, "import os"), citation(source, 1, 1, "import sys")]) == 1
    printed = capsys.readouterr()
    assert f"{source}, line 1" in printed.out
    assert "Wrong: the quote does not stand" in printed.err
    assert "Checked" not in printed.out


def test_right_quotes_are_said_to_be_checked(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.report([citation(source, 3, 5, "def cache( size=128, ):")]) == 0
    assert "lines 3-5" in (printed := capsys.readouterr().out)
    assert "Checked" in printed


def test_an_answer_without_a_verified_quote_is_unsupported(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.report([citation(source, 0, 0, "made up", verified=False)]) == 0
    printed = capsys.readouterr().out
    assert "No quote from the documents supports this answer." in printed
    assert "made up" not in printed
