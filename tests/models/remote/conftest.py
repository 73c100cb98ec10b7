"""A model on a loopback server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.models.base import Message, Request
from rlm_desktop.models.registry import resolve
from rlm_desktop.models.remote.model import OpenAICompatible
from rlm_desktop.models.remote.opening import open_remote
from tests.models.remote.nasty import Nasty

KEY = "sk-planted-0123456789-abcdefghij"
QUESTION = Request(messages=(Message("user", "Who jumps?"),))
Open = Callable[..., Awaitable[OpenAICompatible]]


@pytest.fixture
async def server() -> AsyncIterator[Nasty]:
    async with Nasty() as server:
        yield server


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key that is sent to the server."""
    monkeypatch.setenv("RLM_DESKTOP_KEY_127_0_0_1", KEY)
    return KEY


@pytest.fixture
async def open_model(
    server: Nasty, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Open]:
    """Opens the server's model; the SDK's waits between attempts are noted and left out."""
    opened: list[OpenAICompatible] = []
    waits: list[float] = []

    async def no_wait(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr("anyio.sleep", no_wait)

    async def open_it(spec: str = "", *, silent: float = 10.0) -> OpenAICompatible:
        model = await open_remote(resolve(spec or f"{server.url}#tiny", settings), silent=silent)
        opened.append(model)
        return model

    open_it.waits = waits  # type: ignore[attr-defined]
    yield open_it
    for model in opened:
        await model.close()


def ask(**fields: Any) -> Request:
    return Request(messages=(Message("user", "Who jumps?"),), **fields)
