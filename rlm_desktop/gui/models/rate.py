"""How quickly something arrives, from how much has."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

SPAN = 10.0
"""Seconds the rate is an average of: wheels and servers come in bursts."""
_SHORTEST = 1.0


class Rate:
    """Bytes a second over the last `SPAN` seconds.

    Args:
        clock: Seconds from any origin.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, received: int) -> None:
        """So many bytes are there; fewer than before mean that it began anew."""
        now = self._clock()
        if self._seen and received < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, received))
        while len(self._seen) > 2 and now - self._seen[0][0] > SPAN:
            self._seen.popleft()

    @property
    def value(self) -> float:
        """Bytes a second; 0 until enough was seen."""
        if not self._seen:
            return 0.0
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - began) if ended - began >= _SHORTEST else 0.0

    def left(self, total: int) -> float:
        """Seconds until so many bytes are there; 0 while nobody can tell."""
        return max(0, total - self._seen[-1][1]) / self.value if self.value else 0.0
