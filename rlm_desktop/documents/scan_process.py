"""The scan worker's side: answer requests until the pipe closes. Started by `ScanWorker`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from rlm_desktop.documents import scan_protocol as protocol
from rlm_desktop.documents.citations import locate
from rlm_desktop.documents.corpus import Corpus, scan_paths
from rlm_desktop.documents.figures import fingerprints, measure
from rlm_desktop.documents.grep import grep
from rlm_desktop.documents.library import Library
from rlm_desktop.documents.line_index import read_lines
from rlm_desktop.documents.places import length_of, lines_of
from rlm_desktop.documents.provenance import Tracer
from rlm_desktop.documents.search import find
from rlm_desktop.documents.text import read_text
from rlm_desktop.errors import UserError

NICENESS = 19
"""Lowest priority: beside a model's threads a busy process at nice 0 cuts decoding to a third."""
MOST_HELD, LARGE = 8, 64 * 2**20
"""Corpora that are kept, and bytes from which on one counts as large."""
_PR_SET_PDEATHSIG = 1


class _Shelf:
    """A corpus; its text is loaded when first searched, and the index for tracing built when first traced."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    @cached_property
    def library(self) -> Library:
        return Library(self.corpus)

    @cached_property
    def tracer(self) -> Tracer:
        return Tracer(self.library)

    @property
    def large(self) -> bool:
        return sum(document.size for document in self.corpus.documents) > LARGE


class Scanner:
    """Answers requests about the corpus it holds, and keeps those it held before: a run and its children take turns.

    Of large ones only the one used last is kept.
    """

    def __init__(self) -> None:
        self._shelves: list[_Shelf] = []

    def answer(self, request: protocol.AnyRequest) -> Any:
        """The result of one request.

        Raises:
            UserError: The documents cannot be read.
        """
        match request:
            case protocol.Open(paths):
                corpus = scan_paths([Path(path) for path in paths])
                figures = measure(corpus)
                self._hold(corpus)
                return corpus, figures
            case protocol.Hold(corpus):
                self._hold(corpus)
                return None
            case protocol.Fingerprint():
                return fingerprints(self._held())
            case protocol.Find(query, k, size):
                return find(self._loaded(), query, k, size)
            case protocol.Grep(pattern, k):
                return grep(self._loaded(), pattern, k)
            case protocol.Locate(quotes, hints):
                return [locate(self._loaded(), quote, hints) for quote in quotes]
            case protocol.Trace((text,), _, _, whole=True):
                return self._shelves[0].tracer.whole(text)
            case protocol.Trace(texts, own, near):
                return self._shelves[0].tracer.trace(texts, own=own, near=near)
            case protocol.Stand(texts, places):
                return list(map(self._loaded().stands, texts, places))
            case protocol.ReadLines(path, encoding, first, count):
                return read_lines(path, encoding, first, count)
            case protocol.ReadText(document):
                return read_text(document)
            case protocol.LinesOf(sources, spans):
                return list(map(lines_of, sources, spans))
            case protocol.Lengths(sources):
                return list(map(length_of, sources))

    def _hold(self, corpus: Corpus) -> None:
        held = next((shelf for shelf in self._shelves if shelf.corpus == corpus), None) or _Shelf(corpus)
        others = [shelf for shelf in self._shelves if shelf is not held and not (held.large and shelf.large)]
        self._shelves = [held, *others[: MOST_HELD - 1]]

    def _held(self) -> Corpus:
        return self._shelves[0].corpus  # ScanWorker sends it first

    def _loaded(self) -> Library:
        return self._shelves[0].library


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer every request until the source ends."""
    scanner = Scanner()
    while header := source.read(protocol.HEADER.size):
        request = protocol.requests.decode(source.read(*protocol.HEADER.unpack(header)))
        sink.write(protocol.frame(_reply(scanner, request)))
        sink.flush()


def _reply(scanner: Scanner, request: protocol.AnyRequest) -> protocol.Answer | protocol.Failure:
    try:
        return protocol.answer(scanner.answer(request))
    except UserError as error:
        return protocol.Failure("user", error.message, error.hint)
    except MemoryError:
        return protocol.Failure("user", "The documents do not fit into memory.", "Open a part of them.")
    except Exception:  # the border of a process: what fails here is reported over there
        return protocol.Failure("bug", traceback.format_exc())


def _die_with_parent(parent: int) -> None:
    """A search in progress does not read its pipe; the kernel ends it when its parent goes (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


def main() -> None:
    """Entry point of the process; its argument is its parent's process id."""
    _die_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.nice(NICENESS)
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not garble the protocol
    with sink:
        serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
