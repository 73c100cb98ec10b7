"""From the quotes an answer claims to rest on to citations: where each stands, word for word."""

from __future__ import annotations

from rlm_desktop.engine.outcome import Outcome
from rlm_desktop.engine.run import Run
from rlm_desktop.events import Citation

MOST_CITATIONS = 8


async def cite(run: Run, outcome: Outcome) -> tuple[Citation, ...]:
    """The quotes of an outcome as citations, verified ones first, each place once.

    A quote that stands nowhere in the documents is kept, marked as not verified, so that nobody
    takes it for one.
    """
    if outcome.status == "not_found":
        return ()
    found: list[Citation] = []
    missing: list[Citation] = []
    for quote in outcome.quotes[:MOST_CITATIONS]:
        hints = (quote.near,) if quote.near else ()
        (place,) = await run.scan.locate(run.corpus, [quote.text], hints)
        if place is None or not place.verified:
            missing.append(Citation("", 0, 0, quote.text, verified=False))
            continue
        citation = Citation(place.path, place.start_line, place.end_line, place.text, verified=True)
        if citation not in found:
            found.append(citation)
    return (*found, *missing)
