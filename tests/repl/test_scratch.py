from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_desktop.repl import fullness
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.results import LOST
from rlm_desktop.repl.scratch import MOST_DEPTH, MOST_FILES, empty, fill, opened, remove, room
from tests.repl.conftest import LIMITS, Start, execute


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


UNLINKED = """
import os, tempfile, time
held = []
while True:
    if len(held) < 60:
        held.append(tempfile.TemporaryFile(dir='.'))
        os.posix_fallocate(held[-1].fileno(), 0, 12 * 2**20)
    assert os.listdir('.') == []
    time.sleep(0.01)
"""


async def test_files_that_nobody_sees_count_when_the_disk_is_nearly_full(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fullness, "LEAST_ROOM", 2**60)  # as if this one were
    monkeypatch.setattr(fullness, "held", lambda *_: 0)  # and as if nobody were to be looked into
    repl = await start(level="partial", limits=replace(LIMITS, scratch_bytes=16 * 2**20))
    assert (await execute(repl, "x = 1")).status == "ok"
    result = await execute(repl, UNLINKED)
    assert (result.status, result.restored) == ("memory", True)
    assert result.error.startswith("The disk of the cell's folder is full")
    assert (await execute(repl, "x")).output == "1\n"


KEPT_OPEN = """
import os, tempfile
files = globals().get('files', [])
files.append(tempfile.TemporaryFile(dir='.'))
os.posix_fallocate(files[-1].fileno(), 0, 6 * 2**20)
"""


async def test_files_that_cells_leave_open_add_up(start: Start) -> None:
    repl = await start(level="partial", limits=replace(LIMITS, scratch_bytes=16 * 2**20))
    assert [(await execute(repl, KEPT_OPEN)).status for _ in range(2)] == ["ok", "ok"]
    result = await execute(repl, KEPT_OPEN)
    assert (result.status, result.restored) == ("memory", True)
    assert "unlinked and still open" in result.error
    assert (await execute(repl, "len(files)")).output == "2\n"
    assert (await execute(repl, "files.pop().close()")).status == "ok"
    assert (await execute(repl, KEPT_OPEN)).status == "ok"


async def test_all_the_documents_fit_and_can_be_handed_over(start: Start, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("é" * 10_000_001)
    context = Context("str", (ContextFile(str(tmp_path / "a.txt"), "a.txt", "utf-8", 20_000_002),))
    repl = await start(context, level="partial", limits=replace(LIMITS, scratch_bytes=2**20))
    whole = (
        "import os, tempfile\nopen('copy', 'w').write(context)\n"
        "unlinked = tempfile.TemporaryFile(dir='.')\nunlinked.write(context.encode())\nunlinked.flush()\n"
        "os.stat('copy').st_size"
    )
    result = await execute(repl, whole)
    assert (result.status, result.output) == ("ok", "20000002\n"), result.error


async def test_a_state_that_holds_too_much_itself_is_given_up(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    repl = await start(level="partial", limits=replace(LIMITS, scratch_bytes=16 * 2**20))
    with monkeypatch.context() as blind:
        blind.setattr(fullness, "held", lambda *_: 0)
        for _ in range(3):
            assert (await execute(repl, KEPT_OPEN)).status == "ok"
    result = await execute(repl, "1")
    assert (result.status, result.restored) == ("memory", False)
    assert LOST in result.error
    assert (await execute(repl, "context")).output == "'the text'\n"


@pytest.mark.parametrize("left", [2**20, None])
async def test_a_full_disk_is_no_fault_of_a_cell_that_writes_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch, left: int | None
) -> None:
    looks = []

    def full(folder: Path | int | None) -> int | None:
        looks.append(folder)
        return left if len(looks) > 1 else 2**20

    monkeypatch.setattr(fullness, "room", full)
    monkeypatch.setattr(fullness, "_LOOK", 0.001)
    repl = await start(level="partial")
    result = await execute(repl, "import time\ntime.sleep(0.3)")
    assert result.status == "ok"
    assert len(looks) > 2


def test_room_is_of_a_disk(tmp_path: Path) -> None:
    assert room(tmp_path) is not None
    assert room(tmp_path / "none") is room(None) is room(0) is None
