"""Cut a passage out of a document where a reader would: at a definition, a paragraph, a line, a sentence."""

from __future__ import annotations

import re

DEFINITION = re.compile(
    rb"^[ \t]*(?:(?:export|public|private|protected|static|final|abstract|async|pub|default|inline)[ \t]+)*"
    rb"(?:def|class|function|func|fn|struct|interface|trait|enum|type|impl|module|package|namespace|sub|macro|#[ \t]*define)"
    rb"[ \t]+(?P<name>[A-Za-z_$][\w$]*)",
    re.MULTILINE,
)
CONSTANT = re.compile(rb"^(?P<name>[A-Za-z_]\w*)[ \t]*(?::[^=\n]{1,80})?=(?!=)", re.MULTILINE)
HEADING = re.compile(rb"^(?:#{1,6}[ \t]+|=+[ \t]+)(?P<name>[^\n]{1,120})$", re.MULTILINE)
NAMES = (DEFINITION, CONSTANT, HEADING)
"""What names the thing that a passage is about."""
_PARAGRAPH = re.compile(rb"\n[ \t\r]*\n")
_SENTENCE = re.compile(rb"[.!?][\"')\]]?\s+")


def cut(data: bytearray, bounds: tuple[int, int], core: tuple[int, int], size: int) -> tuple[int, int]:
    """Widen a core of at most `size` bytes to a passage of at most `size` bytes with tidy edges.

    Args:
        data: UTF-8 text.
        bounds: First byte of the document and the byte after its last.
        core: What the passage must hold.
        size: Bytes of the passage, about.

    Returns:
        First byte and the byte after the last.
    """
    slack = max(0, size - (core[1] - core[0]))
    earliest = max(bounds[0], core[0] - slack)
    start = _start(data, bounds[0], earliest, core[0], slack)
    latest = min(bounds[1], start + size)
    return start, _end(data, max(core[1], start), latest, bounds[1])


def _start(data: bytearray, first: int, earliest: int, core: int, slack: int) -> int:
    """The best beginning between `earliest` and the core."""
    before = data[earliest:core]
    at_line = earliest == first or data[earliest - 1] == 10
    definitions = [match.start() for match in DEFINITION.finditer(before) if match.start() or at_line]
    if definitions:
        return earliest + definitions[-1]
    paragraphs = [match.end() for match in _PARAGRAPH.finditer(before)]
    near = [place for place in paragraphs if core - earliest - place <= slack * 2 // 3]
    if near:
        return earliest + near[0]
    if earliest == first:
        return first
    for begin in (max(earliest, core - slack // 3), earliest):
        if newline := data.find(b"\n", begin, core) + 1:
            return newline
    sentences = [match.end() for match in _SENTENCE.finditer(before)]
    return earliest + sentences[0] if sentences else _word(data, earliest, core)


def _word(data: bytearray, earliest: int, core: int) -> int:
    space = data.find(b" ", earliest, core)
    return space + 1 if space >= 0 else earliest


def _end(data: bytearray, core: int, latest: int, last: int) -> int:
    """The best end between the core and `latest`."""
    if latest >= last or latest <= core:
        return min(max(latest, core), last)
    newline = data.rfind(b"\n", core, latest)
    if newline >= 0:
        return newline
    sentences = [match.end() for match in _SENTENCE.finditer(data[core:latest])]
    if sentences:
        return core + sentences[-1]
    space = data.rfind(b" ", core, latest)
    return space if space >= 0 else latest
