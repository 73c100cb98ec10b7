from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from rlm_desktop.repl.scratch import MOST_DEPTH, MOST_FILES, empty, fill, opened, remove


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


def test_what_lies_deep_or_behind_closed_doors_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"x" * 8192)
    (tmp_path / "link").symlink_to("/")
    (tmp_path / "a" / "b").chmod(0o300)
    (tmp_path / "a").chmod(0)
    size, files = fill(opened(tmp_path), 10**9)
    assert files == 4
    assert size >= 8192
    deep = tmp_path / "deep" / "/".join("d" * (MOST_DEPTH - 1))
    deep.mkdir(parents=True)
    assert fill(opened(tmp_path), 10**9)[1] == 4 + MOST_DEPTH
    (deep / "more").mkdir()
    assert fill(opened(tmp_path), 10**9)[1] > MOST_FILES


def test_a_link_that_takes_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    for path in (outside, folder):
        path.mkdir()
    outside.chmod(0o755)
    over = threading.Event()

    def swap() -> None:
        place = folder / "a"
        while not over.is_set():
            for change in (place.mkdir, place.rmdir, lambda: place.symlink_to(outside), place.unlink):
                with contextlib.suppress(OSError):
                    change()

    swapping = threading.Thread(target=swap)
    swapping.start()
    for _ in range(5_000):
        empty(opened(folder))
        fill(opened(folder), 10**9)
    over.set()
    swapping.join()
    assert outside.stat().st_mode & 0o777 == 0o755
