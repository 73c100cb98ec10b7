"""Where pieces of other texts stand in a corpus: a sparse index of its bytes, and a scan for what is too short for it.

Sixteen bytes of the corpus are remembered every few bytes, at most four million times, whatever its size. A text is
looked up at every offset, so every piece of at least `Anchors.reach` bytes that it shares with the corpus meets one of
them; the piece is then extended to both sides by comparing bytes. This is how `rsync` and diff tools for huge files
find what moved, with the roles of the rolling side and the sampled side as there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRAM = 16
"""Bytes of an anchor: in text, sixteen that agree are hardly ever a coincidence."""
WORD = 6
"""Bytes a scan seeks; names and the words worth naming are longer."""
MOST_ANCHORS = 1 << 22
"""32 MiB of them, built in 0.1 s."""
CLOSEST = 8
"""Bytes between two anchors of a small corpus."""
MOST_PLACES = 16
"""Places of one anchor that are looked at; text that stands more often is ambiguous in any case."""
MOST_FOUND = 64
"""Places of one word that a scan gives."""
MOST_SEEDS = 1 << 16
"""Places that are looked at together, so that a text of the commonest words takes no longer than any other."""
SCAN_CLOSELY, SCAN_COARSELY = 48 * 2**20, 400 * 2**20
"""Bytes of a corpus that is scanned at every byte, and at every eighth: either takes some 0.2 s."""
NEVER = 1 << 40
"""More bytes than any text has."""
MOST_COMPARED = 1 << 26
"""Bytes that are compared to extend the seeds of one text, as long as it takes if all of them are the same."""
_INDEX = np.uint64(MOST_ANCHORS - 1)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_AGAIN = np.uint64(0xC2B2AE3D27D4EB4F)
_TABLE_BITS = 18
_TABLE_SHIFT = np.uint64(64 - _TABLE_BITS)
_PIECE = 1 << 20
_DIAGONAL = 1 << 23
"""More than the bytes of a text that is looked up, so that a diagonal and an offset make one number."""

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Matches:
    """Pieces of a text that stand in the corpus, as long as they can be; the same text may stand in several places.

    Attributes:
        starts: First byte of each piece in the text, in ascending order.
        ends: Byte after its last.
        places: Byte of the corpus where it begins.
        least: Every place of a part of it with so many bytes is among those of the matches; `NEVER` if nobody knows.
    """

    starts: Places
    ends: Places
    places: Places
    least: Places

    def __add__(self, other: Matches) -> Matches:
        starts = np.concatenate((self.starts, other.starts))
        order = np.argsort(starts, kind="stable")
        return Matches(
            starts[order],
            np.concatenate((self.ends, other.ends))[order],
            np.concatenate((self.places, other.places))[order],
            np.concatenate((self.least, other.least))[order],
        )

    def __getitem__(self, chosen: Places | slice) -> Matches:
        return Matches(self.starts[chosen], self.ends[chosen], self.places[chosen], self.least[chosen])


class Anchors:
    """The sparse index of one corpus.

    Args:
        data: Its bytes, which must stay as they are.

    Attributes:
        stride: Bytes from one anchor to the next.
        reach: Bytes from which on a piece is certain to meet an anchor.
        shortest: Bytes of a piece that a scan finds for certain; 15 in a large corpus, which is scanned coarsely.
    """

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._bytes = np.frombuffer(data, np.uint8)
        self.stride = max(CLOSEST, -(-len(data) // MOST_ANCHORS))
        self.reach = GRAM + self.stride - 1
        self._step = 1 if len(data) <= SCAN_CLOSELY else 8
        self.shortest = WORD if self._step == 1 else 15
        count = max(0, (len(data) - GRAM) // self.stride + 1)
        keys = _grams(data, self.stride, count)
        keys &= ~_INDEX
        keys |= np.arange(count, dtype=np.uint64)
        keys.sort()  # one number holds hash and place, since sorting is quicker than sorting an order
        self._keys = keys

    def look_up(self, text: bytes) -> Lookup:
        """Where the bytes at every offset of a text (less than 8 MiB of it) stand among the anchors."""
        size = len(text) + 1
        firsts, counts = np.zeros(size, np.int64), np.zeros(size, np.int64)
        count = len(text) - GRAM + 1
        if count > 0 and len(self._keys):
            grams = _grams(memoryview(text), 1, count) & ~_INDEX
            order = np.argsort(grams)
            wanted = grams[order]  # in order, the search stays in the processor's cache
            first = np.searchsorted(self._keys, wanted)
            known = np.flatnonzero(self._keys[np.minimum(first, len(self._keys) - 1)] & ~_INDEX == wanted)
            firsts[order[known]] = first[known]
            counts[order[known]] = np.searchsorted(self._keys, wanted[known] | _INDEX, "right") - first[known]
        return Lookup(self, text, firsts, counts)

    def extended(self, text: bytes, offsets: Places, first: Places, many: Places) -> Matches:
        """The pieces of a text that have, at these offsets, so many anchors from these on."""
        places = (self._keys[_expanded(first, many)] & _INDEX).astype(np.int64) * self.stride
        return self._extended(text, np.repeat(offsets, many), places, np.full(len(places), NEVER), GRAM)

    def scan(self, text: bytes, offsets: Places) -> Matches:
        """The pieces of a text that have `shortest` bytes from one of these offsets on; none in a huge corpus."""
        if len(self._data) > SCAN_COARSELY:
            return _none()
        step = self._step
        size = self.shortest - step + 1
        if step > 1:  # an eighth of the bytes of the corpus meets any of eight consecutive ones of the text
            offsets = np.unique((offsets[:, None] + np.arange(step)).ravel())
        offsets = offsets[offsets <= len(text) - size]
        if not len(offsets) or len(self._data) < 16:
            return _none()
        mask = np.uint64((1 << 8 * size) - 1)
        words = _words(memoryview(text + bytes(8)), 0, 1, len(text) + 1)[offsets] & mask
        order = np.argsort(words, kind="stable")
        words, offsets = words[order], offsets[order]
        place, found, rare = _scan(self._data, words, mask, step)
        first = np.searchsorted(words, found)
        many = np.searchsorted(words, found, "right") - first
        chosen, least = offsets[_expanded(first, many)], np.where(rare, self.shortest, NEVER)
        return self._extended(text, chosen, np.repeat(place, many), np.repeat(least, many), size)

    def _extended(self, text: bytes, offsets: Places, places: Places, least: Places, size: int) -> Matches:
        """Extend seeds of this size to both sides, those that continue each other as one."""
        pairs, first = np.unique((places - offsets) * _DIAGONAL + offsets, return_index=True)
        diagonals, offsets, least = pairs // _DIAGONAL, pairs % _DIAGONAL, least[first]
        source = np.frombuffer(text, np.uint8)
        same = diagonals[1:] == diagonals[:-1]
        until = np.full(len(pairs), len(text), np.int64)
        until[:-1][same] = offsets[1:][same]
        room = np.minimum(until - offsets, len(self._bytes) - diagonals - offsets)
        ends = offsets + _agree(source, offsets, self._bytes, diagonals + offsets, room)
        goes_on = np.zeros(len(pairs) + 1, bool)
        goes_on[1:-1] = same & (ends[:-1] == offsets[1:])
        heads, tails = np.flatnonzero(~goes_on[:-1]), np.flatnonzero(~goes_on[1:])
        starts, ends, diagonals = offsets[heads], ends[tails], diagonals[heads]
        room = np.minimum(starts, starts + diagonals)
        starts = starts - _agree(source, starts - 1, self._bytes, starts + diagonals - 1, room, step=-1)
        kept = np.flatnonzero(ends - starts >= size)  # a hash may deceive
        kept = kept[np.argsort(starts[kept], kind="stable")]
        least = np.minimum.reduceat(least, heads) if len(heads) else least
        return Matches(starts, ends, starts + diagonals, least)[kept]


class Lookup:
    """What the anchors say of a text.

    Args:
        anchors: The anchors.
        text: The text.
        firsts: For each offset the first of its anchors.
        counts: How many it has.
    """

    def __init__(self, anchors: Anchors, text: bytes, firsts: Places, counts: Places) -> None:
        self._anchors = anchors
        self._text = text
        self._firsts = firsts
        self._counts = counts
        before = np.concatenate(([0], np.cumsum(counts)))
        self._windows = before[anchors.stride :] - before[: -anchors.stride]

    def matches(self, least: int, most: int, where: NDArray[np.bool_] | None = None) -> Matches:
        """The pieces of the text that meet an anchor which stands in so many places, at these offsets.

        At most the first `MOST_PLACES` of them are looked at.
        """
        chosen = (self._counts >= least) & (self._counts <= most)
        offsets = np.flatnonzero(chosen if where is None else chosen & where)
        many = _fair(self._counts[offsets], MOST_PLACES)
        return self._anchors.extended(self._text, offsets, self._firsts[offsets], many)

    def most(self, start: int, end: int) -> int:
        """In how many places the piece ``[start, end)`` stands at most.

        In each of them one of the anchors at as many offsets as lie between two anchors is its own, wherever in the
        piece these offsets are; so it stands in no more places than the fewest anchors that so many offsets have.
        """
        windows = self._windows[start : end - self._anchors.reach + 1]
        return int(windows.min()) if len(windows) else NEVER


def _none() -> Matches:
    nothing = np.zeros(0, np.int64)
    return Matches(nothing, nothing, nothing, nothing)


def _words(data: memoryview, offset: int, stride: int, count: int) -> Words:
    """Eight bytes of the data every so many bytes, as numbers; nothing is copied."""
    return np.ndarray((max(0, count),), "<u8", data, offset, (stride,))


def _grams(data: memoryview, stride: int, count: int) -> Words:
    """Hashes of sixteen bytes every so many bytes."""
    if not count:
        return np.zeros(0, np.uint64)
    grams = _words(data, 0, stride, count) * _MIX
    grams ^= grams >> np.uint64(29)
    grams += _words(data, 8, stride, count)
    grams *= _AGAIN
    grams ^= grams >> np.uint64(32)
    grams *= _MIX
    return grams


def _fair(counts: Places, most: int) -> Places:
    """How many places of each to look at, so that they are not too many altogether."""
    many = np.minimum(counts, most)
    while most > 1 and many.sum() > MOST_SEEDS:
        most //= 2
        many = np.minimum(counts, most)
    return many


def _expanded(first: Places, many: Places) -> Places:
    """Numbers ``first[i], first[i] + 1, …``, as ``many[i]`` says, one after the other."""
    ends = np.cumsum(many)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - ends + many, many)


def _agree(one: Bytes, at: Places, other: Bytes, place: Places, room: Places, *, step: int = 1) -> Places:
    """How many bytes of both agree from there on, forwards or backwards; there may be more than are compared."""
    length = np.zeros(len(at), np.int64)
    active = np.flatnonzero(room > 0)
    width = 32
    left = MOST_COMPARED
    while len(active) and left > 0:
        left -= len(active) * width
        ahead = np.arange(width)
        done = length[active, None]
        offset = (done + ahead) * step
        equal = one.take(at[active, None] + offset, mode="clip") == other.take(
            place[active, None] + offset, mode="clip"
        )
        equal &= done + ahead < room[active, None]
        stop = ~equal
        run = np.where(stop.any(1), stop.argmax(1), width)
        length[active] += run
        active = active[run == width]
        width = min(2 * width, 1 << 16, max(32, (1 << 22) // max(1, len(active))))
    return length


def _table(words: Words) -> NDArray[np.bool_]:
    """Which hashes the words have."""
    table = np.zeros(1 << _TABLE_BITS, bool)
    table[(words * _MIX) >> _TABLE_SHIFT] = True
    return table


def _scan(
    data: memoryview, words: Words, mask: np.uint64, step: int
) -> tuple[Places, Words, NDArray[np.bool_]]:
    """The first places of the corpus where any of these words (in order) stands, which, and whether it has no more.

    A word that has shown to be common is not looked for any further.
    """
    count = len(data) - 7
    places, found = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    seen = np.zeros(len(words), np.int64)
    for start in range(0, count, _PIECE):
        table = _table(words[seen <= MOST_FOUND])
        for phase in range(0, 8, step):
            here = _words(data, start + phase, 8, (min(_PIECE, count - start) - phase + 7) // 8) & mask
            hits = np.flatnonzero(table[(here * _MIX) >> _TABLE_SHIFT])
            word = here[hits]
            index = np.minimum(np.searchsorted(words, word), len(words) - 1)
            real = np.flatnonzero(words[index] == word)
            seen += np.bincount(index[real], minlength=len(words))
            places.append(start + phase + 8 * hits[real])
            found.append(word[real])
    place, word = np.concatenate(places), np.concatenate(found)
    order = np.lexsort((place, word))
    place, word = place[order], word[order]
    first = np.searchsorted(word, word)
    counts = np.searchsorted(word, word, "right") - first
    heads = np.flatnonzero(first == np.arange(len(word)))
    many = np.repeat(_fair(counts[heads], MOST_FOUND), counts[heads])
    kept = np.arange(len(word)) - first < many
    return place[kept], word[kept], (counts <= many)[kept]
