"""How an exploration ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rlm_desktop.engine.trail import Reading, Trail
from rlm_desktop.errors import UserError
from rlm_desktop.events import Range

NOT_FOUND = "The document does not say."
_QUOTED = re.compile(r"[\"“]([^\"“”]{12,600})[\"”]")
_SAYS_NOT_FOUND = re.compile(r"\W*NOT[ _]FOUND\W*")
LONGEST = 20_000
"""Characters of an answer; a model that submits the document itself gets its beginning."""


@dataclass(frozen=True)
class Quote:
    """Words an answer rests on, and where they were read, if that is known."""

    text: str
    near: Range | None = None


@dataclass(frozen=True)
class Outcome:
    """An answer, or that there is none.

    Attributes:
        status: ``limit`` and ``failed`` mark a partial answer.
        answer: Its text; empty if the exploration ended before there was any.
        quotes: Words of the documents it claims to rest on, to be verified.
        failure: Why it failed.
    """

    status: Literal["answered", "not_found", "limit", "failed"]
    answer: str
    quotes: tuple[Quote, ...] = ()
    failure: UserError | None = None


class Finished(Exception):  # noqa: N818 - control flow, not an error
    """The exploration has its answer."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.answer)
        self.outcome = outcome


def outcome_of(answer: str, trail: Trail) -> Outcome:
    """The outcome a model's final text stands for: ``NOT FOUND`` is an outcome of its own.

    The quotes are those in the text, then those of the readings whose answer the text repeats.
    """
    if _SAYS_NOT_FOUND.fullmatch(answer) or answer.strip() == NOT_FOUND:
        return not_found(trail)
    if len(answer) > LONGEST:
        answer = f"{answer[:LONGEST]}\n… ({len(answer) - LONGEST:,} more characters were submitted)"
    quotes = [Quote(found) for found in _QUOTED.findall(answer)]
    repeated = [reading for reading in trail.readings if reading.found and _repeats(answer, reading)]
    return Outcome("answered", answer.strip(), (*quotes, *map(quote_of, repeated)))


def quote_of(reading: Reading) -> Quote:
    """The quote of a reading, with the passage it stands in."""
    piece = reading.passage
    near = None if piece.document < 0 else Range(piece.document, piece.start, piece.end)
    return Quote(reading.quote, near)


def _repeats(answer: str, reading: Reading) -> bool:
    return reading.answer.strip(" .").lower() in answer.lower() or reading.quote in answer


def not_found(trail: Trail) -> Outcome:
    """The document does not say, and this is what was searched."""
    return Outcome("not_found", f"{NOT_FOUND} {trail.account()}".strip())
