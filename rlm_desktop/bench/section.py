"""What a bench yields: sections, each with its figures as data and as tables."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

Tell = Callable[[str], None]
"""Told what is being done, a line at a time."""


class Table(msgspec.Struct, frozen=True):
    """Figures in rows, as a terminal shows them.

    Attributes:
        title: What was measured.
        columns: Their headings; the first column is text, the others are numbers.
        rows: As many cells as there are columns.
        remarks: Sentences below.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()


class Section(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=str.lower):
    """One finished part of a bench; its fields are its JSON, where ``kind`` says which it is.

    Attributes:
        name: What was measured.
        failures: A sentence for each thing that could not be.
    """

    name: str
    failures: tuple[str, ...] = ()

    def tables(self) -> list[Table]:
        """The figures as tables; without any, what could not be measured."""
        return [Table(self.name, (), (), self.failures)]


class Note(Section, frozen=True):
    """Something to know about the figures, such as a peer that is not installed."""

    text: str

    def tables(self) -> list[Table]:
        """Its sentence."""
        return [Table("", (), (), (self.text,))]
