"""Write a long message little by little, so that other threads can go on meanwhile.

``json.dumps`` keeps the interpreter to itself until it is through: 0.1 s for one text of 60 MB, and what it gives has to
be copied to stand behind its length. Here no single step takes longer than some milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.encoder import encode_basestring_ascii

from rlm_desktop.repl import protocol
from rlm_desktop.repl.protocol import Message

_PIECE = 2**20
"""Characters of a text that are written at once, and about the bytes of a piece of a frame."""
_VALUE = 64
"""Characters that take as long to write as a value of any other kind, generously."""


def is_long(value: object) -> bool:
    """Whether it takes so long to write that it is in others' way, which is soon found out however long it is."""
    room, waiting = protocol.LONG, [value]
    while waiting and room >= 0:
        one = waiting.pop()
        room -= _VALUE
        if isinstance(one, str):
            room -= len(one)
        elif isinstance(one, dict | list | tuple):
            room -= _VALUE * len(one)
            if room >= 0:
                waiting += one.values() if isinstance(one, dict) else one
    return room < 0


def frame(message: Message) -> list[bytes]:
    """What `protocol.frame` gives, in pieces.

    Raises:
        FrameError: It is longer than `protocol.MAX_FRAME` or has more than `protocol.MAX_VALUES` values.
    """
    pieces: list[bytes] = []
    gathered: list[str] = []
    chars = size = values = 0
    for text, count in _parts(message):
        gathered.append(text)
        chars, values = chars + len(text), values + count
        protocol.refuse(size + chars, values)
        if chars >= _PIECE:
            pieces.append("".join(gathered).encode("ascii"))
            gathered.clear()
            chars, size = 0, size + chars
    pieces.append("".join(gathered).encode("ascii"))
    return [protocol.head(size + chars), *pieces]


def _parts(value: object) -> Iterator[tuple[str, int]]:
    """What is written, part after part, and how many values begin in each."""
    if not (isinstance(value, str | dict | list | tuple) and value and is_long(value)):
        text = _written(value)
        yield text, protocol.count_values(text)
    elif isinstance(value, str):
        yield '"', 0
        for at in range(0, len(value), _PIECE):
            yield encode_basestring_ascii(value[at : at + _PIECE])[1:-1], 0
        yield '"', 0
    elif isinstance(value, dict):
        mark = "{"
        for name, one in value.items():
            yield f"{mark}{_written({name: 0})[1:-2]}", 2
            yield from _parts(one)
            mark = ","
        yield "}", 0
    else:
        mark = "["
        for one in value:
            yield mark, 1
            yield from _parts(one)
            mark = ","
        yield "]", 0


def _written(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
