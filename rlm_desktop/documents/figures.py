"""How large a corpus is, and which bytes it was made of."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from rlm_desktop.documents.corpus import Corpus, Document
from rlm_desktop.documents.text import text_chunks, unreadable
from rlm_desktop.events import Source

CHARACTERS_PER_TOKEN = 4
"""OpenAI's rule of thumb for English (help.openai.com, "What are tokens and how to count them?").
Code and other languages take more tokens; only the model's own tokenizer knows."""


class Figures(msgspec.Struct, frozen=True):
    """Sizes of a corpus. A last line without a newline counts; tokens are an estimate."""

    files: int
    characters: int
    lines: int
    tokens_estimate: int


def measure(corpus: Corpus) -> Figures:
    """Count characters and lines, 4 MiB at a time.

    Raises:
        UserError: A file has gone since it was opened.
    """
    characters = lines = 0
    for document in corpus.documents:
        some_characters, some_lines = _measure(document)
        characters += some_characters
        lines += some_lines
    tokens = -(-characters // CHARACTERS_PER_TOKEN)
    return Figures(len(corpus.documents), characters, lines, tokens)


def _measure(document: Document) -> tuple[int, int]:
    characters = lines = 0
    last = "\n"
    for chunk in text_chunks(document):
        characters += len(chunk)
        lines += chunk.count("\n")
        last = chunk[-1:] or last
    return characters, lines + (last != "\n")


def fingerprints(corpus: Corpus) -> tuple[Source, ...]:
    """Size, time and SHA-256 of every file as it is now.

    Raises:
        UserError: A file has gone since it was opened.
    """
    return tuple(_fingerprint(document.path) for document in corpus.documents)


def _fingerprint(path: str) -> Source:
    try:
        with Path(path).open("rb") as file:
            status = Path(path).stat()
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error
    return Source(path, status.st_size, status.st_mtime_ns, digest)
