"""Commands about the files of models: fetch, pause, check, remove; what takes long is told as it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Literal

import msgspec

from rlm_desktop.engine.commands.wire import Command, Fields, Send, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.errors import UserError
from rlm_desktop.models.download import pull
from rlm_desktop.models.own_models import add_file
from rlm_desktop.models.registry import find_entry, model_path, remove, verify

Kind = Literal["download", "verify"]
Ending = Literal["paused", "cancelled"]
STEP = 32 * 2**20
"""Bytes between two remarks on how far a check is."""
INTERVAL = 0.1
"""Seconds between two remarks on how far a download is: pip counts every 256 KiB."""
_ENDINGS: dict[Ending, str] = {
    "paused": "Paused; what was fetched is kept.",
    "cancelled": "Stopped; what was fetched is kept.",
}


class Model(msgspec.Struct):
    """A command about one model."""

    model: str


class _File(msgspec.Struct):
    path: str


class _Notice(msgspec.Struct, frozen=True):
    """What is done with the file of a model, and how far it is, in bytes."""

    kind: Kind
    model: str
    state: Literal["queued", "running", "done", "failed", "paused", "cancelled"]
    text: str = ""
    received: int = 0
    total: int = 0


@dataclass
class _Job:
    """What is being done with the file of a model; ``ending`` is what to call its end if it is stopped."""

    kind: Kind
    task: asyncio.Task[object] | None = None
    ending: Ending = "cancelled"
    stop: Event = field(default_factory=Event)

    async def end(self, ending: Ending) -> None:
        """Stop it; returns once nothing of it goes on."""
        self.ending = ending
        self.stop.set()
        if self.task is not None:
            if self.kind == "download":
                self.task.cancel()
            await asyncio.wait({self.task})


class _StoppedError(Exception):
    """A check was called off."""


class DownloadCommands:
    """Carries out ``pull``, ``pause``, ``cancel_pull``, ``verify``, ``remove`` and ``add_file``.

    Models are fetched one after another, in the order they were asked for.
    """

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._send = send
        self._jobs: dict[str, _Job] = {}
        self._turn = asyncio.Lock()
        self.by_name: dict[str, Command] = {
            "pull": self._pull,
            "pause": self._pause,
            "cancel_pull": self._cancel,
            "verify": self._verify,
            "remove": self._remove,
            "add_file": self._add_file,
        }

    async def _pull(self, message: Fields) -> Fields:
        model = read(message, Model).model
        await self._do(model, _Job("download"), lambda _: self._fetch(model))
        return {}

    async def _pause(self, message: Fields) -> Fields:
        return await self._end(message, "paused")

    async def _cancel(self, message: Fields) -> Fields:
        return await self._end(message, "cancelled")

    async def _end(self, message: Fields, ending: Ending) -> Fields:
        if job := self._jobs.get(read(message, Model).model):
            await job.end(ending)
        return {}

    async def _verify(self, message: Fields) -> Fields:
        model = read(message, Model).model
        return {"sha256": await self._do(model, _Job("verify"), lambda job: self._check(model, job))}

    async def _remove(self, message: Fields) -> Fields:
        model = read(message, Model).model
        entry = find_entry(model, self._engine.settings)
        await self._end(message, "cancelled")
        self._engine.unload(model)
        return {"freed": await asyncio.to_thread(remove, entry, self._engine.settings)}

    async def _add_file(self, message: Fields) -> Fields:
        path = Path(read(message, _File).path)
        entry = await asyncio.to_thread(add_file, path, self._engine.settings)
        return {"model": entry.name}

    async def _do(self, model: str, job: _Job, work: Callable[[_Job], Awaitable[object]]) -> object:
        """Do one thing at a time with the file of a model, and say how it ends."""
        if other := self._jobs.get(model):
            doing = "downloaded" if other.kind == "download" else "checked"
            raise UserError(f"The model {model} is being {doing} already.", "Wait for that to finish.")
        self._jobs[model] = job
        job.task = asyncio.ensure_future(work(job))
        try:
            await asyncio.wait({job.task})
        finally:
            job.stop.set()
            job.task.cancel()
            self._jobs.pop(model, None)
        if job.task.cancelled() or isinstance(job.task.exception(), _StoppedError):
            self._tell(_Notice(job.kind, model, job.ending, _ENDINGS[job.ending] * (job.kind == "download")))
            return ""
        if error := job.task.exception():
            self._tell(_Notice(job.kind, model, "failed", str(error)))
            raise error
        self._tell(_Notice(job.kind, model, "done"))
        return job.task.result()

    async def _fetch(self, model: str) -> Path:
        loop = asyncio.get_running_loop()
        told, said = 0.0, ""

        def progress(received: int, total: int, text: str) -> None:
            nonlocal told, said
            if text == said and loop.time() - told < INTERVAL and received < total:
                return
            told, said = loop.time(), text
            self._tell(_Notice("download", model, "running", text, received, total))

        if self._turn.locked():
            self._tell(_Notice("download", model, "queued"))
        async with self._turn:
            return await pull(model, self._engine.settings, progress)

    async def _check(self, model: str, job: _Job) -> str:
        settings = self._engine.settings
        entry = find_entry(model, settings)
        path = model_path(entry, settings)
        total = path.stat().st_size if path.is_file() else 0
        loop = asyncio.get_running_loop()
        told = 0

        def on_bytes(done: int) -> None:
            nonlocal told
            if job.stop.is_set():
                raise _StoppedError
            if done - told >= STEP or done == total:
                told = done
                notice = _Notice("verify", model, "running", "", done, total)
                loop.call_soon_threadsafe(self._tell, notice)

        return await asyncio.to_thread(verify, entry, settings, again=True, on_bytes=on_bytes)

    def _tell(self, notice: _Notice) -> None:
        self._send({"notice": notice})
