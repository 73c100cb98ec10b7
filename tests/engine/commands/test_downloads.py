"""What is done with the files of models, one thing at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine.commands import downloads
from rlm_desktop.engine.commands.downloads import DownloadCommands
from rlm_desktop.errors import UserError

NAME = "smollm2-135m"


@pytest.fixture
def notices() -> list[Any]:
    return []


@pytest.fixture
def commands(home: Path, notices: list[Any]) -> DownloadCommands:
    engine = SimpleNamespace(settings=Settings(home).prepare(), unload=lambda _: None)
    return DownloadCommands(engine, lambda message: notices.append(message["notice"]))  # type: ignore[arg-type]


async def run(commands: DownloadCommands, name: str, model: str = NAME) -> dict[str, Any]:
    return await asyncio.wait_for(commands.by_name[name]({"cmd": name, "model": model}), 20)


async def test_a_check_is_called_off_in_the_middle_of_a_file(
    commands: DownloadCommands, notices: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def endless(*_: object, again: bool, on_bytes: Callable[[int], None]) -> str:
        loop.call_soon_threadsafe(begun.set)
        done = 0
        try:
            while True:
                on_bytes(done := done + downloads.STEP)
                ended.wait(0.001)
        finally:
            ended.set()

    monkeypatch.setattr(downloads, "verify", endless)
    check = asyncio.create_task(run(commands, "verify"))
    await asyncio.wait_for(begun.wait(), 20)
    with pytest.raises(UserError, match="is being checked already"):
        await run(commands, "pull")
    await run(commands, "cancel_pull")
    assert await check == {"sha256": ""}
    assert ended.is_set()
    assert (notices[-1].kind, notices[-1].state) == ("verify", "cancelled")
    assert {notice.state for notice in notices[:-1]} <= {"running"}


async def test_a_download_that_is_removed_is_stopped_first(
    commands: DownloadCommands, notices: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def endless(*_: object) -> Path:
        begun.set()
        return await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(downloads, "pull", endless)
    fetching = asyncio.create_task(run(commands, "pull"))
    await asyncio.wait_for(begun.wait(), 20)
    assert await run(commands, "remove") == {"freed": 0}
    assert await fetching == {}
    assert [notice.state for notice in notices] == ["cancelled"]


async def test_nothing_is_stopped_where_nothing_goes_on(
    commands: DownloadCommands, notices: list[Any]
) -> None:
    assert await run(commands, "pause") == await run(commands, "cancel_pull") == {}
    assert notices == []


async def test_a_quick_download_is_told_of_now_and_then_and_at_its_end(
    commands: DownloadCommands, notices: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def quick(_name: str, _settings: Settings, on_progress: Callable[[int, int, str], None]) -> Path:
        for received in range(10_001):
            on_progress(received, 10_000, "")
        on_progress(10_000, 10_000, "checking")
        return Path()

    monkeypatch.setattr(downloads, "pull", quick)
    await run(commands, "pull")
    told = [(notice.state, notice.received, notice.text) for notice in notices]
    assert told[0] == ("running", 0, "")
    assert told[-3:] == [("running", 10_000, ""), ("running", 10_000, "checking"), ("done", 0, "")]
    assert len(told) < 1000
