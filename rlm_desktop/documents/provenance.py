"""Which characters of which documents a text is made of: what a cell printed, or put into a prompt.

Nobody tells: a cell slices, splits, searches with `re`, joins and formats plain strings, and has to pay nothing for
being traced. So the text is compared with the corpus afterwards, here in the scan process, in three steps. Pieces long
enough are found by `Anchors`. What they leave is scanned for, all of it in one pass, as long as the corpus is small
enough for that to take no time. What is still left (a name of four letters) is looked for only near pieces that were
found. Of all ways to put the text together from pieces of the corpus the one with the fewest is chosen; a piece that
stands in several places belongs to the one nearest to its neighbours', and is marked as ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rlm_desktop.documents.anchors import GRAM, MOST_PLACES, NEVER, Anchors, Matches
from rlm_desktop.documents.cover import NEAR, Piece, cover
from rlm_desktop.documents.library import Library
from rlm_desktop.documents.readings import SEPARATOR, Readings
from rlm_desktop.events import Range

SHORTEST = 4
"""Bytes of a word that is looked for there."""
LONGEST_WORD = 80
"""Bytes beyond a short piece in which the word it is a part of ends."""
MOST_SCANNED, MOST_NEARBY = 2_048, 512
"""Words of one request that are scanned for, and looked for nearby."""
GAP = 8
"""Most bytes of white space that a cell may have changed between two pieces which are then one."""
_STARTS = re.compile(rb"(?<![\w\x80-\xff])[\w\x80-\xff]")
_TOKENS = re.compile(rb"[^\s\xff]+(?: [^\s\xff]+)*")
_WORDS = re.compile(rb"[A-Za-z\x80-\xff][\w\x80-\xff'-]{3,}|\d[\w.:/-]{4,}\w")


class Tracer:
    """Traces texts to one corpus; its index is built when the first is.

    Args:
        library: The corpus.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._anchors: Anchors | None = None

    def trace(
        self, texts: Sequence[str], *, own: str = "", near: Sequence[Range] = ()
    ) -> list[tuple[Range, ...]]:
        """The ranges that each text is made of, in the order of the documents.

        Args:
            texts: Less than 2 MiB of them.
            own: What is known to be somebody's own words (the code, the question): short pieces that stand in it are
                not taken for the documents'.
            near: Where ambiguous text is likely to come from.
        """
        if self._anchors is None:
            self._anchors = Anchors(self._library.view)
        readings = Readings(texts)
        pieces = _Trace(
            self._library, self._anchors, readings, own.encode("utf-8", "surrogatepass"), near
        ).pieces()
        found: list[list[Piece]] = [[] for _ in texts]
        text = 0
        for piece in pieces:
            while piece.start >= readings.bounds[text][1]:
                text += 1
            found[text].append(piece)
        return [self._ranges(readings.data, some) for some in found]

    def whole(self, text: str) -> tuple[Range, ...]:
        """Where a text stands as it is, from its first to its last character; empty if nowhere.

        For texts of any length: this takes no longer than reading the corpus once.
        """
        data = text.encode("utf-8", "surrogatepass")
        start = self._library.data.find(data) if data else -1
        if start < 0:
            return ()
        again = self._library.data.find(data, start + 1) >= 0
        places = self._library.characters(start, start + len(data))
        return tuple(Range(document, first, end, again) for document, first, end in places)

    def _ranges(self, data: bytes, pieces: Sequence[Piece]) -> tuple[Range, ...]:
        """The pieces of one text as characters, those that follow each other in text and corpus joined."""
        spans: list[tuple[int, int, bool]] = []
        last: Piece | None = None
        for piece in pieces:
            if last and self._goes_on(data, last, piece):
                start, _, ambiguous = spans.pop()
                spans.append((start, piece.place + piece.length, ambiguous and piece.ambiguous))
            else:
                spans.append((piece.place, piece.place + piece.length, piece.ambiguous))
            last = piece
        spans.sort()
        return tuple(
            Range(document, first, end, ambiguous)
            for start, stop, ambiguous in spans
            for document, first, end in self._library.characters(start, stop)
        )

    def _goes_on(self, data: bytes, last: Piece, piece: Piece) -> bool:
        end = last.place + last.length
        if not (0 <= piece.place - end <= GAP and piece.start - last.end <= GAP):
            return False
        between, meant = data[last.end : piece.start], self._library.data[end : piece.place]
        return not meant.strip() and not between.replace(b"\\n", b"").strip()


class _Trace:
    """One request."""

    def __init__(
        self, library: Library, anchors: Anchors, readings: Readings, own: bytes, near: Sequence[Range]
    ) -> None:
        self._library = library
        self._anchors = anchors
        self._readings = readings
        self._lookup = anchors.look_up(readings.data)
        self._origins = np.append(readings.places, len(readings.data))
        self._own = own
        self._near = sorted(
            (library.byte_at(one.document, one.start), library.byte_at(one.document, one.end))
            for one in near
            if 0 <= one.document < len(library.documents)
        )

    def pieces(self) -> list[Piece]:
        """What the texts are made of, in their order."""
        lookup = self._lookup
        matches = lookup.matches(1, 1)
        pieces = self._chosen(matches)
        if (open_ := self._open(pieces)).any():
            matches += lookup.matches(2, MOST_PLACES, open_)
            pieces = self._chosen(matches)
        if any(end - start >= GRAM for start, end in self._left(pieces)):
            matches += lookup.matches(MOST_PLACES + 1, NEVER, self._open(pieces))
            pieces = self._chosen(matches)
        if offsets := self._worth_scanning(pieces):
            scanned = self._anchors.scan(self._readings.data, np.array(offsets, np.int64))
            if len(scanned.starts):
                pieces = self._chosen(matches + scanned)
        return sorted([*pieces, *self._nearby(pieces)], key=lambda piece: piece.start)

    def _open(self, pieces: Sequence[Piece]) -> NDArray[np.bool_]:
        """The offsets of all readings that lie in no piece which stands in one place only, as far as is known."""
        settled = np.zeros(len(self._readings.data) + 1, np.int64)
        for piece in pieces:
            if not piece.ambiguous:
                settled[piece.start] += 1
                settled[max(piece.start, piece.end - GRAM)] -= 1
        return np.asarray(np.cumsum(settled)[self._origins] == 0)

    def _chosen(self, matches: Matches) -> list[Piece]:
        pieces = cover(self._readings, matches, self._lookup.most, self._near, self._library.data)
        return [piece for piece in pieces if not self._is_own(piece)]

    def _is_own(self, piece: Piece) -> bool:
        text = self._readings.data[piece.start : piece.end].strip()
        return len(text) < 400 and text in self._own

    def _left(self, pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
        """What the pieces leave of each text."""
        index = 0
        for start, end in self._readings.bounds:
            at = start
            while index < len(pieces) and pieces[index].start < end:
                if pieces[index].start > at:
                    yield at, pieces[index].start
                at = max(at, pieces[index].end)
                index += 1
            if at < end:
                yield at, end

    def _worth_scanning(self, pieces: Sequence[Piece]) -> list[int]:
        """Where to look in what is left, and in pieces so short that they may stand where no anchor is."""
        data, offsets, size = self._readings.data, set[int](), self._anchors.shortest
        short = [
            (self._word_start(one.start), self._word_end(one.end))
            for one in pieces
            if one.end - one.start < self._anchors.reach
        ]
        for start, end in (*self._left(pieces), *short):
            for token in _TOKENS.finditer(data, start, end):
                first, last = token.span()
                starts = [match.start() for match in _STARTS.finditer(data, first, last)]
                for at in (*starts, last - size):
                    if first <= at <= last - size and data[at : at + size] not in self._own:
                        offsets.add(at)
            if len(offsets) >= MOST_SCANNED:
                break
        return sorted(offsets)

    def _word_start(self, at: int) -> int:
        data, first = self._readings.data, max(0, at - LONGEST_WORD)
        starts = (data.rfind(sign, first, at) for sign in (b" ", b"\n", SEPARATOR))
        return max((start + 1 for start in starts if start >= 0), default=first)

    def _word_end(self, at: int) -> int:
        data = self._readings.data
        ends = (data.find(sign, at, at + LONGEST_WORD) for sign in (b" ", b"\n", SEPARATOR))
        return min((end for end in ends if end >= 0), default=at)

    def _nearby(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Words that stand beside a piece in the text and near it in the corpus."""
        found: list[Piece] = []
        index = tried = 0
        data = self._readings.data
        for start, end in self._left(pieces):
            while index < len(pieces) and pieces[index].start < end:
                index += 1
            around = [
                piece for piece in pieces[max(0, index - 1) : index + 1] if self._same_text(piece, start)
            ]
            for word in _WORDS.finditer(data, start, end) if around else ():
                if word.group() in self._own:
                    continue
                tried += 1
                place = next(filter(None, (self._place_near(word.group(), piece) for piece in around)), None)
                if place is not None:
                    found.append(Piece(word.start(), word.end(), place, len(word.group()), ambiguous=True))
            if tried > MOST_NEARBY:
                break
        return found

    def _same_text(self, piece: Piece, at: int) -> bool:
        return self._readings.data.find(b"\xff", min(piece.start, at), max(piece.start, at)) < 0

    def _place_near(self, word: bytes, piece: Piece) -> int | None:
        whole = re.compile(rb"(?<![\w\x80-\xff])" + re.escape(word) + rb"(?![\w\x80-\xff])")
        places = [
            match.start()
            for match in whole.finditer(
                self._library.view, max(0, piece.place - NEAR), piece.place + piece.length + NEAR
            )
        ]
        return min(places, key=lambda place: abs(place - piece.place), default=None)
