"""Whether what somebody typed means a text: each word as the beginning of one of its words, or as some of its letters."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")


def words(typed: str) -> list[str]:
    """What was typed, word by word, without capitals."""
    return typed.casefold().split()


def score(typed: str, text: str) -> float | None:
    """How well a text matches: lower is better, ``None`` is not at all.

    Every word that was typed must be found: best where a word of the text begins, then anywhere in it, then as
    letters in their order, the closer together the better.
    """
    lowered = text.casefold()
    total = 0.0
    for word in words(typed):
        found = _place(word, lowered)
        if found is None:
            return None
        total += found
    return total + len(lowered) / 1000


def marks(typed: str, text: str) -> list[tuple[int, int]]:
    """Characters ``[start, end)`` of the text that the words stand at as they are, in order, none twice."""
    found: list[tuple[int, int]] = []
    lowered = text.casefold()
    if len(lowered) != len(text):  # a few characters are folded to two, and places would no longer agree
        return []
    for word in words(typed):
        at = _whole(word, lowered)
        if at is not None:
            found.append((at, at + len(word)))
    return _joined(sorted(found))


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, end in ranges:
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _whole(word: str, text: str) -> int | None:
    """Where the word stands, at the beginning of a word if possible."""
    begins = (match.start() for match in _WORD.finditer(text) if text.startswith(word, match.start()))
    at = next(begins, text.find(word))
    return at if at >= 0 else None


def _place(word: str, text: str) -> float | None:
    at = _whole(word, text)
    if at is not None:
        begins = at == 0 or not text[at - 1].isalnum()
        return (0.0 if begins else 1.0) + at / 1000
    return _scattered(word, text)


def _scattered(word: str, text: str) -> float | None:
    """Its letters in their order, beginning with the first letter of a word."""
    spans = (
        _span(word, text, match.start()) for match in _WORD.finditer(text) if text[match.start()] == word[0]
    )
    found = [span for span in spans if span is not None]
    return 2.0 + min(found) / len(word) if found else None


def _span(word: str, text: str, start: int) -> int | None:
    at = start
    for letter in word[1:]:
        at = text.find(letter, at + 1)
        if at < 0:
            return None
    return at - start
