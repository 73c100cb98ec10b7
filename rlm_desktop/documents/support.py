"""Which words of a passage an answer rests on.

A small model quotes badly: asked for the sentence that proves its answer, it copies another one. So the
quote is not asked for but chosen: the sentence or line of the passage that shares most with the answer,
and most of all what the question did not already say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from rlm_desktop.documents._stop_words import STOP_WORDS
from rlm_desktop.documents.numerals import numerals
from rlm_desktop.documents.terms import stem_of

NEW, ASKED = 2.0, 1.0
"""What a word counts that the answer adds to the question, and one of the question."""
LENGTH = 12
"""Words a sentence may have before its length counts against it."""
_YES_OR_NO = re.compile(r"(yes|no)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_SEGMENT_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+|\n\s*\n|\n(?![a-z(])")


class Support(msgspec.Struct, frozen=True):
    """What of a passage stands behind an answer.

    Attributes:
        start: First character of the sentence that shares most with the answer.
        end: One past its last.
        share: Part, from 0 to 1, of what the answer adds to the question that stands in the passage;
            0 when it adds nothing or a number that does not, and 1 for a plain yes or no.
    """

    start: int
    end: int
    share: float


def support(text: str, question: str, answer: str) -> Support | None:
    """The sentence or line of a text that an answer to a question rests on; None if none shares a word."""
    new = gist(question, answer)
    asked, said = _stems(question), _stems(answer)
    needed = new if new & _written(text) else said
    worth = dict.fromkeys(asked, ASKED) | dict.fromkeys(new, NEW)
    best: tuple[float, tuple[int, int]] = (0.0, (0, 0))
    for start, end in _segments(text):
        words = _written(text[start:end])
        if not words & needed:
            continue
        shared = sum(worth.get(word, 0.0) for word in words)
        best = max(best, (shared / max(1.0, len(words) / LENGTH) ** 0.5, (start, end)), key=lambda b: b[0])
    return Support(*best[1], _share(text, answer, new)) if best[0] else None


def gist(question: str, answer: str) -> frozenset[str]:
    """Stems of the words that an answer adds to its question: what two answers must share to agree."""
    return _stems(answer) - _stems(question)


def _share(text: str, answer: str, new: frozenset[str]) -> float:
    if _YES_OR_NO.match(answer):
        return 1.0
    missing = new - _written(text)
    if not new or any(word.isdigit() for word in missing):  # a number nobody wrote was made up
        return 0.0
    return 1 - len(missing) / len(new)


def _segments(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, and lines that do not go on in the next, without the spaces around them."""
    start = 0
    for match in [*_SEGMENT_END.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[start:end]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        start = match.end() if match else end


def _written(text: str) -> frozenset[str]:
    """The stems of a passage, and as digits the numbers it has in words."""
    return _stems(text) | numerals(text)


def _stems(text: str) -> frozenset[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(stem_of(word) for word in words if word not in STOP_WORDS)
