"""Commands about models: the catalogue, downloads, keys of remote ones."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from rlm_desktop.engine.commands.wire import Command, Fields, Send, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.models.download import pull
from rlm_desktop.models.keys import key_name, remove_key, store_key
from rlm_desktop.models.listing import list_models
from rlm_desktop.models.llama import graphics


class _Model(msgspec.Struct):
    model: str


class _Key(msgspec.Struct):
    name: str
    key: str


class ModelCommands:
    """Carries out ``models``, ``key``, ``pull`` and ``cancel_pull``."""

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._send = send
        self._pulls: dict[str, asyncio.Task[Path]] = {}
        self.by_name: dict[str, Command] = {
            "models": self._models,
            "key": self._key,
            "pull": self._pull,
            "cancel_pull": self._cancel_pull,
        }

    async def _models(self, _: Fields) -> Fields:
        listed = await asyncio.to_thread(lambda: list_models(self._engine.settings, graphics.cards()))
        return {"models": listed}

    async def _key(self, message: Fields) -> Fields:
        asked = read(message, _Key)
        name = key_name(asked.name)
        if asked.key:
            await asyncio.to_thread(store_key, name, asked.key)
        else:
            await asyncio.to_thread(remove_key, name)
        return {}

    async def _pull(self, message: Fields) -> Fields:
        model = read(message, _Model).model

        def progress(received: int, total: int, text: str) -> None:
            self._download(model, "running", text, received, total)

        task = asyncio.ensure_future(pull(model, self._engine.settings, progress))
        self._pulls[model] = task
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            self._pulls.pop(model, None)
        if task.cancelled():
            self._download(model, "cancelled", "Stopped; what was fetched is kept.")
        elif error := task.exception():
            self._download(model, "failed", str(error))
            raise error
        else:
            self._download(model, "done")
        return {}

    def _download(self, model: str, state: str, text: str = "", received: int = 0, total: int = 0) -> None:
        notice = {
            "kind": "download",
            "model": model,
            "state": state,
            "text": text,
            "received": received,
            "total": total,
        }
        self._send({"notice": notice})

    async def _cancel_pull(self, message: Fields) -> Fields:
        if task := self._pulls.get(read(message, _Model).model):
            task.cancel()
        return {}
