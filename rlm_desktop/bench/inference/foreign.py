"""A foreign peer as the bench sees it: a process of its own, alone on the computer's cores while it lives."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rlm_desktop.bench.inference import wire
from rlm_desktop.bench.inference.peer import Contestant, Served
from rlm_desktop.bench.inference.setup import Setup
from rlm_desktop.bench.inference.workload import Stage, Workload
from rlm_desktop.bench.section import Tell
from rlm_desktop.errors import UserError
from rlm_desktop.models.registry import ResolvedModel
from rlm_desktop.processes import child_environment, kill, own_command, own_name

MODULE = "rlm_desktop.bench.inference.child"
_LONGEST_LINE = 2**26


@asynccontextmanager
async def open_foreign(contestant: Contestant, setup: Setup, tell: Tell) -> AsyncIterator[ForeignPeer]:
    """A peer in a process of its own, once it is its turn to use a model on this computer."""
    command = wire.Open(
        peer=contestant.peer,
        path=str(setup.model.path),
        cells=setup.cells,
        width=contestant.width,
        threads=setup.threads,
    )
    async with _process(str(contestant), tell) as process:
        opened = await process.ask(command)
        if not isinstance(opened, wire.Opened):
            raise process.failure("did not say how it was set up")
        peer = ForeignPeer(process, opened.about)
        await peer.serve(setup.warm_up)
        yield peer


async def with_tokens(workloads: Sequence[Workload], model: ResolvedModel) -> list[Workload]:
    """The workloads with every prompt as tokens.

    Raises:
        UserError: The model's file or chat template is broken.
    """
    command = wire.Open(
        peer="tokens", path=str(model.path), template=model.template, chat_template=model.chat_template
    )
    async with _process("The vocabulary", _silent) as process:
        await process.ask(command)
        tokenised = []
        for workload in workloads:
            conversations = (wire.Conversation(call.messages, call.reusable) for call in workload.calls)
            rendered = await process.ask(wire.Render(tuple(conversations)))
            if not isinstance(rendered, wire.Rendered):
                raise process.failure("gave no tokens")
            tokenised.append(workload.with_tokens(rendered.prompts))
        return tokenised


class ForeignPeer:
    """See `rlm_desktop.bench.inference.peer.Peer`."""

    def __init__(self, process: _Process, about: str) -> None:
        self._process = process
        self.about = about

    async def serve(self, stage: Stage) -> Served:
        """Answer all calls of a stage."""
        calls = tuple(wire.Ask(call.tokens, call.new_tokens) for call in stage)
        done = await self._process.ask(wire.Serve(calls))
        if not isinstance(done, wire.Done):
            raise self._process.failure("gave no answers")
        return done.served

    def overhead(self) -> float | None:
        """It does not say."""
        return None


class _Process:
    """The process and its pipes."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, tell: Tell) -> None:
        self._name = name
        self._tell = tell
        self._process = process
        self._last_words: deque[str] = deque(maxlen=5)
        self._listening = asyncio.create_task(self._listen())

    async def ask(self, command: wire.Command) -> wire.Reply:
        """Send a command and wait for its reply.

        Raises:
            UserError: The peer failed, or its process ended.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise self.failure("has no pipes")
        try:
            stdin.write(wire.encode(command) + b"\n")
            await stdin.drain()
        except ConnectionError:
            pass  # it has ended, which reading finds out
        async for line in stdout:
            match wire.reply_decoder.decode(line):
                case wire.Waits(text):
                    self._tell(text)
                case wire.Failed(message):
                    raise self.failure(f"failed: {message}")
                case reply:
                    return reply
        await self._listening
        said = " ".join(self._last_words)[-300:]
        raise self.failure(f"ended by itself{said and f'; it last said: {said}'}")

    def failure(self, how: str) -> UserError:
        """What to say when the peer cannot go on."""
        return UserError(f"{self._name} {how.rstrip('.')}.", "Leave it out with --peers.")

    async def close(self) -> None:
        """End the process at once and wait until it is gone."""
        kill(self._process)
        await self._listening
        await self._process.wait()

    async def _listen(self) -> None:
        """Hear what it says aside, so that it never waits to be heard."""
        if self._process.stderr:
            async for line in self._process.stderr:
                self._last_words.append(line.decode("utf-8", "replace").strip())


@asynccontextmanager
async def _process(name: str, tell: Tell) -> AsyncIterator[_Process]:
    started = await asyncio.create_subprocess_exec(
        *own_command(MODULE, own_name()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=child_environment(),
        limit=_LONGEST_LINE,
        start_new_session=True,  # Ctrl-C is ours to handle
    )
    process = _Process(name, started, tell)
    try:
        yield process
    finally:
        await process.close()


def _silent(_: str) -> None:
    """The vocabulary waits for nobody."""
