"""The engine process: JSON lines down, answers and events up (see ARCHITECTURE.md).

Long jobs are tasks, so a command never waits for another. The front end owns the process: when its
end of the pipe closes, every run is cancelled and the process ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
import traceback
from typing import Any, BinaryIO

import msgspec

from rlm_desktop import __version__
from rlm_desktop.config import Settings
from rlm_desktop.engine.commands import Commands
from rlm_desktop.engine.commands.wire import news
from rlm_desktop.engine.engine import Engine
from rlm_desktop.errors import UsageError, UserError
from rlm_desktop.events import AnyEvent, Row, RunState
from rlm_desktop.models.notices import ModelNotice

PROTOCOL = 1
LINE_LIMIT = 1024 * 1024
"""Longest line either way, in bytes."""
QUEUE_LIMIT = 64 * 1024 * 1024
"""Bytes that may wait for a front end that does not read before the engine gives up on it."""

log = logging.getLogger(__name__)


class Wire:
    """Writes lines to the front end without ever blocking the engine on it."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self._encoder = msgspec.json.Encoder()

    def send(self, message: dict[str, Any]) -> None:
        """Queue one object as a line; over the limit it becomes an error that says so."""
        line = self._encoder.encode(message)
        if len(line) >= LINE_LIMIT:
            log.error("A message of %d bytes was not sent (%s)", len(line), ", ".join(message))
            if "id" not in message:
                return
            line = self._encoder.encode(
                _failure(message["id"], "bug", "The answer was too long to send.", "")
            )
        if self._transport.get_write_buffer_size() > QUEUE_LIMIT:
            log.error("The front end does not read; giving up.")
            self._transport.abort()
            return
        self._transport.write(line + b"\n")


class Server:
    """Serves one front end.

    Args:
        settings: Folders and switches.
        wire: Where answers go.
        engine: What carries runs out.
    """

    def __init__(self, settings: Settings, wire: Wire, engine: type[Engine] = Engine) -> None:
        self._wire = wire
        self._engine = engine(settings, self._on_event, self._on_notice)
        self._commands = Commands(self._engine, wire.send)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Answer commands until the front end closes the pipe or says shutdown."""
        self._wire.send(
            {
                "hello": {
                    "protocol": PROTOCOL,
                    "version": __version__,
                    "store": str(self._engine.store.path),
                    "pid": os.getpid(),
                }
            }
        )
        stop = asyncio.create_task(self._stopping.wait())
        try:
            while not self._stopping.is_set():
                line = asyncio.create_task(_read_line(reader))
                await asyncio.wait({line, stop}, return_when=asyncio.FIRST_COMPLETED)
                if not line.done():
                    line.cancel()
                    break
                try:
                    data = line.result()
                except _TooLongError as error:
                    self._wire.send(_failure(error.id, "user", str(error), error.hint))
                    continue
                if not data:
                    break
                task = asyncio.create_task(self._answer(data))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            stop.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._engine.close()

    async def _answer(self, data: bytes) -> None:
        command_id: Any = None
        name: Any = None
        try:
            message = _parse(data)
            command_id, name = message.get("id"), message.get("cmd")
            if message.get("cmd") == "shutdown":
                self._wire.send({"id": command_id, "ok": {}})
                self._stopping.set()
                return
            answer = await self._commands.run(message)
        except UserError as error:
            self._wire.send(_failure(command_id, "user", error.message, error.hint))
        except Exception as error:  # the boundary of a command: our bug must not take the engine with it
            log.exception("The command %.40r failed", name)  # not its fields: one of them may be a key
            text = "".join(traceback.format_exception_only(error)).strip()
            self._wire.send(_failure(command_id, "bug", f"The program has a bug: {text}.", ""))
        else:
            self._wire.send({"id": command_id, "ok": answer})

    def _on_event(self, event: AnyEvent, rows: list[Row], state: RunState) -> None:
        if self._commands.subscribed(event.run):
            self._wire.send(news(event, rows))
        if state.seq == 1 or state.finish:
            self._wire.send({"notice": {"kind": "history"}})

    def _on_notice(self, notice: ModelNotice) -> None:
        self._wire.send({"notice": notice})


def _failure(command_id: object, kind: str, message: str, hint: str) -> dict[str, Any]:
    return {"id": command_id, "error": {"kind": kind, "message": message, "hint": hint}}


def _parse(data: bytes) -> dict[str, Any]:
    try:
        message = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise UsageError(f"That line is not JSON: {error}.") from error
    if not isinstance(message, dict) or not isinstance(message.get("cmd"), str):
        raise UsageError("A command is an object with `id` and `cmd`.")
    return message


class _TooLongError(Exception):
    """A command was longer than the limit; it was passed over.

    Args:
        beginning: Of its line, where its number stands.
    """

    hint = "Put long texts into files and open those."

    def __init__(self, beginning: bytes) -> None:
        super().__init__(f"The command is longer than the {LINE_LIMIT // 1024:,} KiB it may have.")
        found = re.match(rb'\{"id": ?(\d{1,18}),', beginning)
        self.id = int(found[1]) if found else None


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    """The next line; nothing at the end.

    Raises:
        _TooLongError: It is too long; the line after it comes next.
    """
    beginning = b""
    while True:
        try:
            line = await reader.readuntil()
        except asyncio.IncompleteReadError as end:
            line = end.partial
        except asyncio.LimitOverrunError as over:
            passed_over = await reader.readexactly(over.consumed)
            beginning = beginning or passed_over[:100]
            continue
        if beginning:
            raise _TooLongError(beginning)
        return line


async def serve_pipes(
    settings: Settings, down: BinaryIO, up: BinaryIO, engine: type[Engine] = Engine
) -> None:
    """Serve the front end at the other end of two pipes until it goes away."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), down)
    transport, _ = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, up)
    try:
        await Server(settings, Wire(transport), engine).serve(reader)
    finally:
        transport.close()


def main(settings: Settings) -> int:
    """Run the engine on this process's own standard input and output.

    Whatever else writes to standard output goes to standard error instead, so that the lines stay whole.
    """
    up = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("rlm_desktop").setLevel(logging.INFO)  # of libraries only what is wrong
    asyncio.run(serve_pipes(settings, sys.stdin.buffer, up))
    return 0
