"""A document that is not what it was is said so; one that was only touched is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rlm_desktop.documents.changes import Change, changes, describe
from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.figures import fingerprints
from rlm_desktop.events import Source


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Source, ...]:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"text {name}")
    return fingerprints(scan_paths([folder]))


def later(path: str) -> None:
    """As if the file were written a second later."""
    status = Path(path).stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def test_nothing_has_changed(sources: tuple[Source, ...]) -> None:
    assert changes(sources) == []


def test_each_kind_of_change(sources: tuple[Source, ...]) -> None:
    first, second, third = (source.path for source in sources)
    Path(first).write_text("TEXT A")  # of the same size
    later(first)
    Path(second).unlink()
    Path(third).write_text("longer than before")
    assert changes(sources) == [Change(first, "changed"), Change(second, "missing"), Change(third, "changed")]


def test_a_document_that_was_only_touched_is_no_change(sources: tuple[Source, ...]) -> None:
    later(sources[0].path)
    assert changes(sources) == []


def test_only_a_touched_document_is_read(
    sources: tuple[Source, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    monkeypatch.setattr("rlm_desktop.documents.changes._sha256", lambda path: read.append(path) or "")
    later(sources[1].path)
    assert [change.path for change in changes(sources)] == read == [sources[1].path]


def test_a_folder_in_its_place_is_no_document(sources: tuple[Source, ...]) -> None:
    path = Path(sources[0].path)
    path.unlink()
    path.mkdir()
    assert changes(sources) == [Change(str(path), "missing")]


@pytest.mark.parametrize("name", ["gone\0", "a.txt/b", "no/such/folder"])
def test_a_name_that_can_be_no_file_here_is_missing(sources: tuple[Source, ...], name: str) -> None:
    path = str(Path(sources[0].path).parent / name)
    assert changes([Source(path, 1, 1, "")]) == [Change(path, "missing")]


@pytest.mark.parametrize("denied", ["access", "read"])
def test_a_document_that_may_not_be_read(
    sources: tuple[Source, ...], denied: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    later(sources[0].path)
    if denied == "access":  # the tests may run as root, who may read anything
        monkeypatch.setattr(os, "access", lambda path, mode: path != sources[0].path)
    else:
        monkeypatch.setattr("rlm_desktop.documents.changes._sha256", refuse)
    assert changes(sources) == [Change(sources[0].path, "unreadable")]


@pytest.mark.parametrize(
    ("states", "total", "sentence"),
    [
        ({}, 3, ""),
        ({"x/a.py": "changed"}, 1, "The document has changed since this run: a.py."),
        ({"a.py": "missing"}, 1790, "1 of 1,790 documents is gone since this run: a.py."),
        ({"a.py": "unreadable", "b.py": "unreadable"}, 2, "2 of 2 documents cannot be read since this run: a.py, b.py."),
        (
            {"lib/random.py": "changed", "old.py": "missing", "lib/smtplib.py": "changed"},
            1790,
            "2 of 1,790 documents have changed since this run: random.py, smtplib.py; 1 is gone.",
        ),
        (
            {**{f"{n}.py": "changed" for n in range(5)}, "x": "missing", "y": "missing", "z": "unreadable"},
            9,
            "5 of 9 documents have changed since this run: 0.py, 1.py, 2.py, and 2 more; 2 are gone; 1 cannot be read.",
        ),
    ],
)  # fmt: skip
def test_what_has_changed_in_a_sentence(states: dict[str, str], total: int, sentence: str) -> None:
    found = [Change(path, state) for path, state in states.items()]
    assert describe(found, total) == sentence
