"""Commands about documents: open them, page through their lines."""

from __future__ import annotations

import codecs
from pathlib import Path

import msgspec

from rlm_desktop.engine.commands.wire import Command, Fields, page, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.errors import UsageError, UserError

LISTED = 2_000
"""Documents and skipped files named in one answer."""


class _Open(msgspec.Struct):
    paths: tuple[str, ...]


class _Lines(msgspec.Struct):
    path: str
    first: int
    count: int
    encoding: str = "utf-8"


class DocumentCommands:
    """Carries out ``open`` and ``lines``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.by_name: dict[str, Command] = {"open": self._open, "lines": self._lines}

    async def _open(self, message: Fields) -> Fields:
        paths = tuple(map(Path, read(message, _Open).paths))
        corpus, figures = await self._engine.scan.open(paths)
        names = [Path(path).name or path for path in corpus.paths]
        return {
            "title": names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
            "kind": corpus.kind,
            "paths": corpus.paths,
            "files": len(corpus.documents),
            "characters": figures.characters,
            "lines": figures.lines,
            "tokens_estimate": figures.tokens_estimate,
            "documents": corpus.documents[:LISTED],
            "skipped": corpus.skipped[:LISTED],
            "skipped_count": len(corpus.skipped),
        }

    async def _lines(self, message: Fields) -> Fields:
        asked = read(message, _Lines)
        _check_text_file(asked)
        found = await self._engine.scan.lines(
            asked.path, asked.encoding, max(1, asked.first), page(asked.count)
        )
        return {"first": asked.first, "lines": found.lines, "total": found.total}


def _check_text_file(asked: _Lines) -> None:
    """A front end names any path; only a file can be paged, and only in an encoding there is."""
    try:
        codecs.lookup(asked.encoding)
    except (LookupError, ValueError) as error:
        raise UsageError(f"There is no encoding {asked.encoding}.") from error
    if "\0" in asked.path or not Path(asked.path).is_file():
        raise UserError(f"{asked.path} is not a file (any more).", "Open it again.")
