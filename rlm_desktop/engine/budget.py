"""What a run may spend. Reserved before it is spent, so that a wide batch cannot overshoot."""

from __future__ import annotations

import time
from collections.abc import Callable

from rlm_desktop.events import LimitName, Limits, Usage

FINAL_SHARE = 0.2
"""Part of the tokens and seconds that exploring leaves for the one forced final turn."""
FINAL_TOKENS, FINAL_SECONDS = 2048, 20.0
"""Most that is set aside for it."""


class LimitHit(Exception):  # noqa: N818 - control flow, not an error
    """A limit stops the exploration; the best partial answer follows.

    Args:
        which: The limit.
        value: What it was set to, in its own unit (turns, calls, tokens, seconds, US dollars).
    """

    def __init__(self, which: LimitName, value: float) -> None:
        super().__init__(f"The limit of {value:g} {_UNITS.get(which, which)} is reached.")
        self.which = which
        self.value = value


_UNITS = {"subcalls": "sub-calls", "cost": "US dollars"}


class Budget:
    """Counts what one run spends against its limits.

    Exploring stops a little before the limits on tokens and seconds, so that the forced final turn
    (after `open_final`) fits below them too.

    Args:
        limits: The limits.
        clock: Seconds from any origin; a test passes its own.

    Attributes:
        spent: What the calls so far have used.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.spent = Usage()
        self._clock = clock
        self._began = clock()
        self._subcalls = 0
        self._reserved_tokens = 0
        self._final = False
        self._refused: LimitHit | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._began

    @property
    def seconds_left(self) -> float | None:
        """Seconds that may still pass; ``None`` without a limit."""
        limit = self.limits.seconds
        if limit is None:
            return None
        kept = 0.0 if self._final else min(FINAL_SECONDS, limit * FINAL_SHARE)
        return max(0.0, limit - kept - self.seconds)

    @property
    def tokens_left(self) -> int | None:
        """Tokens that may still be spent, those reserved for running calls taken off."""
        limit = self.limits.tokens
        if limit is None:
            return None
        kept = 0 if self._final else min(FINAL_TOKENS, int(limit * FINAL_SHARE))
        used = self.spent.prompt_tokens + self.spent.completion_tokens + self._reserved_tokens
        return max(0, limit - kept - used)

    @property
    def subcalls_left(self) -> int | None:
        """Sub-calls that may still be dispatched; ``None`` without a limit."""
        return None if self.limits.subcalls is None else self.limits.subcalls - self._subcalls

    def open_final(self) -> None:
        """From here on the tokens and seconds kept for the final turn may be spent."""
        self._final = True

    def check(self) -> None:
        """Raise `LimitHit` when seconds, tokens or money have run out, or a sub-call was refused."""
        if self._refused and not self._final:
            raise self._refused
        if self.limits.seconds is not None and self.seconds_left == 0:
            raise LimitHit("seconds", self.limits.seconds)
        if self.limits.tokens is not None and self.tokens_left == 0:
            raise LimitHit("tokens", self.limits.tokens)
        if self.limits.cost_usd is not None and 0 < self.spent.cost_usd >= self.limits.cost_usd:
            raise LimitHit("cost", self.limits.cost_usd)

    def start_turn(self, number: int) -> None:
        """Raise `LimitHit` when an RLM's turn ``number`` (from 1) is one too many."""
        self.check()
        if self.limits.turns is not None and number > self.limits.turns:
            raise LimitHit("turns", self.limits.turns)

    def reserve_subcall(self) -> None:
        """Take one of the sub-calls that are left, or raise `LimitHit`."""
        self.check()
        if self.limits.subcalls is not None and self._subcalls >= self.limits.subcalls:
            self._refused = LimitHit("subcalls", self.limits.subcalls)
            raise self._refused
        self._subcalls += 1

    def reserve_tokens(self, prompt: int, completion: int) -> int:
        """Set tokens aside for a call.

        Args:
            prompt: Tokens of the prompt.
            completion: Tokens the reply may have at most.

        Returns:
            Tokens the reply may have, which is less than asked for when little is left.
        """
        self.check()
        granted = completion
        if self.limits.tokens is not None and self.tokens_left is not None:
            granted = min(completion, self.tokens_left - prompt)
            if granted <= 0:
                raise LimitHit("tokens", self.limits.tokens)
        self._reserved_tokens += prompt + granted
        return granted

    def settle(self, prompt: int, granted: int, usage: Usage) -> None:
        """Replace a reservation by what the call really used (nothing, if it failed)."""
        self._reserved_tokens -= prompt + granted
        self.spent += usage
