"""A process in which a peer is measured, and its pipes: JSON lines down and up, and what it says aside."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import msgspec

from rlm_desktop.errors import UserError
from rlm_desktop.processes import child_environment, kill, own_command

_LONGEST_LINE = 2**26
_Reply = TypeVar("_Reply")


class ForeignProcess(Generic[_Reply]):
    """A running one; make it with `open_process`.

    Args:
        name: Who is measured in it, as the first words of a sentence.
        hint: What to do when it fails.
        process: The process.
        replies: Reads a line of what it says.

    Attributes:
        pid: Its number.
    """

    def __init__(
        self, name: str, hint: str, process: asyncio.subprocess.Process, replies: msgspec.json.Decoder[_Reply]
    ) -> None:
        self.pid = process.pid
        self._name = name
        self._hint = hint
        self._process = process
        self._replies = replies
        self._last_words: deque[str] = deque(maxlen=5)
        self._listening = asyncio.create_task(self._listen())

    async def ask(self, command: msgspec.Struct) -> _Reply:
        """Send a command and wait for its first reply.

        Raises:
            UserError: The process ended.
        """
        if self._process.stdin is None:
            raise self.failure("has no pipes")
        try:
            self._process.stdin.write(msgspec.json.encode(command) + b"\n")
            await self._process.stdin.drain()
        except ConnectionError:
            pass  # it has ended, which reading finds out
        return await self.next_reply()

    async def next_reply(self) -> _Reply:
        """What it says next.

        Raises:
            UserError: The process ended.
        """
        line = await self._process.stdout.readline() if self._process.stdout else b""
        if line:
            return self._replies.decode(line)
        await self._listening
        said = " ".join(self._last_words)[-300:]
        raise self.failure(f"ended by itself{said and f'; it last said: {said}'}")

    def failure(self, how: str) -> UserError:
        """What to say when it cannot go on."""
        return UserError(f"{self._name} {how.rstrip('.')}.", self._hint)

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
async def open_process(
    name: str,
    hint: str,
    module: str,
    *arguments: str,
    replies: msgspec.json.Decoder[_Reply],
    **variables: str,
) -> AsyncIterator[ForeignProcess[_Reply]]:
    """Start one of `processes.MODULES`; leaving the context ends it.

    Args:
        name: Who is measured in it.
        hint: What to do when it fails.
        module: What is run.
        arguments: Its arguments.
        replies: Reads a line of what it says.
        variables: Environment variables of its own.
    """
    started = await asyncio.create_subprocess_exec(
        *own_command(module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=child_environment(**variables),
        limit=_LONGEST_LINE,
        start_new_session=True,  # Ctrl-C is ours to handle
    )
    process = ForeignProcess(name, hint, started, replies)
    try:
        yield process
    finally:
        await process.close()
