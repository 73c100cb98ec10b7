"""Texts that are the same every time, and one character in their middle."""

from __future__ import annotations

import asyncio
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from rlm_desktop.bench.repl import texts
from rlm_desktop.bench.repl.texts import CURLY_QUOTE, EMOJI, Texts, containing
from rlm_desktop.errors import UserError

Usage = namedtuple("Usage", "total used free")


async def test_texts_have_their_size_and_are_lines_of_ascii(tmp_path: Path) -> None:
    path = await Texts(tmp_path, (1000, 9_000_000)).of(9_000_000)
    data = path.read_bytes()
    assert len(data) == 9_000_000
    assert data.isascii()
    lines = data.decode().splitlines()
    assert max(map(len, lines)) < 250
    assert len(set(lines)) > 10_000


async def test_texts_are_the_same_every_time(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    made = [await Texts(folder, (50_000,)).of(50_000) for folder in (tmp_path, tmp_path / "other")]
    assert made[0].read_bytes() == made[1].read_bytes()


async def test_a_text_is_made_once(tmp_path: Path) -> None:
    texts = Texts(tmp_path, (1000,))
    before = (await texts.of(1000)).stat().st_mtime_ns
    assert (await texts.of(1000)).stat().st_mtime_ns == before


@pytest.mark.parametrize(("character", "characters"), [("", 1000), (CURLY_QUOTE, 998), (EMOJI, 997)])
async def test_a_character_is_there_for_a_while(tmp_path: Path, character: str, characters: int) -> None:
    path = await Texts(tmp_path, (1000,)).of(1000)
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), containing(character, path) as told:
        text = path.read_text("utf-8")
        assert text.isascii() is not bool(character)
        assert character in text[400:600]
        assert (len(text), path.stat().st_size) == (told, 1000) == (characters, 1000)
        raise ZeroDivisionError
    assert path.read_bytes() == before


def test_room_is_looked_for_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 2_250_000_000))
    with pytest.raises(UserError, match=r"need 2.3 GB in .* 2.2 GB are free.* --sizes"):
        Texts(tmp_path, (10**9, 10**8, 10**9)).check_room()
    Texts(tmp_path, (10**9,)).check_room()
    assert not list(tmp_path.iterdir())


async def test_a_disk_that_refuses_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="A text of 1 kB could not be written: No such file"):
        await Texts(tmp_path / "nowhere", (1000,)).of(1000)


async def test_half_a_text_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_BLOCK", 1000)
    writing = asyncio.create_task(Texts(tmp_path, (10**9,)).of(10**9))
    while not list(tmp_path.iterdir()):
        await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert not list(tmp_path.iterdir())
