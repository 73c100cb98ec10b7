"""What the engine says about what was read, as types."""

from __future__ import annotations

import msgspec


class ReadPlace(msgspec.Struct, frozen=True):
    """Characters ``[start, end)`` of a document that a step read.

    Attributes:
        name: The document's short name; empty for the context of a child run.
        path: Where it is.
        lines: The first and the last, from 1; zeros if nobody knows.
        how: ``printed`` for the model that wrote the step, ``sent`` to a model, or only ``searched``.
        ambiguous: Whether the same text stands elsewhere too.
        state: ``changed``, ``missing`` or ``unreadable`` if the document is not what it was.
    """

    name: str
    path: str
    start: int
    end: int
    lines: tuple[int, int]
    how: str
    ambiguous: bool = False
    state: str = ""


class PlacesPage(msgspec.Struct, frozen=True):
    """Some of the ``total`` places a step read."""

    places: tuple[ReadPlace, ...]
    total: int


class DocumentShare(msgspec.Struct, frozen=True):
    """A document of a run: ``read`` of its ``characters``."""

    name: str
    path: str
    read: int
    characters: int


class Coverage(msgspec.Struct, frozen=True):
    """What models were shown of the documents of a run.

    Attributes:
        read: Characters of them all.
        characters: Of so many.
        exact: Whether these were counted; else bytes stand in for those of some documents.
        none: Documents no model was shown anything of.
        part: Documents of which a part was shown.
        whole: Documents that were shown whole.
        rows: Some of the documents asked for.
        total: How many these are.
    """

    read: int
    characters: int
    exact: bool
    none: int
    part: int
    whole: int
    rows: tuple[DocumentShare, ...]
    total: int

    @property
    def share(self) -> float:
        """What part of all characters was read, 0 to 1."""
        return min(1.0, self.read / self.characters) if self.characters else 0.0


class DiffLine(msgspec.Struct, frozen=True):
    """A line of a comparison of two prompts.

    ``same`` stands for ``count`` messages and ``fold`` for ``count`` lines that both have; ``added``, ``removed`` and
    ``changed`` head a message of ``role``; ``+``, ``-`` and a space are lines of it.
    """

    mark: str
    text: str = ""
    role: str = ""
    count: int = 0


class DiffPage(msgspec.Struct, frozen=True):
    """Some of the ``total`` lines of a comparison with the turn ``against``, which is 0 if there is none before."""

    against: int
    lines: tuple[DiffLine, ...]
    total: int
