"""The reference in its process: the real one if it is installed, else one that looks like it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psutil
import pytest

from rlm_desktop.bench.repl import wire
from rlm_desktop.bench.repl.reference import MODULE, installed, open_reference
from rlm_desktop.errors import UserError
from rlm_desktop.processes import own_command


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "owl.txt"
    path.write_text("an owl 🦉\n" * 1000, "utf-8")
    return path


async def test_the_reference_explores_a_text(
    text: Path, scratch: Path, request: pytest.FixtureRequest
) -> None:
    if not installed():
        request.getfixturevalue("fake")
    async with open_reference(scratch) as reference:
        await reference.get_ready()
        assert await reference.load(text, 9000) > 0
        assert len(await reference.run("1", 5)) == 5
        assert list(scratch.iterdir()), "its copies are made where they are removed"
        with pytest.raises(UserError, match=r"rlms LocalREPL failed: .*division by zero"):
            await reference.run("1 / 0", 1)
        assert psutil.pid_exists(reference.pid)
    assert not psutil.pid_exists(reference.pid)


@pytest.mark.usefixtures("fake")
async def test_another_text_than_was_given_is_noticed(text: Path, scratch: Path) -> None:
    async with open_reference(scratch) as reference:
        with pytest.raises(UserError, match="did not find 9,001 characters"):
            await reference.load(text, 9001)


async def test_a_reference_that_cannot_be_imported_is_a_sentence(fake: Path, scratch: Path) -> None:
    (fake / "local_repl.py").write_text("raise ImportError('no such thing')")
    async with open_reference(scratch) as reference:
        with pytest.raises(UserError, match="rlms LocalREPL failed: ImportError: no such thing"):
            await reference.get_ready()


@pytest.mark.usefixtures("fake")
async def test_a_reference_that_dies_says_what_it_last_said(text: Path, scratch: Path) -> None:
    async with open_reference(scratch) as reference:
        await reference.load(text, 9000)
        words = "import os; os.write(2, b'good bye\\n'); os._exit(1)"
        with pytest.raises(UserError, match=r"ended by itself; it last said: good bye\. Uninstall"):
            await reference.run(words, 1)


@pytest.mark.usefixtures("fake")
def test_a_cell_before_any_text_is_refused_and_the_process_ends_with_its_input() -> None:
    asked = wire.encode(wire.Run("1", 1)) + b"\n"
    done = subprocess.run(own_command(MODULE), input=asked, capture_output=True, timeout=60, check=True)
    reply = wire.reply_decoder.decode(done.stdout)
    assert reply == wire.Failed("TypeError: a cell came before any text")
