"""A question as the person asks it, and what makes no sense in one."""

from __future__ import annotations

import math

import msgspec

from rlm_desktop.engine.strategies import AUTO, STRATEGIES
from rlm_desktop.errors import UsageError
from rlm_desktop.events import Limits

LONGEST_QUESTION = 20_000
"""Characters. A question stands in every prompt, in every list of runs and in each report."""
LARGEST, DEEPEST = 10**15, 100
"""Of any limit, and of the depth of child RLMs."""


class AskRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A question as the person asks it.

    Attributes:
        paths: Files and folders to explore; of a question that follows another, those that come to its documents.
        question: What to answer.
        model: The root model; empty for the default.
        sub_model: The model of sub-calls; empty for the root's.
        strategy: One of `STRATEGIES`, or ``auto``.
        limits: What the run may spend.
        follows: Run whose session the question goes on with; empty to begin a session.
        unconfined: Whether the person said yes, for this run, to code that nothing confines.
    """

    question: str
    paths: tuple[str, ...] = ()
    model: str = ""
    sub_model: str = ""
    strategy: str = AUTO
    limits: Limits = Limits()
    follows: str = ""
    unconfined: bool = False


def check_request(request: AskRequest) -> None:
    """Refuse what makes no sense.

    Raises:
        UsageError: Says what, and what would.
    """
    if not request.question.strip():
        raise UsageError("The question is empty.", "Ask something about the documents.")
    if len(request.question) > LONGEST_QUESTION:
        raise UsageError(
            f"The question has {len(request.question):,} characters, and may have {LONGEST_QUESTION:,}.",
            "Put what it is about into a file, and open that too.",
        )
    if not request.paths:
        raise UsageError("No document was named.", "Name a file or a folder to ask about.")
    if request.strategy not in {AUTO, *STRATEGIES}:
        raise UsageError(
            f"There is no strategy {request.strategy}.", f"Choose one of: {', '.join([AUTO, *STRATEGIES])}."
        )
    limits = request.limits
    amounts = {
        "turns": limits.turns,
        "sub-calls": limits.subcalls,
        "tokens": limits.tokens,
        "seconds": limits.seconds,
        "US dollars": limits.cost_usd,
    }
    for name, value in amounts.items():
        if value is None:
            continue
        if abs(value) > LARGEST:
            raise UsageError(f"A limit of so many {name} is none.", "Leave it out.")
        if math.isnan(value) or value < 0 or (value == 0 and name in {"turns", "seconds", "tokens"}):
            raise UsageError(f"A limit of {value:g} {name} leaves nothing to work with.")
    if not 0 <= limits.depth <= DEEPEST:
        raise UsageError(f"A depth of {limits.depth} makes no sense.", "Use 0 for no child RLMs.")
