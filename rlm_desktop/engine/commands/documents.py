"""Commands about documents: open them, page through their lines, tell which are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rlm_desktop.engine.commands.wire import ROOM, Command, Fields, Place, clipped, fitting, page, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.errors import UsageError, UserError

LISTED = 2_000
"""Documents and skipped files named in one answer."""
LINES_ROOM = 1_020_000
"""Bytes of the lines in one answer, which are nearly all of it: 200 of 5,000 characters in ASCII."""


class _Open(msgspec.Struct):
    paths: tuple[str, ...]


class _Lines(msgspec.Struct):
    path: str
    first: Place
    count: int
    encoding: str = "utf-8"


class _Missing(msgspec.Struct):
    paths: tuple[str, ...]


class DocumentCommands:
    """Carries out ``open``, ``lines`` and ``missing``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.by_name: dict[str, Command] = {
            "open": self._open,
            "lines": self._lines,
            "missing": self._missing,
        }

    async def _open(self, message: Fields) -> Fields:
        paths = tuple(map(Path, read(message, _Open).paths))
        corpus, figures = await self._engine.scan.open(paths)
        names = [Path(path).name or path for path in corpus.paths]
        return {
            "title": names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
            "kind": corpus.kind,
            "paths": fitting(corpus.paths, ROOM // 4),
            "files": len(corpus.documents),
            "characters": figures.characters,
            "lines": figures.lines,
            "tokens_estimate": figures.tokens_estimate,
            "documents": fitting(corpus.documents[:LISTED]),
            "skipped": fitting(corpus.skipped[:LISTED], ROOM // 4),
            "skipped_count": len(corpus.skipped),
        }

    async def _lines(self, message: Fields) -> Fields:
        asked = read(message, _Lines)
        _check_text_file(asked)
        found = await self._engine.scan.lines(
            asked.path, asked.encoding, max(1, asked.first), page(asked.count)
        )
        facts = {"total": found.total, "size": found.size, "mtime": found.mtime}
        return {"first": asked.first, "lines": _in_a_line(found.lines), **facts}

    @staticmethod
    async def _missing(message: Fields) -> Fields:
        paths = read(message, _Missing).paths
        # a share of the network that does not answer holds up a thread, and nobody else
        return {"paths": await asyncio.to_thread(lambda: [path for path in paths if not _is_there(path)])}


def _check_text_file(asked: _Lines) -> None:
    """A front end names any path; only a file can be paged, and only in an encoding there is."""
    try:
        "".encode(asked.encoding)  # `codecs.lookup` also knows what is no encoding of text
    except (LookupError, ValueError) as error:
        raise UsageError(f"There is no encoding {asked.encoding}.") from error
    if not _is_file(asked.path):
        raise UserError(f"{asked.path} is not a file (any more).", "Open it again.")


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # it may not be looked at, or is no name at all
        return False


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # too long a name, or no name at all
        return False


def _in_a_line(lines: Sequence[str]) -> Sequence[str]:
    """The lines, each with its share of an answer if they are too long for one together."""
    if len(fitting(lines, LINES_ROOM)) == len(lines):
        return lines
    return [clipped(line, LINES_ROOM // len(lines) - 1) for line in lines]
