"""How quick a model is, and what the time goes into."""

from __future__ import annotations

import time

from rlm_desktop.models.notices import Speed

_MEMORY = 0.95
"""How much of the past each further step keeps in the running speed."""


class Speedometer:
    """Tokens a second over all requests together, the last steps counting most, and what comes on top of them."""

    def __init__(self) -> None:
        self._tokens = {True: 0.0, False: 0.0}
        self._seconds = {True: 0.0, False: 0.0}
        self._computing = self._busy = self._since = 0.0

    def begin(self) -> None:
        """A step begins; the time since the one before counts too, if there was work."""
        self._since = self._since or time.perf_counter()

    def note(self, *, prefill: bool, tokens: int, seconds: float) -> None:
        """A step was computed; one with prompt tokens counts as prefill whole."""
        self._tokens[prefill] = self._tokens[prefill] * _MEMORY + tokens
        self._seconds[prefill] = self._seconds[prefill] * _MEMORY + seconds
        self._computing += seconds

    def end(self, *, more: bool) -> None:
        """A step ends."""
        now = time.perf_counter()
        self._busy += now - self._since
        self._since = now if more else 0.0

    @property
    def speed(self) -> Speed:
        """The speeds now."""
        prompt, completion = (
            self._tokens[k] / self._seconds[k] if self._seconds[k] else 0.0 for k in (True, False)
        )
        busy = self._busy + (time.perf_counter() - self._since if self._since else 0.0)
        return Speed(prompt, completion, max(0.0, 1 - self._computing / busy) if busy else 0.0)
