"""A document as a REPL is given it."""

from __future__ import annotations

from rlm_desktop.documents.corpus import Document
from rlm_desktop.repl.context import ContextFile


def context_file(document: Document) -> ContextFile:
    """What the REPL opens, and how it is to be read."""
    return ContextFile(document.path, document.name, document.encoding, document.size, document.mtime)
