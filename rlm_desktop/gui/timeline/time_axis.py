"""The ticks of a time axis: round moments, as many as there is room for, and how they read."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rlm_desktop.gui.look.format import THIN

_SECOND = 1_000_000
_STEPS = (
    *(factor * 10**power for power in range(6) for factor in (1, 2, 5)),
    *(seconds * _SECOND for seconds in (1, 2, 5, 10, 20, 30)),
    *(minutes * 60 * _SECOND for minutes in (1, 2, 5, 10, 20, 30)),
    *(hours * 3_600 * _SECOND for hours in (1, 2, 6, 12, 24, 48, 120, 240)),
)
"""Microseconds from one tick to the next that people count in."""


@dataclass(frozen=True)
class Tick:
    """A moment in microseconds, and its name."""

    time: int
    text: str


def ticks(left: float, right: float, most: int) -> list[Tick]:
    """Round moments from ``left`` to ``right``, in microseconds, no more than ``most`` of them and the first."""
    shortest = (right - left) / max(1, most)
    step = next((step for step in _STEPS if step >= shortest), _STEPS[-1] * math.ceil(shortest / _STEPS[-1]))
    first = math.ceil(max(0.0, left) / step)
    return [
        Tick(number * step, words(number * step, step)) for number in range(first, int(right // step) + 1)
    ]


def words(time: float, step: int = 100_000) -> str:
    """A moment or a duration as exactly as the step asks for: ``0 s``, ``10 s``, ``1 min``, ``1 min 30 s``, ``2.5 ms``."""
    if not round(time / step):
        return f"0{THIN}s"
    if time < _SECOND and step < _SECOND // 10:
        return f"{_decimals(time / 1_000, step / 1_000)}{THIN}ms"
    if time < 60 * _SECOND:
        return f"{_decimals(time / _SECOND, step / _SECOND)}{THIN}s"
    whole, fraction = divmod(round(time / step) * step, _SECOND)
    minutes, seconds = divmod(int(whole), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}{THIN}h"] if hours else []
    parts += [f"{minutes}{THIN}min"] if minutes or not hours else []
    if seconds or fraction:
        parts.append(f"{_decimals(seconds + fraction / _SECOND, step / _SECOND)}{THIN}s")
    return " ".join(parts)


def _decimals(value: float, step: float) -> str:
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{places}f}"
