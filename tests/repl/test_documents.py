"""Files that cannot be mapped, or change while they are read."""

from __future__ import annotations

import errno
import mmap
import os
import signal
from pathlib import Path

import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.repl import launch, piped, zygote
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.control import ChildDiedError, Control
from rlm_desktop.repl.documents import decode
from rlm_desktop.repl.protocol import Message
from tests.repl.conftest import Start, both, execute
from tests.repl.processes import descriptors

CHANGED = r"The document .*long\.txt changed while it was being read"


@pytest.fixture
def long(tmp_path: Path) -> ContextFile:
    path = tmp_path / "long.txt"
    path.write_text("a line\n" * 10_000)
    status = path.stat()
    return ContextFile(str(path), "long.txt", "utf-8", status.st_size, status.st_mtime_ns)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_that_cannot_be_mapped_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    class Refused(mmap.mmap):
        def __new__(cls, *_: object, **__: object) -> Refused:
            raise OSError(errno.ENODEV, "No such device")

    before = descriptors()
    path = tmp_path / "file"
    path.write_text("née 😀\n", encoding=encoding)
    mapped = decode(os.open(path, os.O_RDONLY), encoding, "replace")
    monkeypatch.setattr(mmap, "mmap", Refused)
    assert decode(os.open(path, os.O_RDONLY), encoding, "replace") == mapped == "née 😀\n"
    assert descriptors() == before


async def test_a_file_that_changes_while_a_repl_starts_is_named(
    start: Start, monkeypatch: pytest.MonkeyPatch, long: ContextFile
) -> None:
    async def cut(_control: Control, _context: Context) -> None:
        os.truncate(long.path, 10)
        raise ChildDiedError("it ended without a word")  # as it does, by SIGBUS

    monkeypatch.setattr(zygote, "send_documents", cut)
    with pytest.raises(UserError, match=CHANGED):
        await start(Context("str", (long,)))


async def test_a_file_that_changes_while_a_lone_child_starts_is_named(
    start: Start, monkeypatch: pytest.MonkeyPatch, long: ContextFile
) -> None:
    async def cut(child: piped.PipedChild, _order: Message) -> str:
        os.truncate(long.path, 10)
        child.kill()
        return "it ended without a word"

    monkeypatch.setattr(piped.PipedChild, "_order", cut)
    with pytest.raises(UserError, match=CHANGED):
        await start(Context("str", (long,)), fork=False, allow_unconfined=True)


async def test_a_file_that_changes_while_it_is_added_is_named(
    start: Start, monkeypatch: pytest.MonkeyPatch, long: ContextFile
) -> None:
    async def cut(_control: Control, _context: Context) -> None:
        os.truncate(long.path, 10)
        os.kill(repl._child.state, signal.SIGBUS)  # type: ignore[attr-defined]

    repl = await start()
    await execute(repl, "x = 1")
    with monkeypatch.context() as patched, pytest.raises(UserError, match=CHANGED):
        patched.setattr(launch, "send_documents", cut)
        await repl.add([long])
    result = await execute(repl, "context, 'x' in globals()")
    assert result.output == "('the text', False)\n"
    assert "Every variable" in result.error


@both
async def test_a_file_that_cannot_be_added_and_is_what_it_was_is_not_blamed(
    start: Start, long: ContextFile
) -> None:
    repl = await start()
    with pytest.raises(UserError, match="could not be added: LookupError"):
        await repl.add([ContextFile(long.path, "long.txt", "klingon", long.size, long.mtime)])
    assert (await execute(repl, "context")).output == "'the text'\n"
