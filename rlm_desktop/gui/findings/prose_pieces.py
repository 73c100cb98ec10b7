"""A long Markdown text in pieces that can be read one by one, so that the window never waits for the whole of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PIECE, LONGEST_PIECE = 1_500, 4_000
"""Characters that are read at once (some 2 ms), and at most if there is no gap between blocks."""
_FENCE = re.compile(r"\s*(?:>\s*)*(`{3,}|~{3,})")
_RULE = re.compile(r"[ >]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?\s*$")


@dataclass(frozen=True)
class Piece:
    """Some of a text.

    Attributes:
        text: It.
        head: If it begins with rows of a table, the lines of the text that head that table.
        cut: Whether it ends in the midst of a table.
    """

    text: str
    head: str = ""
    cut: bool = False


def pieces(text: str, head: str = "") -> Iterator[Piece]:
    """The text in pieces: cut where one block ends and another begins, if possible, else between rows of a table.

    Args:
        text: What to cut, all of it or from a piece on.
        head: Of that piece.
    """
    fence, table, size = _Fence(), _Table(head), 0
    kept: list[str] = []
    before = ""
    for line in _lines(text):
        blank, indented = not before.strip(), line[:1].isspace()
        gap = not fence.open and blank and not indented and line.strip()
        if (gap and size >= PIECE) or (not fence.open and size + len(line) > LONGEST_PIECE and kept):
            goes_on = table.holds(line)
            yield Piece("".join(kept), head, goes_on)
            kept, size, head = [], 0, table.head if goes_on else ""
        fence.pass_line(line)
        table.pass_line("" if fence.open else line)
        kept.append(line)
        size += len(line)
        before = line
    if kept:
        yield Piece("".join(kept), head)


class _Table:
    """Keeps track of whether lines are rows of a table.

    Attributes:
        head: The names of its columns and the rule below them; empty outside of any.
    """

    def __init__(self, head: str) -> None:
        self.head = head
        self._before = ""

    def holds(self, line: str) -> bool:
        """Whether the next line is a row of the table."""
        return bool(self.head) and "|" in line

    def pass_line(self, line: str) -> None:
        if not self.holds(line):
            begins = "|" in self._before and _RULE.match(line)
            self.head = self._before + line if begins else ""
        self._before = line


class _Fence:
    """Keeps track of whether lines stand in fenced code.

    Attributes:
        open: The fence that began the code; empty outside of any.
    """

    def __init__(self) -> None:
        self.open = ""

    def pass_line(self, line: str) -> None:
        mark = _FENCE.match(line)
        if mark and not self.open:
            self.open = mark[1]
        elif mark and mark[1].startswith(self.open) and not line[mark.end() :].strip():
            self.open = ""


def open_fence(text: str) -> str:
    """The fence of the code that a text ends in the midst of; empty if it does not."""
    fence = _Fence()
    for line in text.splitlines():
        fence.pass_line(line)
    return fence.open


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends, one without end in pieces."""
    for line in text.splitlines(keepends=True):
        start = 0
        while len(line) - start > LONGEST_PIECE:
            end = (
                line.rfind(" ", start + LONGEST_PIECE // 2, start + LONGEST_PIECE) + 1
                or start + LONGEST_PIECE
            )
            yield line[start:end]
            start = end
        yield line[start:]
