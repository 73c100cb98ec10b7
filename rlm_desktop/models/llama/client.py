"""The client of the llama worker: models that satisfy the `Model` protocol, served by one process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rlm_desktop.errors import BugError, UserError
from rlm_desktop.events import Usage
from rlm_desktop.models.base import Completion, ModelError, OnDelta, PromptTooLong, Request
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.process import WorkerProcess
from rlm_desktop.models.llama.silence import PATIENCE, Silence
from rlm_desktop.models.llama.wire import (
    Complete,
    Count,
    Counted,
    Delta,
    Done,
    Failed,
    Load,
    Loaded,
    Unload,
)
from rlm_desktop.models.notices import ModelNotice, Speed
from rlm_desktop.models.prices import FREE, Price
from rlm_desktop.processes import own_command, own_name

KEEP_SECONDS = 300.0
"""How long a model that nobody uses stays in memory: the next question finds it loaded, and its prefixes computed."""


class LlamaWorker:
    """One worker process for all GGUF models of an engine, started when it is first needed.

    Args:
        on_notice: Told, on the event loop's thread, when models load, are ready, or wait for another process.
        command: The worker's command line; a test names a worker of its own.
        patience: Seconds of silence after which a busy worker counts as hung.
        keep: Seconds a model stays in memory after its last user has closed it.
    """

    def __init__(
        self,
        on_notice: Callable[[ModelNotice], None],
        *,
        command: Sequence[str] = (),
        patience: float = PATIENCE,
        keep: float = KEEP_SECONDS,
    ) -> None:
        self._on_notice = on_notice
        self._command = command or own_command("rlm_desktop.models.llama.worker", own_name())
        self._patience = patience
        self._keep = keep
        self._models: dict[str, LlamaModel] = {}
        self._resting: dict[str, asyncio.TimerHandle] = {}
        self._process: WorkerProcess | None = None
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Id of the worker process; 0 while there is none."""
        return self._process.pid if self._process and self._process.alive else 0

    async def open(
        self,
        path: Path,
        *,
        name: str,
        options: Options,
    ) -> LlamaModel:
        """A model that is served by this worker; it is loaded at its first call or by `LlamaModel.load`.

        The same file opened twice at the same time is one model, with the options of the first.

        Args:
            path: The GGUF file.
            name: How the person calls it.
            options: How it is to be served.
        """
        key = str(path.resolve())  # noqa: ASYNC240 - a look at the file's name, not at its content
        if timer := self._resting.pop(key, None):
            timer.cancel()
            if self._models[key].options != options:
                self._unload(key)
        if key not in self._models:
            self._models[key] = LlamaModel(self, Load(0, key, name, options))
        model = self._models[key]
        model.users += 1
        return model

    async def close(self) -> None:
        """End the process; running calls fail."""
        process, self._process = self._process, None
        for timer in self._resting.values():
            timer.cancel()
        self._resting.clear()
        self._models.clear()
        if process:
            await process.close()

    def unload(self, name: str) -> None:
        """Free a model at once; nothing if it is not in memory.

        Raises:
            UserError: A run uses it.
        """
        for key in [key for key, model in self._models.items() if model.name == name]:
            if self._models[key].users:
                raise UserError(f"The model {name} is used by a run.", "Stop the run, or wait for its end.")
            self._resting[key].cancel()
            self._unload(key)

    async def process(self) -> WorkerProcess:
        """The living process, started anew when it died."""
        async with self._starting:
            if self._process is None or not self._process.alive:
                self._process = await WorkerProcess.start(
                    self._command, self._on_notice, Silence(self._patience)
                )
            return self._process

    def rest(self, key: str) -> None:
        """Free a model nobody uses any more, unless it is opened again soon."""
        if key in self._models:
            self._resting[key] = asyncio.get_running_loop().call_later(self._keep, self._unload, key)

    def spare(self) -> tuple[str, ...]:
        """The models nobody uses; whoever asks may have them freed, so each is loaded again before its next call."""
        for key in self._resting:
            self._models[key].loaded_in = None
        return tuple(self._resting)

    def _unload(self, key: str) -> None:
        self._resting.pop(key, None)
        del self._models[key]
        if self._process:
            self._process.send_soon(Unload(key))


class LlamaModel:
    """A GGUF model in the worker; see `rlm_desktop.models.base.Model`."""

    def __init__(self, worker: LlamaWorker, load: Load) -> None:
        self._worker = worker
        self._load = load
        self._loading: _Loading | None = None
        self._window = 0
        self.loaded_in: WorkerProcess | None = None
        self.users = 0
        self.speed = Speed()

    @property
    def name(self) -> str:
        """How the person calls it."""
        return self._load.name

    @property
    def options(self) -> Options:
        """How it is served."""
        return self._load.options

    @property
    def sha256(self) -> str:
        """Hash of its file."""
        return self._load.options.sha256

    @property
    def host(self) -> str:
        """It runs on this computer."""
        return ""

    @property
    def price(self) -> Price:
        """It costs nothing."""
        return FREE

    @property
    def context_window(self) -> int:
        """Tokens a prompt and its reply may have together: what was allocated, once it is loaded."""
        return self._window or self._load.options.context_window

    @property
    def concurrency(self) -> int:
        """Calls served together."""
        return self._load.options.concurrency

    async def load(self) -> None:
        """Load it into the worker, unless it is there.

        Raises:
            ModelError: The file is broken, too large, or no model that can hold a conversation.
        """
        await self._ready()

    async def count_tokens(self, text: str) -> int:
        """Tokens of a plain text, by the model's own tokeniser."""
        process = await self._ready()
        call = process.new_call()
        async with aclosing(process.call(call, Count(call, self._load.model, text))) as replies:
            async for reply in replies:
                if isinstance(reply, Counted):
                    return reply.tokens
        raise BugError("The worker gave no count.")

    async def complete(self, request: Request, on_delta: OnDelta | None = None) -> Completion:
        """Generate one reply; cancelling the task stops it within the running step.

        Raises:
            PromptTooLong: Before any token is spent.
            ModelError: The call failed; the next one may work.
        """
        process = await self._ready()
        call = process.new_call()
        async with aclosing(process.call(call, Complete(call, self._load.model, request))) as replies:
            async for reply in replies:
                match reply:
                    case Delta() if on_delta:
                        on_delta(reply.text)
                    case Failed():
                        raise _refusal(reply)
                    case Done():
                        self.speed = reply.speed
                        return _completion(reply)
        raise BugError("The worker gave no reply.")

    async def close(self) -> None:
        """Let it rest, once everyone who opened it has closed it."""
        self.users -= 1
        if self.users == 0:
            self._worker.rest(self._load.model)

    async def _ready(self) -> WorkerProcess:
        """The process with this model in it; callers that come together share one loading, and the last ends it."""
        process = await self._worker.process()
        if self.loaded_in is process:
            return process
        if self._loading is None or self._loading.over:
            self._loading = _Loading(asyncio.create_task(self._load_into(process)))
            self._loading.task.add_done_callback(_heard)
        await self._loading.wait()
        return process

    async def _load_into(self, process: WorkerProcess) -> None:
        call = process.new_call()
        load = msgspec.structs.replace(self._load, id=call, idle=self._worker.spare())
        with suppress(OSError):  # the worker says what is wrong with the file
            process.silence.allow_for(os.stat(load.model).st_size)  # noqa: PTH116 - see `open`
        async with aclosing(process.call(call, load)) as replies:
            async for reply in replies:
                if isinstance(reply, Failed):
                    raise _refusal(reply)
                if isinstance(reply, Loaded):
                    self.loaded_in, self._window = process, reply.context_window
                    return
        raise BugError("The worker did not say whether the model is loaded.")


@dataclass
class _Loading:
    task: asyncio.Task[None]
    waiters: int = 0

    @property
    def over(self) -> bool:
        """Whether it came to an end, or was given up."""
        return self.task.done() or not self.waiters

    async def wait(self) -> None:
        """Wait for the end; cancelled when nobody waits any more."""
        self.waiters += 1
        try:
            await asyncio.shield(self.task)
        finally:
            self.waiters -= 1
            if not self.waiters:
                self.task.cancel()


def _heard(loading: asyncio.Task[None]) -> None:
    """A loading that nobody waits for any more may fail in silence."""
    if not loading.cancelled():
        loading.exception()


def _refusal(reply: Failed) -> ModelError:
    if reply.window:
        return PromptTooLong(reply.prompt_tokens, reply.window, reply.max_tokens)
    return ModelError(reply.message, reply.hint)


def _completion(reply: Done) -> Completion:
    usage = Usage(
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        reused_tokens=reply.reused_tokens,
        reasoning_tokens=reply.reasoning_tokens,
        calls=1,
    )
    return Completion(
        text=reply.text,
        usage=usage,
        finish_reason=reply.finish_reason,
        first_logprobs=reply.first_logprobs,
        thinking=reply.thinking,
    )
