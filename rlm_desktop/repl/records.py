"""The values a cell handles: passages of the documents, readings of them, and failed sub-calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Document:
    """One document of the context: its name and path, how many characters it has, its place in ``context``."""

    name: str
    path: str
    chars: int
    index: int


class CallFailed(str):
    """What a failed sub-call returns: a short text that says so.

    Attributes:
        error: Why it failed.
    """

    error: str
    __slots__ = ("error",)

    def __new__(cls, error: str) -> CallFailed:
        """The text of a failure with this reason."""
        failed = super().__new__(cls, f"[sub-call failed: {error}]")
        failed.error = error
        return failed


class Listing(str):
    """A text that is displayed as it is, not quoted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Passage(str):
    """A piece of a document: its text, and where it stands.

    Attributes:
        document: Place of its document in ``documents``; ``None`` for a piece of another text.
        name: Name of the document.
        start: First character, from 0.
        end: One past the last character.
        start_line: Line of the first character, from 1; 0 when unknown.
        end_line: Line of the last character.
        score: How well it fits what was looked for.
    """

    document: int | None
    name: str
    start: int
    end: int
    start_line: int
    end_line: int
    score: float
    __slots__ = ("document", "end", "end_line", "name", "score", "start", "start_line")

    def __new__(
        cls,
        text: str,
        *,
        document: int | None = None,
        name: str = "text",
        start: int = 0,
        end: int = -1,
        start_line: int = 0,
        end_line: int = 0,
        score: float = 0.0,
    ) -> Passage:
        """A piece of text; without ``end`` it has as many characters as the text."""
        passage = super().__new__(cls, text)
        passage.document, passage.name, passage.score = document, name, score
        passage.start, passage.end = start, end if end >= 0 else start + len(text)
        passage.start_line, passage.end_line = start_line, end_line
        return passage

    @property
    def text(self) -> str:
        """The text itself."""
        return str(self)

    @property
    def where(self) -> str:
        """``name:start_line-end_line``."""
        return f"{self.name}:{self.start_line}-{self.end_line}"

    def __repr__(self) -> str:
        return f"{self.where}\n{self}"

    @classmethod
    def from_wire(cls, fields: dict[str, Any]) -> Passage:
        """The passage the host described."""
        known = ("document", "name", "start", "end", "start_line", "end_line", "score")
        return cls(
            fields.get("text", ""), **{name: fields[name] for name in known if fields.get(name) is not None}
        )

    def to_wire(self) -> dict[str, Any]:
        """The passage as the host wants it; without a document only the text counts."""
        if self.document is None:
            return {"text": str(self)}
        return {
            "text": str(self),
            "document": self.document,
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "start_line": self.start_line,
            "end_line": self.end_line,
        }


class Listed(list[Any]):
    """A list displayed one item after the other, with an empty line between."""

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self)) if self else "[]"


@dataclass(frozen=True, repr=False)
class Reading:
    """What a model found in one passage.

    Attributes:
        found: Whether the passage answers the question; also the truth value of the reading.
        answer: The answer, empty if there is none.
        quote: The words of the passage it rests on.
        passage: The passage that was read.
        error: Why the reading failed, if it did.
    """

    found: bool
    answer: str
    quote: str
    passage: Passage
    error: str = ""

    @property
    def where(self) -> str:
        """``name:start_line-end_line`` of the passage."""
        return self.passage.where

    def __bool__(self) -> bool:
        return self.found

    def __str__(self) -> str:
        if self.error:
            return f"[sub-call failed: {self.error}]"
        return self.answer if self.found else ""

    def __repr__(self) -> str:
        if self.error:
            return f"{self.where} {self}"
        if not self.found:
            return f"{self.where} does not say"
        return f"{self.where} says: {self.answer}" + (f'\n  "{self.quote}"' if self.quote else "")

    @classmethod
    def from_wire(cls, fields: dict[str, Any], passage: Passage) -> Reading:
        """The reading the host described; the passage it names is more precise than the one sent."""
        described = fields.get("passage")
        return cls(
            found=bool(fields.get("found")),
            answer=str(fields.get("answer") or ""),
            quote=str(fields.get("quote") or ""),
            passage=Passage.from_wire({"text": str(passage), **described}) if described else passage,
            error=str(fields.get("error") or ""),
        )


def as_passages(given: str | Iterable[str]) -> list[Passage]:
    """Passages of what a cell calls passages: one text or many, found, cut or made up."""
    texts = [given] if isinstance(given, str) else list(given)
    return [text if isinstance(text, Passage) else Passage(str(text)) for text in texts]
