"""Quotes and places in an answer as links to the evidence they agree with, so that each can be looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from rlm_desktop.events import Citation
from rlm_desktop.gui.findings.prose import Block, Run
from rlm_desktop.gui.look.words import tr

LINK = "cite:"
"""Begins the address of a citation; its number follows."""
_SHORTEST = 8
"""Characters of a quotation that is more than a word in passing."""
_QUOTED = re.compile(r"[“„«\"]([^“”„«»\"]{%d,})[”“»\"]" % _SHORTEST)  # noqa: UP031 - braces would be doubled
_SPACES = re.compile(r"\s+")
_SIGNS = str.maketrans("‘’‚“”„–—", "'''\"\"\"--")


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    number: int


class EvidenceLinks:
    """Finds the evidence of one run in the text of its answer.

    Args:
        evidence: The citations of the run.
    """

    def __init__(self, evidence: Sequence[Citation]) -> None:
        self._evidence = evidence
        self._quotes = [_plain(citation.quote) for citation in evidence]
        names = {PurePath(citation.path).name for citation in evidence if citation.path}
        either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        self._place = re.compile(
            rf"\[?(?:[\w./\\-]*[/\\])?(?P<name>{either}):(?P<first>\d+)(?:[-–](?P<last>\d+))?\]?"
            if names
            else r"(?!)"
        )

    def put_into(self, block: Block) -> Block:
        """The block with its links."""
        if not self._evidence or block.kind == "code":
            return block
        rows = tuple(tuple(tuple(self._linked(cell)) for cell in row) for row in block.rows)
        return replace(block, runs=tuple(self._linked(block.runs)), rows=rows)

    def _linked(self, runs: Sequence[Run]) -> Iterator[Run]:
        text = "".join(run.text for run in runs)
        found = sorted((*self._places(text), *self._quotations(text)), key=lambda one: (one.start, -one.end))
        at = 0
        for run in runs:
            end = at + len(run.text)
            if run.link:
                yield run
            else:
                yield from self._cut(run, at, [one for one in found if one.start < end and one.end > at])
            at = end

    def _cut(self, run: Run, offset: int, found: Sequence[_Found]) -> Iterator[Run]:
        """The run in pieces, those within a finding as links, with a mark where a verified one ends."""
        at, last = offset, offset + len(run.text)
        for one in found:
            start, end = max(one.start, at), min(one.end, last)
            if start >= end:
                continue
            if start > at:
                yield replace(run, text=run.text[at - offset : start - offset])
            citation = self._evidence[one.number]
            tip = tr("Verified: found word for word") if citation.verified else tr("Not found word for word")
            link = f"{LINK}{one.number}"
            yield replace(run, text=run.text[start - offset : end - offset], link=link, tip=tip)
            if end == one.end:
                yield Run(
                    "\u202f✓" if citation.verified else "\u202f⚠",
                    tone="good" if citation.verified else "warn",
                    tip=tip,
                )
            at = end
        if at < last:
            yield replace(run, text=run.text[at - offset :])

    def _places(self, text: str) -> Iterator[_Found]:
        for found in self._place.finditer(text):
            first = int(found["first"])
            last = max(first, int(found["last"] or 0))
            for number, citation in enumerate(self._evidence):
                here = PurePath(citation.path).name == found["name"]
                if here and citation.start_line <= last and first <= citation.end_line:
                    yield _Found(found.start(), found.end(), number)
                    break

    def _quotations(self, text: str) -> Iterator[_Found]:
        for found in _QUOTED.finditer(text):
            said = _plain(found[1])
            for number, quote in enumerate(self._quotes):
                if len(said) >= _SHORTEST and said in quote:
                    yield _Found(found.start(1), found.end(1), number)
                    break


def _plain(text: str) -> str:
    """A quotation without what differs between a document and who quotes it: spacing and typographic signs."""
    return _SPACES.sub(" ", text.translate(_SIGNS)).strip(" .,;:…").casefold()
