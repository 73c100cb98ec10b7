"""What the engine says of a question before it is asked, as types."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True):
    """From the least to the most that is to be expected."""

    low: float
    high: float


class Estimate(msgspec.Struct, frozen=True):
    """What a question will take.

    Attributes:
        strategy: The one it will be answered with.
        seconds: ``None`` when nobody can tell.
        cost_usd: ``None`` when nobody can tell; two zeros are free.
        basis: What it rests on: ``same`` (this question, asked before), ``runs``, ``speed``, ``price``, or empty.
        why: The same in one or two sentences.
    """

    strategy: str
    seconds: Span | None
    cost_usd: Span | None
    basis: str
    why: str


class PastQuestions(msgspec.Struct, frozen=True):
    """What was asked, each question once, the one asked last first."""

    questions: tuple[str, ...]
