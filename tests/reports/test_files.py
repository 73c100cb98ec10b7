from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.reports.files import save


def test_it_writes_utf8_with_plain_line_ends_as_the_person_lets_others_read(tmp_path: Path) -> None:
    path = save(["a\n", "é…\n"], tmp_path / "a.md", overwrite=False)
    assert path.read_bytes() == "a\né…\n".encode()
    beside = tmp_path / "beside"
    beside.touch()
    assert path.stat().st_mode == beside.stat().st_mode


def test_a_file_is_replaced_only_when_that_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine")
    with pytest.raises(UserError, match=r"a\.md exists already\..*--force"):
        save(["new"], path, overwrite=False)
    assert path.read_text() == "mine"
    save(["new"], path, overwrite=True)
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text("old")
    link.symlink_to(real)
    assert save(["new"], link, overwrite=True) == real
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.parametrize("old", [None, "old"])
def test_what_fails_half_way_leaves_things_as_they_were(tmp_path: Path, old: str | None) -> None:
    path = tmp_path / "a.md"
    if old:
        path.write_text(old)

    def pieces() -> Iterator[str]:
        yield "half"
        raise UserError("A text is missing.")

    with pytest.raises(UserError, match="missing"):
        save(pieces(), path, overwrite=True)
    assert [one.read_text() for one in tmp_path.iterdir()] == ([old] if old else [])


def test_a_disk_that_takes_no_more_is_a_sentence(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(
            UserError, match=r"a\.md cannot be written: File too large\. Choose another place"
        ):
            save(["x" * 1000] * 100, tmp_path / "a.md", overwrite=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        save(["x"], tmp_path, overwrite=True)
    with pytest.raises(UserError, match="No such file or directory"):
        save(["x"], tmp_path / "no" / "a.md", overwrite=False)
    with pytest.raises(UserError, match="is not a file"):
        save(["x"], Path("/dev/null"), overwrite=True)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(UserError, match="cannot be written"):
        save(["x"], loop, overwrite=False)
