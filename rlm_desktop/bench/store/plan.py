"""What ``bench store`` is asked to measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Part = Literal["record", "open", "live"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        parts: What, in this order.
        events: Of the long run.
        rate: Events a second that stream into the window.
        seconds: For how long.
    """

    parts: tuple[Part, ...] = PARTS
    events: int = 100_000
    rate: int = 2_000
    seconds: float = 30.0
