from __future__ import annotations

import os
from pathlib import Path

from rlm_desktop.repl.scratch import remove


def test_anything_a_cell_can_make_is_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / os.fsdecode(b"\xff\xfe -rf\n")).mkdir()
    for name in ("a/b/c", "d"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text("gone")
        os.link(folder / name / "file", folder / f"{name[0]}-also")
    (folder / "a/b").chmod(0o300)
    (folder / "a").chmod(0)
    (folder / "d").chmod(0o500)
    deep = os.open(folder, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("x" * 200, dir_fd=deep)
        inner = os.open("x" * 200, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    remove(folder)
    assert not folder.exists()
    assert [path.name for path in outside.iterdir()] == ["file"]
    remove(folder)  # nothing is there any more


def test_a_link_in_its_place_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("kept")
    link = tmp_path / "link"
    link.symlink_to(folder)
    remove(link)
    assert (link / "file").read_text() == "kept"
