"""What a run looked at on its way: the ground for its evidence and for "the document does not say"."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from rlm_desktop.events import Range


class Piece(msgspec.Struct, frozen=True):
    """A piece of text a cell hands to ``read``; the place is unknown when the cell cut it itself.

    Attributes:
        document: Index of the document, or -1.
        start: First character in the document.
        end: One past the last.
    """

    text: str
    name: str = ""
    document: int = -1
    start: int = 0
    end: int = 0
    start_line: int = 0
    end_line: int = 0

    @property
    def place(self) -> Range | None:
        """Where the cell says that it stands, unless it has cut it itself or changed its length."""
        known = self.document >= 0 and self.start >= 0 and len(self.text) == self.end - self.start
        return Range(self.document, self.start, self.end) if known else None

    @property
    def where(self) -> str:
        """``name:first-last`` for a label, or the piece's first words."""
        if self.name:
            return f"{self.name}:{self.start_line}-{self.end_line}"
        return " ".join(self.text[:120].split())[:60]


class Reading(msgspec.Struct, frozen=True):
    """What a passage says about a question.

    Attributes:
        found: Whether the passage answers it: the quote stands in it and the check agreed.
        answer: The answer from this passage alone.
        quote: The passage's own words it rests on.
        confidence: The model's probability of "yes" when checked, 0 to 1.
        passage: The passage.
        error: Why it could not be read.
    """

    found: bool
    answer: str
    quote: str
    confidence: float
    passage: Piece
    error: str = ""


@dataclass
class Trail:
    """Collects, in order, what was searched for and read.

    Attributes:
        searches: The queries and patterns.
        found: Score of each passage that a search gave, by its document and first character.
        readings: What the passages that were read say.
    """

    searches: list[str] = field(default_factory=list)
    found: dict[tuple[int, int], float] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)

    def search(self, query: str) -> None:
        """Remember a search, once."""
        if query not in self.searches:
            self.searches.append(query)

    def best(self) -> Reading | None:
        """The passage that answers the question most surely, if one does."""
        found = [reading for reading in self.readings if reading.found]
        return max(found, key=lambda reading: reading.confidence, default=None)

    def unread(self) -> list[Reading]:
        """The passages that could not be read."""
        return [reading for reading in self.readings if reading.error]

    def account(self) -> str:
        """One or two sentences of what was searched, for an answer that was not found."""
        parts = []
        if self.searches:
            shown = ", ".join(f"“{query}”" for query in self.searches[:6])
            more = f" and {len(self.searches) - 6} more" if len(self.searches) > 6 else ""
            parts.append(f"Searched for {shown}{more}.")
        if read := [reading.passage for reading in self.readings if not reading.error]:
            names = {passage.name for passage in read if passage.name}
            files = f" of {_counted(len(names), 'document')}" if names else ""
            passages = _counted(len({passage.where for passage in read}), "passage")
            parts.append(f"Read {passages}{files}; none answers the question.")
        if unread := {reading.passage.where for reading in self.unread()}:
            parts.append(f"{_counted(len(unread), 'passage')} could not be read.")
        return " ".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
