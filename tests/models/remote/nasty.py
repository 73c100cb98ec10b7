"""A loopback HTTP server that speaks the interface of OpenAI, as well or as badly as a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 20.0


@dataclass
class Asked:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


Behaviour = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Nasty:
    """The server. Use as an async context manager.

    Attributes:
        behaviours: What it does with each completion that is asked for, in order; the last one repeats.
        listing: What it does when asked for its models.
        completions: The requests for completions so far.
        others: All other requests.
        left: Set when a client has gone before its answer was over.
    """

    behaviours: list[Behaviour] = field(default_factory=list)
    listing: Behaviour = field(default_factory=lambda: models("tiny"))
    completions: list[Asked] = field(default_factory=list)
    others: list[Asked] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Nasty:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _read(reader, writer)
        if asked.path.endswith("/chat/completions"):
            self.completions.append(asked)
            behaviour = self.behaviours[min(len(self.completions), len(self.behaviours)) - 1]
        else:
            self.others.append(asked)
            behaviour = self.listing
        answering = asyncio.ensure_future(behaviour(asked, writer))
        leaving = asyncio.ensure_future(reader.read())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            failure = answering.exception() if answering.done() else ConnectionError()
            if isinstance(failure, ConnectionError):
                self.left.set()
            elif failure:
                raise failure
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked:
    first = await reader.readexactly(1)
    if first == b"\x16":  # the beginning of a TLS handshake
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        raise ConnectionError
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    start, *lines = head.split("\r\n")
    method, path, _ = start.split(" ")
    headers = {}
    for line in filter(None, lines):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, json.loads(body) if body else {})


def raw(*pieces: bytes, then_wait: bool = False) -> Behaviour:
    """Send these bytes, and close or wait for the client to go."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then_wait:
            await asyncio.sleep(PATIENCE)

    return behave


def answer(status: int, body: Any, kind: str = "application/json", **headers: str) -> Behaviour:
    """A whole response; ``KEY`` in a body stands for the key of the request."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        text = (body if isinstance(body, str) else json.dumps(body)).replace("KEY", asked.key)
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        data = text.encode()
        writer.write(
            f"HTTP/1.1 {status} Whatever\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\n"
            f"connection: close\r\n{more.replace('KEY', asked.key)}\r\n".encode()
            + data
        )
        await writer.drain()

    return behave


def error(status: int, message: str, code: str = "", **headers: str) -> Behaviour:
    """An error in OpenAI's form."""
    return answer(status, {"error": {"message": message, "code": code or None}}, **headers)


def models(*names: str, **more: Any) -> Behaviour:
    return answer(200, {"object": "list", "data": [{"id": name, **more} for name in names]})


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


def piece(text: str = "", finish: str | None = None, **more: Any) -> dict[str, Any]:
    """One object of a stream."""
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish, **more}]}


def stream(
    *objects: Any, usage: Any = None, done: bool = True, hang: bool = False, **headers: str
) -> Behaviour:
    """A stream of objects (or of texts, sent as they are); ``KEY`` stands for the key of the request."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        writer.write(HEAD[:-2] + more.replace("KEY", asked.key).encode() + b"\r\n")
        every = [*objects, {"choices": [], "usage": usage}] if usage is not None else objects
        for item in every:
            text = item if isinstance(item, str) else f"data: {json.dumps(item)}\n\n"
            writer.write(text.replace("KEY", asked.key).encode())
            await writer.drain()
        if hang:
            await asyncio.sleep(PATIENCE)
        if done:
            writer.write(b"data: [DONE]\n\n")
            await writer.drain()

    return behave


def says(text: str, finish: str = "stop", **more: Any) -> Behaviour:
    """A well-behaved reply in two pieces, with its usage."""
    half = len(text) // 2
    usage = {"prompt_tokens": 10, "completion_tokens": 5}
    return stream(piece(text[:half]), piece(text[half:], finish), usage=usage, **more)
