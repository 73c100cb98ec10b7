"""What a process says on its standard error: passed on to the terminal, its end kept for whoever must find out why."""

from __future__ import annotations

import re
import sys
from collections import deque

_LINES = 40
_LONGEST = 300
"""Characters of a line that are kept."""
_SECRET = re.compile(r"(sk-|bearer\s+|key[=:]\s*)\S+", re.IGNORECASE)


class LastWords:
    """The last lines of a stream. Nothing that looks like a key is kept."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._begun = ""

    def hear(self, data: bytes) -> None:
        """Take in a piece of it and pass it on."""
        if sys.stderr is not None:  # a window that was started from a menu has none on some systems
            sys.stderr.write(data.decode(errors="replace"))
            sys.stderr.flush()
        *lines, rest = (self._begun + data.decode(errors="replace")).split("\n")
        self._begun = rest[-_LONGEST:]
        self._lines.extend(_SECRET.sub(r"\1…", line[:_LONGEST]) for line in lines if line.strip())

    def forget(self) -> None:
        """Another process speaks from now on."""
        self._lines.clear()
        self._begun = ""

    def __str__(self) -> str:
        last = [_SECRET.sub(r"\1…", self._begun)] if self._begun.strip() else []
        return "\n".join([*self._lines, *last])
