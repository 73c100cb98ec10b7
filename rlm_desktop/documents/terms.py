"""From a question to the terms worth searching for, and to the places where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import msgspec
import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from rlm_desktop.documents._stop_words import STOP_WORDS

COMPOUND = 0.4
"""What a word that merely begins with the term counts: ``parsedate`` for parse."""
PART = 0.5
"""What a part of an identifier counts beside the whole; of a dotted name, the whole beside its parts."""
KIND = 0.6
"""What the noun after which or what counts: passages that answer "which king" may never say king."""
PHRASE = 1.5
"""What a quoted phrase counts beside its words."""
_SHORTEST_COMPOUND = 4
_STEMMER = snowballstemmer.stemmer("english")
_KIND = re.compile(r"\b(?:which|what)\s+(\w+)", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“”`]([^\"“”`]{2,200})[\"“”`]")
_WORD = re.compile(r"[^\W_]+(?:[_.'’-]+[^\W_]+)*|_+[^\W_]+(?:[_.]+[^\W_]+)*_*")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_HUMP = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}")
_UNSPACED = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\u3040-\u30ff\u0e00-\u0eff]+")


class Term(msgspec.Struct, frozen=True):
    """Something to look for.

    Attributes:
        text: The term in lower case, as the query has it.
        stem: Its stem; empty for what must stand there as it is (phrases, identifiers, numbers).
        weight: What finding it counts; 1 for a plain word.
        bounded: Whether it begins and ends at the edge of a word.
    """

    text: str
    stem: str = ""
    weight: float = 1.0
    bounded: bool = True


class Hits(msgspec.Struct, frozen=True):
    """Where a term stands: byte offsets in ascending order, and what each counts (0 to 1)."""

    starts: NDArray[np.int64]
    values: NDArray[np.float32]


def terms_of(query: str) -> tuple[Term, ...]:
    """The terms of a question or of some keywords, in the order of the query, each once.

    Words that only make it a question are left out, unless nothing else would be left.
    """
    found: dict[str, Term] = {}
    for phrase in _QUOTED.findall(query):
        words = phrase.lower().split()
        if len(words) > 1:
            _add(found, Term(" ".join(words), weight=PHRASE))
    words = [match.group() for match in _WORD.finditer(query)]
    content = [word for word in words if word.lower().replace("’", "'") not in STOP_WORDS]
    kinds = {word.lower() for word in _KIND.findall(query)}
    for word in content or words:
        for term in _terms_of_word(word):
            _add(found, msgspec.structs.replace(term, weight=KIND) if word.lower() in kinds else term)
    return tuple(found.values())


def _add(found: dict[str, Term], term: Term) -> None:
    known = found.get(term.stem or term.text)
    if known is None or known.weight < term.weight:
        found[term.stem or term.text] = term


def _terms_of_word(word: str) -> Iterable[Term]:
    if _UNSPACED.search(word):  # no spaces between words: pairs of characters stand for them
        for run in _UNSPACED.findall(word):
            for pair in {run[i : i + 2] for i in range(max(1, len(run) - 1))}:
                yield Term(pair, bounded=False)
        return
    lowered = re.sub(r"['’]s$", "", word.lower())
    parts = [part.lower() for part in _PARTS.findall(re.sub(r"['’]s$", "", word))]
    if lowered.isalpha() and not _HUMP.search(word):
        yield Term(lowered, stem_of(lowered))
        return
    if lowered.isdigit():
        yield Term(lowered)
        return
    dotted = "." in lowered
    yield Term(lowered, weight=PART if dotted else 1.0)
    for part in parts:
        if len(part) > 1 and part not in STOP_WORDS:
            yield Term(part, stem_of(part) if part.isalpha() else "", 1.0 if dotted else PART)


@cache
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


def stem_of(word: str) -> str:
    """Stem of a lower-case word (Snowball English)."""
    return _stem(word) if len(word) < 40 else word


def places(term: Term, lowered: bytes, cased: memoryview) -> Hits:
    """Where a term stands in UTF-8 text, given in lower case (ASCII only) and as it is.

    The pattern begins with literal bytes, so that `re` skips at memchr speed (1 to 2 GiB/s); word edges
    are checked afterwards, on the hits alone.
    """
    if not term.stem:
        return _literal(term, lowered, cased)
    prefix = _common_prefix(term.text, term.stem.removesuffix("i"))  # queri: query as well as queries
    pattern = re.compile(_either_case(prefix) + rb"[a-z\x80-\xff]*")
    starts, values = [], []
    worth: dict[bytes, float] = {}
    for match in pattern.finditer(lowered):
        word = match.group()
        value = worth.get(word)
        if value is None:
            value = worth[word] = _worth(word.decode("utf-8", "replace").lower(), term)
        if value:
            starts.append(match.start())
            values.append(value)
    hits = Hits(np.array(starts, np.int64), np.array(values, np.float32))
    return _where(hits, _begins_word(hits.starts, lowered, cased))


def _worth(word: str, term: Term) -> float:
    if word == term.text or stem_of(word) == term.stem:
        return 1.0
    cut = re.split(r"[^\w]", word, maxsplit=1)[0]  # a dash or a typographic apostrophe ends the word too
    if cut != word and cut:
        return _worth(cut, term)
    return COMPOUND if word.startswith(term.text) and len(term.text) >= _SHORTEST_COMPOUND else 0.0


def _literal(term: Term, lowered: bytes, cased: memoryview) -> Hits:
    pattern = rb"\s+".join(_either_case(word) for word in term.text.split())
    after = rb"(?![a-z0-9])" if term.bounded else b""
    starts = [match.start() for match in re.finditer(pattern + after, lowered)]
    hits = Hits(np.array(starts, np.int64), np.ones(len(starts), np.float32))
    return _where(hits, _begins_word(hits.starts, lowered, cased)) if term.bounded else hits


def _where(hits: Hits, chosen: NDArray[np.bool_]) -> Hits:
    return Hits(hits.starts[chosen], hits.values[chosen])


def _either_case(text: str) -> bytes:
    """A pattern for lower-cased bytes; beyond ASCII both cases can stand there."""
    parts = []
    for character in text:
        forms = dict.fromkeys((character.lower(), character.upper()))
        if character.isascii() or len(forms) == 1:
            parts.append(re.escape(character.encode()))
        else:
            parts.append(b"(?:" + b"|".join(re.escape(form.encode()) for form in forms) + b")")
    return b"".join(parts)


def _begins_word(starts: NDArray[np.int64], lowered: bytes, cased: memoryview) -> NDArray[np.bool_]:
    """Whether no letter or digit stands before, or the case changes there as in camelCase."""
    text = np.frombuffer(lowered, np.uint8)
    original = np.frombuffer(cased, np.uint8)
    padded = np.maximum(starts - 1, 0)
    before = text[padded]
    letter = ((before >= 97) & (before <= 122)) | ((before >= 48) & (before <= 57)) | (before >= 128)
    punctuation = (before >= 128) & (text[np.maximum(starts - 3, 0)] == 0xE2)  # U+2000 to U+2FFF
    here, there = original[starts], original[padded]
    hump = (here >= 65) & (here <= 90) & (there >= 97) & (there <= 122)
    return np.asarray(~letter | punctuation | hump | (starts == 0))


def _common_prefix(one: str, other: str) -> str:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]
