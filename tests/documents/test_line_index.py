from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.documents import line_index
from rlm_desktop.documents.line_index import read_lines
from rlm_desktop.errors import UserError


def oracle(text: str) -> list[str]:
    """Lines end at a newline; what str.splitlines does beyond that (form feeds …) is not wanted."""
    *ended, rest = text.split("\n")
    return [line.removesuffix("\r") for line in ended] + ([rest] if rest else [])


@settings(max_examples=120, deadline=None)
@given(
    text=st.text(st.sampled_from("ab\n\r é😀\x0c"), min_size=1, max_size=120),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le"]),
    first=st.integers(1, 40),
    count=st.integers(0, 40),
    stride=st.integers(1, 7),
    chunk=st.integers(1, 11),
)
def test_a_page_is_a_slice_of_the_lines(
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    encoding: str,
    first: int,
    count: int,
    stride: int,
    chunk: int,
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.txt"
    path.write_bytes(text.encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_index, "STRIDE", stride)
        patch.setattr(line_index, "_CHUNK", chunk)
        patch.setattr(line_index, "_PAGE_CHUNK", chunk)
        page = read_lines(str(path), encoding, first, count)
    lines = oracle(text)
    expected = lines[first - 1 : first - 1 + count]
    assert list(page.lines) == expected
    assert page.total == len(lines)


def test_long_lines_are_clipped_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("é".encode() * 3_000_000 + b"\nnext\n")
    page = read_lines(str(path), "utf-8", 1, 2)
    assert page.lines == ("é" * 5000, "next")


def test_many_lines_are_found_through_the_sparse_index(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("".join(f"line {number}\n" for number in range(1, 100_001)))
    page = read_lines(str(path), "utf-8", 77_777, 3)
    assert page.lines == ("line 77777", "line 77778", "line 77779")
    assert page.total == 100_000


def test_a_file_truncated_meanwhile_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("line\n" * 5000)
    stale = line_index._index(str(path), path.stat().st_size, path.stat().st_mtime_ns)
    path.write_text("short\n")
    monkeypatch.setattr(line_index, "_index", lambda *_: stale)
    assert read_lines(str(path), "utf-8", 4000, 10).lines == ()


def test_a_changed_file_is_indexed_again_and_a_missing_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\n")
    assert read_lines(str(path), "utf-8", 1, 9).total == 1
    path.write_text("one\ntwo\n")
    assert read_lines(str(path), "utf-8", 1, 9).lines == ("one", "two")
    path.unlink()
    with pytest.raises(UserError, match=r"a\.txt cannot be read any more"):
        read_lines(str(path), "utf-8", 1, 9)
