"""What the engine says about steps of a run that were looked for, as types."""

from __future__ import annotations

import msgspec

from rlm_desktop.events import Limits, Row


class FoundStep(msgspec.Struct, frozen=True):
    """A step that was found.

    Attributes:
        span: Its id.
        where: What of it has the words: ``label``, ``code``, ``output``, ``prompt``, ``thinking``, ``reply``,
            ``error`` or ``note``.
        path: Ids and positions of the rows above it and of itself, from the top.
    """

    span: int
    where: str
    path: tuple[tuple[int, int], ...]

    @property
    def spans(self) -> tuple[int, ...]:
        """The ids of the path."""
        return tuple(span for span, _ in self.path)


class FoundPage(msgspec.Struct, frozen=True):
    """Some of the ``total`` steps that were found, and all rows of their paths."""

    hits: tuple[FoundStep, ...]
    rows: tuple[Row, ...]
    total: int


class Asked(msgspec.Struct, frozen=True):
    """What was asked, and with which means."""

    question: str
    paths: tuple[str, ...]
    model: str
    sub_model: str
    strategy: str
    limits: Limits
    follows: str
