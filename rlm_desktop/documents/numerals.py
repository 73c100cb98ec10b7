"""English numbers written out, as old books have them: ``nine hundred sixty and nine`` is 969."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ONES = (
    "zero one two three four five six seven eight nine "
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {word: value for value, word in enumerate(_ONES)}
_VALUES |= {word: 10 * value for value, word in enumerate(_TENS, start=2)}
_VALUES |= {"threescore": 60, "fourscore": 80, "dozen": 12, "fourty": 40}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_WORD = re.compile(r"[^\W\d_]+")


def numerals(text: str) -> frozenset[str]:
    """The numbers that a text writes in words, as digits."""
    return frozenset(map(str, _numbers(text)))


def _numbers(text: str) -> Iterator[int]:
    total = part = 0
    open_ = False  # a number has begun and may go on
    for match in [*_WORD.finditer(text.lower()), None]:
        word = match.group() if match else ""
        if word in _VALUES:
            if open_ and part % 10 and _VALUES[word] < 20:  # "five, six": another number begins
                yield total + part
                total = part = 0
            part, open_ = part + _VALUES[word], True
        elif word == "hundred":
            part, open_ = (part or 1) * 100, True
        elif word in _SCALES:
            total, part, open_ = total + (part or 1) * _SCALES[word], 0, True
        elif word != "and" or not open_:
            if open_:
                yield total + part
            total, part, open_ = 0, 0, False
