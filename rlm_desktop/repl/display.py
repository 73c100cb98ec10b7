"""How values are shown to the model: like Python's own ``repr``, but never more than a screenful or two."""

from __future__ import annotations

import reprlib
import types
from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any

from rlm_desktop.repl.records import Listed

MOST = 20_000
"""Most characters shown of one value."""
PREVIEW = 80
"""Most characters shown of a value in a list of variables."""
MOST_NAME = 200
"""Most characters of a name."""
_BITS = 13_000
"""Of the largest integer that is written out: 3,913 digits, and Python refuses more than 4,300."""
_SORTED = 1_000
"""Most items of a set that are sorted to be shown: for a million texts that takes half a second, after every cell."""
_HIDDEN_TYPES = (types.ModuleType,)


def clip(text: str, most: int) -> str:
    """The text, or its two ends with a note of how much is missing between them."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n... [{len(text) - 2 * half:,} characters not shown] ...\n{text[-half:]}"


class _Display(reprlib.Repr):
    """Limits that let real work through: 4,000 characters of a string, 200 items of a container."""

    def __init__(self, string: int, items: int) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = string
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = self.maxdict = items
        self.maxarray = items

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, Listed):
            return clip(repr(Listed(x[: self.maxlist])), MOST)
        if isinstance(x, dict) and type(x).__repr__ is not object.__repr__ and type(x) is not dict:
            return f"{type(x).__name__}({self.repr_dict(x, level)})"
        return super().repr1(x, level)

    def repr_str(self, x: str, level: int) -> str:  # noqa: ARG002 - reprlib's signature
        if len(x) <= self.maxstring:
            return repr(x)
        half = self.maxstring // 2
        return f"{x[:half]!r} ... [{len(x) - 2 * half:,} characters not shown] ... {x[-half:]!r}"

    def repr_bytes(self, x: bytes, level: int) -> str:  # noqa: ARG002
        if len(x) <= self.maxstring:
            return repr(x)
        half = self.maxstring // 2
        return f"{x[:half]!r} ... [{len(x) - 2 * half:,} bytes not shown] ... {x[-half:]!r}"

    def repr_bytearray(self, x: bytearray, level: int) -> str:  # noqa: ARG002
        if len(x) <= self.maxstring:
            return repr(x)
        return f"bytearray({bytes(x[: self.maxstring])!r} ... [{len(x) - self.maxstring:,} bytes not shown])"

    def repr_set(self, x: set[Any], level: int) -> str:
        return super().repr_set(x, level) if len(x) <= _SORTED else f"{{{self._some(x, level)}}}"

    def repr_frozenset(self, x: frozenset[Any], level: int) -> str:
        return (
            super().repr_frozenset(x, level)
            if len(x) <= _SORTED
            else f"frozenset({{{self._some(x, level)}}})"
        )

    def _some(self, x: Collection[Any], level: int) -> str:
        """The first items, as a set has them, and a note of how many more there are."""
        pieces = [self.repr1(item, level - 1) for item in islice(x, self.maxset)] if level > 0 else []
        return ", ".join([*pieces, f"... [{len(x) - len(pieces):,} more]"])

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002
        if x.bit_length() > _BITS:
            return f"<an integer of {x.bit_length():,} bits>"
        return repr(x)

    def repr_dict(self, x: Mapping[Any, Any], level: int) -> str:
        """As the dict itself is ordered; `reprlib` would sort it."""
        if level <= 0 and x:
            return "{...}"
        pieces = [
            f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}"
            for key, value in islice(x.items(), self.maxdict)
        ]
        if len(x) > self.maxdict:
            pieces.append(f"... [{len(x) - self.maxdict:,} more]")
        return f"{{{', '.join(pieces)}}}"

    def repr_instance(self, x: Any, level: int) -> str:  # noqa: ARG002
        try:
            return clip(repr(x), max(self.maxother, PREVIEW))
        except Exception as error:
            return f"<{type(x).__name__}, whose repr failed: {type(error).__name__}: {error}>"


_value = _Display(string=4_000, items=200)
_preview = _Display(string=PREVIEW, items=4)


def show(value: object) -> str:
    """The value of a cell's last expression as text."""
    return clip(_value.repr(value), MOST)


def describe(value: object) -> str:
    """Type, size and a preview of a variable, on one line."""
    try:
        return _describe(value)
    except Exception as error:  # a value may fail in every way when it is looked at
        return f"{type(value).__name__}, which cannot be shown: {type(error).__name__}"


def _describe(value: object) -> str:
    kind = type(value).__name__
    if isinstance(value, str):
        kind = f"{kind}, {len(value):,} chars"
    elif isinstance(value, (bytes, bytearray)):
        kind = f"{kind}, {len(value):,} bytes"
    elif isinstance(value, (list, tuple, dict, set, frozenset)):
        kind = f"{kind}, {len(value):,} items"
    text = " ".join(_preview.repr(value)[: 4 * PREVIEW].split())
    return f"{kind}: {text if len(text) <= PREVIEW else text[: PREVIEW - 1] + '…'}"


def variables(namespace: dict[str, Any], reserved: frozenset[str]) -> dict[str, str]:
    """What a cell has defined: neither private, nor a module, nor of the API. At most 200 of them."""
    mine = (
        (name, value)
        for name, value in namespace.items()
        if type(name) is str
        and not name.startswith("_")
        and name not in reserved
        and not isinstance(value, _HIDDEN_TYPES)
    )
    return {name[:MOST_NAME]: describe(value) for name, value in islice(mine, 200)}
