"""How long a busy worker may say nothing before it counts as hung."""

from __future__ import annotations

PATIENCE = 120.0
"""Seconds of silence that any worker is granted; it says something every second unless one step takes longer."""
SLOWER = 10
"""How many times longer than the longest silence so far the next may last."""
SLOWEST_DISK = 20_000_000
"""Bytes a second: the weights are read from the disk when llama.cpp first uses them, within one silent step."""


class Silence:
    """Counts the seconds a worker has been silent.

    They are counted tick by tick as the listener lives through them, and not by a clock: a computer that was
    asleep, or a listener that was stopped, must not take its own absence for the worker's.

    Args:
        patience: Seconds any silence may last.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.seconds = 0.0
        self._patience = patience
        self._longest = 0.0

    @property
    def patience(self) -> float:
        """Seconds this silence may last: a worker that was slow before is slow, not dead."""
        return max(self._patience, SLOWER * self._longest)

    @property
    def too_long(self) -> bool:
        """Whether the worker hangs."""
        return self.seconds > self.patience

    def allow_for(self, weights: int) -> None:
        """Grant the time in which a slow disk gives so many bytes of weights."""
        self._patience = max(self._patience, weights / SLOWEST_DISK)

    def last(self, seconds: float) -> None:
        """It went on for so long."""
        self.seconds += seconds

    def end(self) -> None:
        """The worker said something, or has nothing to do."""
        self._longest = max(self._longest, self.seconds)
        self.seconds = 0.0
