"""An estimate in a few words: no more exact than it is."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.format import THIN
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.wire.ask import Estimate, Span

NARROW = 1.6
"""How many times the most may be the least for one figure to stand for both."""
_STEPS = ((10.0, 1.0), (30.0, 5.0), (60.0, 10.0), (300.0, 30.0), (1800.0, 60.0), (7200.0, 600.0))
"""Up to so many seconds, rounded to so many."""


def in_words(estimate: Estimate) -> str:
    """``~40 s · free``, ``30 s to 2 min · $0.003 to $0.01``, or that there are no figures."""
    if estimate.seconds is None and not (estimate.cost_usd and estimate.cost_usd.high):
        return tr("no figures yet for this model")
    return f"{_time(estimate.seconds)} · {_cost(estimate.cost_usd)}"


def exactly(estimate: Estimate) -> str:
    """The figures as they were reckoned, and how they were come by."""
    lines = [estimate.why]
    if estimate.seconds is not None:
        lines.append(
            tr("Seconds: {low} to {high}").format(
                low=f"{estimate.seconds.low:,.1f}", high=f"{estimate.seconds.high:,.1f}"
            )
        )
    if estimate.cost_usd is not None and estimate.cost_usd.high:
        lines.append(
            tr("US dollars: {low} to {high}").format(
                low=f"{estimate.cost_usd.low:,.5f}", high=f"{estimate.cost_usd.high:,.5f}"
            )
        )
    lines.append(tr("Way: {strategy}").format(strategy=estimate.strategy))
    return "\n".join(lines)


def _time(seconds: Span | None) -> str:
    if seconds is None:
        return tr("time not known yet")
    return _range(seconds, duration)


def _cost(cost: Span | None) -> str:
    if cost is None:
        return tr("price not known")
    return _range(cost, dollars) if cost.high else tr("free")


def _range(span: Span, word: Callable[[float], str]) -> str:
    low, high = word(span.low), word(span.high)
    if low == high:
        return f"~{low}"
    if span.low > 0 and span.high <= NARROW * span.low:
        return f"~{word(sqrt(span.low * span.high))}"
    return tr("{low} to {high}").format(low=low, high=high)


def duration(value: float) -> str:
    """Seconds, rounded as coarsely as they are known: ``4 s``, ``40 s``, ``2 min``, ``1.5 h``."""
    if value < 1:
        return f"1{THIN}s"
    step = next((step for most, step in _STEPS if value < most), 1800.0)
    rounded = max(step, round(value / step) * step)
    if rounded < 60:
        return f"{rounded:.0f}{THIN}s"
    if rounded < 3600:
        return f"{rounded / 60:.1f}".removesuffix(".0") + f"{THIN}min"
    return f"{rounded / 3600:.1f}".removesuffix(".0") + f"{THIN}h"


def dollars(value: float) -> str:
    """US dollars to one significant figure, two from ten on: ``$0.003``, ``$0.2``, ``$15``."""
    if value < 0.0001:
        return numbers.cost(0.00001)
    return f"${float(f'{value:.1g}' if value < 10 else f'{value:.2g}'):,.10g}"
