"""The worker process as the client sees it: started, spoken with, and found dead or hung."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress

import msgspec

from rlm_desktop.models.base import ModelDied, ModelError
from rlm_desktop.models.llama.silence import Silence
from rlm_desktop.models.llama.wire import Alive, Cancel, Command, Delta, Reply, encode, reply_decoder
from rlm_desktop.models.notices import ModelNotice
from rlm_desktop.processes import child_environment, kill

_LONGEST_LINE = 2**24
_TICK = 1.0
"""Seconds between two looks at whether the worker hangs; at most a quarter of its patience."""
_GRACE = 2.0
"""Seconds a process has to end by itself."""
_LAST_WORDS, _LONGEST_WORD = 4096, 300
_KILLED = "SIGKILL"
_OFTEN_MEMORY = (
    "Close other programs, or choose a smaller model or a smaller `context_window` in models.toml."
)
_MAY_HELP = "A smaller model or a smaller `context_window` in models.toml may work; `rlm-desktop doctor` checks llama.cpp."
_ADVICE = {
    _KILLED: _OFTEN_MEMORY,
    "SIGILL": "llama.cpp was built for another processor; `rlm-desktop doctor` says how to build it again.",
}
Answer = Reply | ModelError


_ENVIRONMENT = {
    "GGML_NO_BACKTRACE": "1",  # it would start a debugger, which may never end
    "OPENBLAS_NUM_THREADS": "1",  # numpy's threads would wait for work on the cores llama.cpp computes on
}


class WorkerProcess:
    """One life of the worker process; make it with `start`.

    Attributes:
        alive: Whether commands can be sent.
        silence: How long it has been silent while it had something to do.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        on_notice: Callable[[ModelNotice], None],
        silence: Silence,
    ) -> None:
        self.alive = True
        self.silence = silence
        self._process = process
        self._on_notice = on_notice
        self._ids = itertools.count(1)
        self._newest = 0
        self._calls: dict[int, asyncio.Queue[Answer]] = {}
        self._stderr = b""
        self._fault = ""
        self._in_memory: set[str] = set()
        self._writing = asyncio.Lock()
        self._reader = asyncio.create_task(self._read())
        self._watcher: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, command: Sequence[str], on_notice: Callable[[ModelNotice], None], silence: Silence
    ) -> WorkerProcess:
        """Start the process.

        Raises:
            ModelError: The system refuses to.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=child_environment(**_ENVIRONMENT),
                limit=_LONGEST_LINE,
                start_new_session=True,  # Ctrl-C is the client's to handle
            )
        except OSError as error:
            raise ModelError(
                f"The model's worker cannot be started: {error.strerror}.", _OFTEN_MEMORY
            ) from error
        return cls(process, on_notice, silence)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def new_call(self) -> int:
        """A number for the next command that is answered."""
        self._newest = next(self._ids)
        return self._newest

    async def call(self, call: int, command: Command) -> AsyncGenerator[Reply]:
        """Send a command and yield what comes back, up to and with the final reply; closed before, it is cancelled.

        Raises:
            ModelDied: The worker died, or had to be killed, before it had answered.
        """
        answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._calls[call] = answers
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch())
        answered = False
        try:
            await self.send(command)
            while not answered:
                answer = await answers.get()
                answered = not isinstance(answer, Delta)
                if isinstance(answer, ModelError):
                    raise answer
                yield answer
        finally:
            del self._calls[call]
            if not answered:
                self.send_soon(Cancel(call))

    async def send(self, command: Command) -> None:
        """Send a command that is not answered.

        Raises:
            ModelDied: The worker is dead.
        """
        if not self.alive:
            raise self._obituary()
        self.send_soon(command)
        if self._process.stdin is not None:
            with suppress(ConnectionError):  # the reader finds out why
                async with self._writing:
                    await self._process.stdin.drain()

    def send_soon(self, command: Command) -> None:
        """Send a short command without waiting, as a cancelled task must; to the dead nothing is sent."""
        if self.alive and self._process.stdin is not None:
            self._process.stdin.write(encode(command) + b"\n")

    async def close(self) -> None:
        """End the process and wait until it is gone."""
        self._in_memory.clear()  # nobody need be told any more
        if self._process.stdin is not None:
            self._process.stdin.close()
        await asyncio.wait({self._reader}, timeout=_GRACE)
        kill(self._process)
        await self._reader

    async def _read(self) -> None:
        """Hand every reply to its call until the process ends, and then tell all that wait."""
        if self._process.stdout is None or self._process.stderr is None:
            return
        listening = asyncio.create_task(self._listen(self._process.stderr))
        try:
            while reply := await self._next_reply(self._process.stdout):
                self._deliver(reply)
            if not self._fault:  # it closed its output, and has most likely ended
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), _GRACE)
                self._fault = "it stopped answering" if self._process.returncode is None else ""
        finally:
            kill(self._process)
            await self._process.wait()
            await asyncio.wait({listening}, timeout=_GRACE)  # some other process may hold the pipe open
            listening.cancel()
            self._end()

    async def _next_reply(self, stdout: asyncio.StreamReader) -> Reply | None:
        """The next reply; nothing once the worker has closed its output or sends what is none."""
        line = b""
        try:
            line = await stdout.readline()
            reply = (
                reply_decoder.decode(line) if line.endswith(b"\n") else None
            )  # else it died while it wrote
        except (msgspec.DecodeError, ValueError):  # ValueError: longer than any line may be
            self._fault = f"it sent something that is no reply: {line[:60].decode('utf-8', 'replace')!r}"
            return None
        if isinstance(reply, ModelNotice | Alive | None) or reply.id <= self._newest:
            return reply
        self._fault = "it answered a call that nobody made"
        return None

    def _deliver(self, reply: Reply) -> None:
        self.silence.end()
        if isinstance(reply, ModelNotice):
            self._tell(reply)
        elif not isinstance(reply, Alive) and (answers := self._calls.get(reply.id)):
            answers.put_nowait(reply)  # a cancelled call is not there any more

    def _tell(self, notice: ModelNotice) -> None:
        if notice.state in {"failed", "unloaded"}:
            self._in_memory.discard(notice.model)
        else:
            self._in_memory.add(notice.model)
        self._on_notice(notice)

    async def _watch(self) -> None:
        """While calls wait, kill a worker that has been silent for too long."""
        tick = min(_TICK, self.silence.patience / 4)
        self.silence.end()
        while self._calls and not self.silence.too_long:
            await asyncio.sleep(tick)
            self.silence.last(tick)
        if self._calls:
            self._fault = f"it was silent for {self.silence.seconds:.0f} seconds"
            kill(self._process)

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        """Keep the end of what it says on standard error, in lines or not."""
        while chunk := await stderr.read(_LAST_WORDS):
            self._stderr = (self._stderr + chunk)[-_LAST_WORDS:]

    def _end(self) -> None:
        self.alive = False
        if self._watcher is not None:
            self._watcher.cancel()
        if self._process.stdin is not None:
            self._process.stdin.close()
        for answers in self._calls.values():
            answers.put_nowait(self._obituary())
        for model in sorted(self._in_memory):
            self._on_notice(ModelNotice(model, "unloaded"))

    def _obituary(self) -> ModelDied:
        code = self._process.returncode or 0
        how = self._fault or (_signal(-code) if code < 0 else f"exit code {code}")
        advice = _ADVICE.get(how, _MAY_HELP)
        if how == _KILLED:
            how += ", often because memory ran out"
        lines = self._stderr.decode("utf-8", "replace").strip().splitlines()
        return ModelDied(
            how, self.pid, said=lines[-1].strip()[:_LONGEST_WORD] if lines else "", advice=advice
        )


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
