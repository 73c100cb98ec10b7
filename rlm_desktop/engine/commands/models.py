"""Commands about models: the catalogue, loading, what is set of them, keys of remote ones."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec

from rlm_desktop.engine.commands.downloads import DownloadCommands, Model
from rlm_desktop.engine.commands.wire import Command, Fields, Send, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.models.adjusting import Adjustable, adjust, adjustable
from rlm_desktop.models.catalogue import Adjustments
from rlm_desktop.models.keys import key_name, remove_key, store_key
from rlm_desktop.models.listing import list_models
from rlm_desktop.models.llama import graphics


class _Key(msgspec.Struct):
    name: str
    key: str


class _Adjust(msgspec.Struct):
    model: str
    settings: Adjustments


class ModelCommands:
    """Carries out ``models``, ``load``, ``unload``, ``model_settings``, ``set_model`` and ``key``, and those about files."""

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._loading: dict[str, asyncio.Task[None]] = {}
        self.by_name: dict[str, Command] = {
            "models": self._models,
            "load": self._load,
            "unload": self._unload,
            "model_settings": self._model_settings,
            "set_model": self._set_model,
            "key": self._key,
            **DownloadCommands(engine, send).by_name,
        }

    async def _models(self, _: Fields) -> Fields:
        listed = await asyncio.to_thread(lambda: list_models(self._engine.settings, graphics.cards()))
        return {"models": listed}

    async def _load(self, message: Fields) -> Fields:
        model = read(message, Model).model
        task = self._loading.get(model) or asyncio.ensure_future(self._engine.load(model))
        self._loading[model] = task
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            self._loading.pop(model, None)
        with suppress(asyncio.CancelledError):  # it was called off
            task.result()
        return {}

    async def _unload(self, message: Fields) -> Fields:
        model = read(message, Model).model
        if task := self._loading.get(model):
            task.cancel()
            await asyncio.wait({task})
        self._engine.unload(model)
        return {}

    async def _model_settings(self, message: Fields) -> Fields:
        return await self._adjustable(read(message, Model).model)

    async def _set_model(self, message: Fields) -> Fields:
        asked = read(message, _Adjust)
        await asyncio.to_thread(adjust, asked.model, asked.settings, self._engine.settings)
        return await self._adjustable(asked.model)

    async def _adjustable(self, model: str) -> Fields:
        can: Adjustable = await asyncio.to_thread(adjustable, model, self._engine.settings)
        if not await asyncio.to_thread(graphics.cards):
            can = msgspec.structs.replace(can, layers=0)
        return dict(msgspec.structs.asdict(can))

    async def _key(self, message: Fields) -> Fields:
        asked = read(message, _Key)
        name = key_name(asked.name)
        if asked.key:
            await asyncio.to_thread(store_key, name, asked.key)
        else:
            await asyncio.to_thread(remove_key, name)
        return {}
