"""What the engine says of documents, as types."""

from __future__ import annotations

import msgspec


class Document(msgspec.Struct, frozen=True):
    """One file of an opened source; ``size`` in bytes."""

    index: int
    name: str
    path: str
    size: int
    encoding: str


class Skipped(msgspec.Struct, frozen=True):
    """A file that was left out, and why."""

    path: str
    reason: str


class Opened(msgspec.Struct, frozen=True):
    """Files or folders opened together: what one question is asked about."""

    title: str
    kind: str
    paths: tuple[str, ...]
    files: int
    characters: int
    lines: int
    tokens_estimate: int
    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    skipped_count: int = 0

    def extends(self, paths: tuple[str, ...]) -> bool:
        """Whether it is these paths, and perhaps others that came to them."""
        return bool(paths) and self.paths[: len(paths)] == paths


class Missing(msgspec.Struct, frozen=True):
    """Those of some paths that are not there (any more)."""

    paths: tuple[str, ...]


class LinesPage(msgspec.Struct, frozen=True):
    """Consecutive lines of a document from line ``first`` (counted from 1) of ``total``.

    Attributes:
        size: Of its file, in bytes.
        mtime: When that was last written to, in ns since 1970.
    """

    first: int
    lines: tuple[str, ...]
    total: int
    size: int
    mtime: int
