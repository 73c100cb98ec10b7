"""Commands about the program itself: what it keeps on disk, which keys it has, how well it is."""

from __future__ import annotations

import asyncio
import shutil

import msgspec

from rlm_desktop.engine import storage
from rlm_desktop.engine.commands.wire import Command, Fields, Send, read
from rlm_desktop.engine.doctor import examine
from rlm_desktop.engine.engine import Engine
from rlm_desktop.models.catalogue import ApiSource
from rlm_desktop.models.catalogue_file import load_catalogue
from rlm_desktop.models.keys import key_name, key_place, keyring_name
from rlm_desktop.models.remote.endpoint import PROVIDERS


class _Clean(msgspec.Struct):
    what: storage.Cleaned


class _Keys(msgspec.Struct):
    names: tuple[str, ...] = ()


class CareCommands:
    """Carries out ``storage``, ``clean``, ``keys`` and ``doctor``."""

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._send = send
        self.by_name: dict[str, Command] = {
            "storage": self._storage,
            "clean": self._clean,
            "keys": self._keys,
            "doctor": self._doctor,
        }

    async def _storage(self, _: Fields) -> Fields:
        settings = self._engine.settings
        parts = await asyncio.to_thread(storage.kept, settings, self._engine.store)
        free = (await asyncio.to_thread(shutil.disk_usage, settings.home)).free
        return {"home": str(settings.home), "free": free, "parts": parts}

    async def _clean(self, message: Fields) -> Fields:
        what = read(message, _Clean).what
        await asyncio.to_thread(storage.clean, what, self._engine.settings, self._engine.store)
        if what == "trash":
            self._send({"notice": {"kind": "history"}})
        return await self._storage(message)

    async def _keys(self, message: Fields) -> Fields:
        """Where the key of each provider is, of those that are known and those that were asked about; never a key."""
        asked = map(key_name, read(message, _Keys).names)
        entries = load_catalogue(self._engine.settings).entries.values()
        own = {entry.source.endpoint.key for entry in entries if isinstance(entry.source, ApiSource)}
        names = dict.fromkeys((*PROVIDERS, *sorted(own), *asked))
        places = await asyncio.to_thread(lambda: {name: key_place(name) for name in names})
        return {
            "keyring": await asyncio.to_thread(keyring_name),
            "keys": [{"name": name, "place": place} for name, place in places.items()],
        }

    async def _doctor(self, _: Fields) -> Fields:
        checks = await examine(self._engine.settings)
        return {"checks": checks}
