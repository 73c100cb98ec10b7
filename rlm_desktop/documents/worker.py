"""The scan worker seen from the engine: everything about documents that takes more than a moment."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from rlm_desktop.documents import scan_protocol as protocol
from rlm_desktop.documents.citations import Location
from rlm_desktop.documents.corpus import Corpus, Document, named_paths
from rlm_desktop.documents.figures import Figures
from rlm_desktop.documents.grep import Matches
from rlm_desktop.documents.library import Passage
from rlm_desktop.documents.line_index import Lines
from rlm_desktop.errors import BugError, UserError
from rlm_desktop.events import Range, Source, sendable
from rlm_desktop.processes import child_environment, kill, own_command

T = TypeVar("T")

GREP_SECONDS = 20.0
"""A pattern still running after this long is taken for one that never ends."""
TRACED_TOGETHER, TRACED_AT_MOST = 64 * 1024, 4 * 1024 * 1024
"""Characters that are traced at a time (some 0.1 s), and of one text."""
COUNTED_TOGETHER = 32 * 1024 * 1024
"""Bytes of documents whose characters are counted at a time (some 0.05 s)."""
EXTENTS = 100
"""Sets of paths whose extent is remembered."""


class Extent(msgspec.Struct, frozen=True):
    """How much documents are: bytes, and tokens by estimate."""

    size: int
    tokens: int


class ScanWorker:
    """One process at the lowest priority that scans, searches and pages documents.

    Calls queue. Cancelling a call kills the process, which is the only way to stop a search or a regular
    expression; the next call starts another. The process holds the text of the last corpus it was asked
    about, and ends with its parent.

    Every method raises `UserError` where the documents cannot be read.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._held: Corpus | None = None
        self._extents: dict[tuple[str, ...], Extent] = {}
        self._closed = False

    async def open(self, paths: Sequence[Path]) -> tuple[Corpus, Figures]:
        """Find the documents at these paths and measure them."""
        request = protocol.Open(tuple(map(str, named_paths(paths))))
        async with self._turn:
            corpus, figures = await self._exchange(request, tuple[Corpus, Figures])
            self._held = corpus
        self._extents.pop(corpus.paths, None)
        self._extents[corpus.paths] = Extent(
            sum(one.size for one in corpus.documents), figures.tokens_estimate
        )
        while len(self._extents) > EXTENTS:
            del self._extents[next(iter(self._extents))]
        return corpus, figures

    async def extent(self, paths: Sequence[Path]) -> Extent:
        """How large the documents at these paths were when they were opened last; they are opened if they never were."""
        key = tuple(map(str, named_paths(paths)))
        if key not in self._extents:
            await self.open(paths)
        return self._extents[key]

    async def fingerprints(self, corpus: Corpus) -> tuple[Source, ...]:
        """Size, time and SHA-256 of every file as it is now."""
        return await self._ask(protocol.Fingerprint(), tuple[Source, ...], corpus)

    async def find(self, corpus: Corpus, query: str, k: int = 8, size: int = 1000) -> list[Passage]:
        """The passages that best answer a query; see `search.find`."""
        return await self._ask(protocol.Find(query, k, size), list[Passage], corpus)

    async def grep(self, corpus: Corpus, pattern: str, k: int = 50) -> Matches:
        """The lines that match a pattern; see `grep.grep`.

        Raises:
            UserError: Also when the pattern takes longer than `GREP_SECONDS`.
        """
        try:
            return await self._ask(protocol.Grep(pattern, k), Matches, corpus, seconds=GREP_SECONDS)
        except TimeoutError:
            raise UserError(
                f"The pattern {pattern!r} was stopped after {GREP_SECONDS:.0f} seconds.",
                "Use a simpler pattern, without a repetition inside a repetition.",
            ) from None

    async def locate(
        self, corpus: Corpus, quotes: Sequence[str], hints: Sequence[Range] = ()
    ) -> list[Location | None]:
        """Where each quote stands; see `citations.locate`."""
        request = protocol.Locate(tuple(quotes), tuple(hints))
        return await self._ask(request, list[Location | None], corpus)

    async def trace(
        self, corpus: Corpus, texts: Sequence[str], *, own: str = "", near: Sequence[Range] = ()
    ) -> list[tuple[Range, ...]]:
        """What of the documents each text is made of; see `provenance.Tracer`.

        Texts go in slices of `TRACED_TOGETHER` characters, so that a search never waits for more than one of them; a
        text longer than `TRACED_AT_MOST` is traced only if it is one piece of the documents. Without texts, everything
        is made ready for those to come.
        """
        own, texts = sendable(own), [sendable(text) for text in texts]
        if not texts:
            await self._trace(corpus, (), own, near)
        found: list[tuple[Range, ...]] = [()] * len(texts)
        for slice_ in _slices(
            [(index, text) for index, text in enumerate(texts) if len(text) <= TRACED_TOGETHER]
        ):
            indices, some = zip(*slice_, strict=True)
            for index, ranges in zip(indices, await self._trace(corpus, some, own, near), strict=True):
                found[index] = ranges
        for index, text in enumerate(texts):
            if len(text) > TRACED_TOGETHER:
                found[index] = await self._trace_long(corpus, text, own, near)
        return found

    async def stand(self, corpus: Corpus, texts: Sequence[str], places: Sequence[Range]) -> list[bool]:
        """Whether each text is what the documents have at its place; 0.2 ms for one of 4,000 characters."""
        stand: list[bool] = []
        for slice_ in _slices(enumerate(map(sendable, texts))):
            indices, some = zip(*slice_, strict=True)
            request = protocol.Stand(some, tuple(places[index] for index in indices))
            stand += await self._ask(request, list[bool], corpus)
        return stand

    async def _trace_long(
        self, corpus: Corpus, text: str, own: str, near: Sequence[Range]
    ) -> tuple[Range, ...]:
        whole = protocol.Trace((text,), "", (), whole=True)
        if found := await self._ask(whole, tuple[Range, ...], corpus):
            return found
        ranges: list[Range] = []
        for piece in _pieces(text) if len(text) <= TRACED_AT_MOST else ():
            for some in await self._trace(corpus, (piece,), own, near):
                ranges += some
        return tuple(ranges)

    async def _trace(
        self, corpus: Corpus, texts: tuple[str, ...], own: str, near: Sequence[Range]
    ) -> list[tuple[Range, ...]]:
        request = protocol.Trace(texts, own, tuple(near), whole=False)
        return await self._ask(request, list[tuple[Range, ...]], corpus)

    async def lines(self, path: str, encoding: str, first: int, count: int) -> Lines:
        """A page of a file's lines; see `line_index.read_lines`."""
        return await self._ask(protocol.ReadLines(path, encoding, first, count), Lines)

    async def read(self, document: Document) -> str:
        """The whole text of a document."""
        return await self._ask(protocol.ReadText(document), str)

    async def lines_of(
        self, sources: Sequence[Source], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> list[tuple[tuple[int, int], ...] | None]:
        """The lines that spans of characters of each source are on; see `places.lines_of`."""
        request = protocol.LinesOf(tuple(sources), tuple(map(tuple, spans)))
        return await self._ask(request, list[tuple[tuple[int, int], ...] | None])

    async def lengths(self, sources: Sequence[Source]) -> list[int | None]:
        """Characters of each source, ``None`` for one that is not what it was.

        A few at a time, so that a search of a run that goes on never waits for all of them.
        """
        lengths: list[int | None] = []
        for some in _together(sources):
            lengths += await self._ask(protocol.Lengths(some), list[int | None])
        return lengths

    async def close(self) -> None:
        """End the process; a call in progress fails, and so does every later one."""
        self._closed = True
        if self._process is not None:
            kill(self._process)
        async with self._turn:  # the call in progress notices and reaps the process itself
            await self._kill()

    async def _ask(
        self,
        request: protocol.Request,
        type_: type[T],
        corpus: Corpus | None = None,
        *,
        seconds: float | None = None,
    ) -> T:
        async with self._turn, asyncio.timeout(seconds):
            if corpus is not None and (self._process is None or corpus != self._held):
                await self._exchange(protocol.Hold(corpus), type(None))
                self._held = corpus
            return await self._exchange(request, type_)

    async def _exchange(self, request: protocol.Request, type_: type[T]) -> T:
        try:
            body = await self._round_trip(protocol.frame(request))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            await self._kill()
            raise UserError(
                "The search process ended unexpectedly; perhaps memory ran out.",
                "Try again, or open fewer documents at once.",
            ) from error
        except BaseException:  # cancelled, most likely: whatever it was doing is of no use any more
            await self._kill()
            raise
        reply = protocol.replies.decode(body)
        if isinstance(reply, protocol.Answer):
            return msgspec.msgpack.decode(reply.result, type=type_)
        if reply.kind == "user":
            raise UserError(reply.message, reply.hint)
        raise BugError(f"The scan worker failed:\n{reply.message}")

    async def _round_trip(self, message: bytes) -> bytes:
        process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(message)
        await process.stdin.drain()
        (length,) = protocol.HEADER.unpack(await process.stdout.readexactly(protocol.HEADER.size))
        return await process.stdout.readexactly(length)

    async def _start(self) -> Process:
        """Start the process."""
        if self._closed:
            raise BugError("A closed scan worker was asked for something.")
        command = own_command("rlm_desktop.documents.scan_process", str(os.getpid()))
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, env=child_environment()
        )
        self._held = None
        return self._process

    async def _kill(self) -> None:
        process, self._process, self._held = self._process, None, None
        if process is None:
            return
        kill(process)
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.shield(_reap(process))


def _slices(texts: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """The texts with their numbers, together as many as make no more than one slice."""
    some: list[tuple[int, str]] = []
    room = TRACED_TOGETHER
    for numbered in texts:
        room -= len(numbered[1])
        if some and room < 0:
            yield some
            some, room = [], TRACED_TOGETHER - len(numbered[1])
        some.append(numbered)
    if some:
        yield some


def _together(sources: Sequence[Source]) -> Iterator[tuple[Source, ...]]:
    """The sources in groups of at most `COUNTED_TOGETHER` bytes, larger ones alone."""
    some: list[Source] = []
    room = COUNTED_TOGETHER
    for source in sources:
        room -= source.size
        if some and room < 0:
            yield tuple(some)
            some, room = [], COUNTED_TOGETHER - source.size
        some.append(source)
    if some:
        yield tuple(some)


def _pieces(text: str) -> Iterator[str]:
    """A long text in slices, cut at line breaks where there are any."""
    start = 0
    while start < len(text):
        end = start + TRACED_TOGETHER
        if end < len(text):
            end = text.rfind("\n", start + TRACED_TOGETHER // 2, end) + 1 or end
        yield text[start:end]
        start = end


async def _reap(process: Process) -> None:
    """Wait for the end and read what is left, so that the pipes are closed and nothing leaks."""
    assert process.stdout is not None
    while await process.stdout.read(1 << 20):
        pass
    await process.wait()
