"""The text of a whole corpus in one piece of memory, as the searches read it.

One copy, UTF-8, document after document: a byte a character for most texts, where a `str` takes two for
a single curly quote. Lower case is made block by block while searching (over 1 GiB/s), so that no second
copy is held. Byte offsets become character offsets only for what is returned.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from rlm_desktop.documents.corpus import Corpus, Document
from rlm_desktop.documents.text import text_chunks
from rlm_desktop.events import Range

BLOCK = 8 * 1024 * 1024
_STEP = 64 * 1024
_SEPARATOR = b"\n"


class Passage(msgspec.Struct, frozen=True):
    """A piece of a document.

    Attributes:
        document: Index of the document in its corpus.
        name: The document's short path.
        start: First character; ``text`` is the document's text ``[start:end]``.
        end: Character after the last.
        start_line: Line of the first character, from 1.
        end_line: Line of the last character.
        score: Higher is better; comparable only within one search.
    """

    document: int
    name: str
    start: int
    end: int
    start_line: int
    end_line: int
    text: str
    score: float = 0.0


class _Marks(msgspec.Struct, frozen=True):
    """Characters and newlines before every 64 KiB of one document."""

    characters: NDArray[np.int64]
    newlines: NDArray[np.int64]


class Library:
    """A corpus in memory.

    Attributes:
        documents: The documents, in the order of the corpus.
        starts: Byte at which each document begins.
        ends: Byte after the last of each document.

    Raises:
        UserError: A file has gone since it was opened.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.documents: tuple[Document, ...] = corpus.documents
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._marks: dict[int, _Marks] = {}
        data = bytearray()
        for document in self.documents:
            self.starts.append(len(data))
            for chunk in text_chunks(document):
                data += chunk.encode("utf-8", "surrogatepass")
            self.ends.append(len(data))
            data += _SEPARATOR
        self.data = data
        self.view = memoryview(data).toreadonly()

    def blocks(self) -> Iterator[tuple[int, bytes, memoryview]]:
        """The text in blocks cut at newlines: offset, lower case (ASCII only), as it is."""
        start = 0
        while start < len(self.data):
            end = len(self.data)
            if start + BLOCK < end:
                end = self.data.rfind(b"\n", start, start + BLOCK) + 1 or start + BLOCK
                end = max(end, start + BLOCK // 2)
            piece = self.view[start:end]
            yield start, bytes(piece).lower(), piece
            start = end

    def document_at(self, byte: int) -> int:
        """Index of the document this byte belongs to."""
        return bisect_right(self.starts, byte) - 1

    def slice(self, start: int, end: int) -> str:
        """The text of these bytes, which begin and end at a character."""
        return str(self.view[start:end], "utf-8", "surrogatepass")

    def passage(self, start: int, end: int, score: float = 0.0) -> Passage:
        """The passage of these bytes, all of one document."""
        while start < end and self.data[start] & 0xC0 == 0x80:
            start += 1
        while end < len(self.data) and self.data[end] & 0xC0 == 0x80:
            end += 1
        index = self.document_at(start)
        text = self.slice(start, end)
        character, newlines = self._count(index, start)
        first = newlines + 1
        last = first + text.count("\n", 0, max(0, len(text) - 1))
        name = self.documents[index].name
        return Passage(index, name, character, character + len(text), first, last, text, score)

    def characters(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """What these bytes hold of each document: its index, first character, character after the last.

        Parts of a character at either end are left out, and so is what stands between documents.
        """
        while start < end:
            index = self.document_at(start)
            stop = min(end, self.ends[index])
            first = start
            while first < stop and self.data[first] & 0xC0 == 0x80:
                first += 1
            last = stop
            while last > first and last < self.ends[index] and self.data[last] & 0xC0 == 0x80:
                last -= 1
            if first < last:
                character, _ = self._count(index, first)
                piece = np.frombuffer(self.view[first:last], np.uint8)
                yield index, character, character + int(np.count_nonzero((piece & 0xC0) != 0x80))
            start = self.starts[index + 1] if index + 1 < len(self.starts) else end

    def byte_at(self, document: int, character: int) -> int:
        """The byte at which a character of a document begins; the document's end if it has fewer."""
        marks = self._marks_of(document)
        step = int(np.searchsorted(marks.characters, character, "right")) - 1
        start = self.starts[document] + step * _STEP
        end = min(start + _STEP + 4, self.ends[document])
        leads = np.flatnonzero((np.frombuffer(self.view[start:end], np.uint8) & 0xC0) != 0x80)
        wanted = max(0, character - int(marks.characters[step]))
        return start + int(leads[wanted]) if wanted < len(leads) else self.ends[document]

    def stands(self, text: str, place: Range) -> bool:
        """Whether a text, and nothing else, is at a place of the documents."""
        if len(text) != place.end - place.start or not 0 <= place.document < len(self.documents):
            return False
        data = text.encode("utf-8", "surrogatepass")
        start = self.byte_at(place.document, place.start)
        end = start + len(data)
        return end <= self.ends[place.document] and self.view[start:end] == data

    def _count(self, document: int, byte: int) -> tuple[int, int]:
        """Characters and newlines of a document before a byte."""
        marks = self._marks_of(document)
        step = (byte - self.starts[document]) // _STEP
        rest = np.frombuffer(self.view[self.starts[document] + step * _STEP : byte], np.uint8)
        characters = int(marks.characters[step]) + int(np.count_nonzero((rest & 0xC0) != 0x80))
        return characters, int(marks.newlines[step]) + int(np.count_nonzero(rest == 10))

    def _marks_of(self, document: int) -> _Marks:
        marks = self._marks.get(document)
        if marks is None:
            characters, newlines = [0], [0]
            for start in range(self.starts[document], self.ends[document], _STEP):
                piece = np.frombuffer(self.view[start : min(start + _STEP, self.ends[document])], np.uint8)
                characters.append(characters[-1] + int(np.count_nonzero((piece & 0xC0) != 0x80)))
                newlines.append(newlines[-1] + int(np.count_nonzero(piece == 10)))
            marks = self._marks[document] = _Marks(np.array(characters), np.array(newlines))
        return marks
