"""The worker process as the client sees it: started, spoken with, and found dead."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

import msgspec

from rlm_desktop.models.base import ModelError
from rlm_desktop.models.llama.wire import Command, Delta, Reply, encode
from rlm_desktop.models.notices import ModelNotice
from rlm_desktop.processes import child_environment, own_command

_LONGEST_LINE = 2**24
_decoder: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)
Answer = Reply | ModelError


class WorkerProcess:
    """One life of the worker process; make it with `start`.

    Attributes:
        alive: Whether commands can be sent.
    """

    def __init__(self, process: asyncio.subprocess.Process, on_notice: Callable[[ModelNotice], None]) -> None:
        self._process = process
        self._on_notice = on_notice
        self._ids = itertools.count(1)
        self._calls: dict[int, asyncio.Queue[Answer]] = {}
        self._last_words: deque[str] = deque(maxlen=20)
        self._writing = asyncio.Lock()
        self.alive = True
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, on_notice: Callable[[ModelNotice], None]) -> WorkerProcess:
        """Start the process."""
        process = await asyncio.create_subprocess_exec(
            *own_command("rlm_desktop.models.llama.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=child_environment(),
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is the client's to handle
        )
        return cls(process, on_notice)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def new_call(self) -> int:
        """A number for the next command that is answered."""
        return next(self._ids)

    async def call(self, call: int, command: Command) -> AsyncGenerator[Reply]:
        """Send a command and yield what comes back, up to and with the final reply.

        Raises:
            ModelError: The worker died before it had answered.
        """
        answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._calls[call] = answers
        try:
            await self.send(command)
            while True:
                answer = await answers.get()
                if isinstance(answer, ModelError):
                    raise answer
                yield answer
                if not isinstance(answer, Delta):
                    return
        finally:
            self._calls.pop(call, None)

    async def send(self, command: Command) -> None:
        """Send a command that is not answered.

        Raises:
            ModelError: The worker is dead.
        """
        stdin = self._process.stdin
        if not self.alive or stdin is None:
            raise self._obituary()
        stdin.write(encode(command) + b"\n")
        with suppress(ConnectionError):  # the reader finds out why
            async with self._writing:
                await stdin.drain()

    def send_soon(self, command: Command) -> None:
        """Send a short command without waiting, as a cancelled task must."""
        if self.alive and self._process.stdin is not None:
            self._process.stdin.write(encode(command) + b"\n")

    async def close(self) -> None:
        """End the process and wait until it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(asyncio.shield(self._reader), 2)
        except TimeoutError:
            self._process.kill()
            await self._reader

    async def _read(self) -> None:
        """Hand every reply to its call until the process ends, and then tell all that wait."""
        stdout, stderr = self._process.stdout, self._process.stderr
        if stdout is None or stderr is None:
            return
        listening = asyncio.create_task(self._listen(stderr))
        async for line in stdout:
            self._deliver(_decoder.decode(line))
        await listening
        await self._process.wait()
        self.alive = False
        if self._process.stdin is not None:
            self._process.stdin.close()
        for answers in self._calls.values():
            answers.put_nowait(self._obituary())

    def _deliver(self, reply: Reply) -> None:
        if isinstance(reply, ModelNotice):
            self._on_notice(reply)
        elif answers := self._calls.get(reply.id):  # a cancelled call is not there any more
            answers.put_nowait(reply)

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        async for line in stderr:
            if text := line.decode("utf-8", "replace").strip():
                self._last_words.append(text)

    def _obituary(self) -> ModelError:
        code = self._process.returncode
        if code is not None and code < 0:
            how = f"was ended by {signal.Signals(-code).name}"
        else:
            how = f"ended with code {code}"
        if code == -signal.SIGKILL:
            how += " (often because memory ran out)"
        said = f" Its last words: {self._last_words[-1][:300]}" if self._last_words else ""
        return ModelError(f"The model worker {how}.{said}", "Ask again: it is started anew.")
