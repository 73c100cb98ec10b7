"""What a run may spend. Reserved before it is spent, so that a wide batch cannot overshoot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from rlm_desktop.events import LimitName, Limits, Usage
from rlm_desktop.models.prices import FREE, MILLION, Price

FINAL_SHARE = 0.2
"""Part of the tokens, seconds and money that exploring leaves for the one forced final turn."""
FINAL_TOKENS, FINAL_SECONDS = 2048, 20.0
"""Most that is set aside for it; in money, what so many tokens of a reply cost."""

REFUSED_SHOWN = 50
"""Sub-calls that a limit refused and that still get rows; a cell may ask for more in a loop, without end."""


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


@dataclass(frozen=True)
class Reservation:
    """What is set aside for one call.

    Attributes:
        prompt: Tokens of the prompt, at most.
        completion: Tokens the reply may have.
        price: What they cost.
    """

    prompt: int
    completion: int
    price: Price

    @property
    def tokens(self) -> int:
        """Tokens in all."""
        return self.prompt + self.completion

    @property
    def cost(self) -> float:
        """US dollars, if all of it is used."""
        return self.price.cost(Usage(self.prompt, self.completion))


class Budget:
    """Counts what one run spends against its limits.

    Exploring stops a little before the limits on tokens, seconds and money, so that the forced final
    turn (after `open_final`) fits below them too.

    Args:
        limits: The limits.
        clock: Seconds from any origin; a test passes its own.
        price: What the root model costs, which answers in the final turn.

    Attributes:
        spent: What the calls so far have used.
    """

    def __init__(
        self, limits: Limits, clock: Callable[[], float] = time.monotonic, *, price: Price = FREE
    ) -> None:
        self.limits = limits
        self.spent = Usage()
        self._clock = clock
        self._began = clock()
        self._price = price
        self._subcalls = 0
        self._running: list[Reservation] = []
        self._settled = asyncio.Event()
        self._final = False
        self._refused: LimitHit | None = None
        self._turned_away = 0

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
        return max(0.0, limit - self._kept(limit, FINAL_SECONDS) - self.seconds)

    @property
    def tokens_left(self) -> int | None:
        """Tokens that may still be spent, those reserved for running calls taken off."""
        limit = self.limits.tokens
        if limit is None:
            return None
        used = self.spent.prompt_tokens + self.spent.completion_tokens
        used += sum(call.tokens for call in self._running)
        return max(0, limit - int(self._kept(limit, FINAL_TOKENS)) - used)

    @property
    def money_left(self) -> float | None:
        """US dollars that may still be spent, those reserved for running calls taken off."""
        limit = self.limits.cost_usd
        if limit is None:
            return None
        kept = self._kept(limit, self._price.cost(Usage(completion_tokens=FINAL_TOKENS)))
        used = self.spent.cost_usd + sum(call.cost for call in self._running)
        return max(0.0, limit - kept - used)

    @property
    def subcalls_left(self) -> int | None:
        """Sub-calls that may still be dispatched; ``None`` without a limit."""
        return None if self.limits.subcalls is None else self.limits.subcalls - self._subcalls

    @property
    def refusal(self) -> str:
        """Why no more sub-calls are made, in a sentence; empty while they are."""
        return str(self._refused or "")

    def admit(self, calls: int) -> int:
        """How many of so many sub-calls get rows of their own: those that may be made, and some that may not."""
        left = 0 if self._refused else self.subcalls_left
        return calls if left is None else min(calls, left + max(0, REFUSED_SHOWN - self._turned_away))

    def open_final(self) -> None:
        """From here on what was kept for the final turn may be spent."""
        self._final = True

    def check(self) -> None:
        """Raise `LimitHit` when seconds, tokens or money have run out, or a call was refused."""
        if self._refused and not self._final:
            raise self._refused
        if self.limits.seconds is not None and self.seconds_left == 0:
            raise LimitHit("seconds", self.limits.seconds)
        if self._running:  # they may give something back
            return
        if self.limits.tokens is not None and self.tokens_left == 0:
            raise LimitHit("tokens", self.limits.tokens)
        if self.limits.cost_usd is not None and self.spent.cost_usd > 0 == self.money_left:
            raise LimitHit("cost", self.limits.cost_usd)

    def start_turn(self, number: int) -> None:
        """Raise `LimitHit` when an RLM's turn ``number`` (from 1) is one too many."""
        self.check()
        if self.limits.turns is not None and number > self.limits.turns:
            raise LimitHit("turns", self.limits.turns)

    def reserve_subcall(self) -> None:
        """Take one of the sub-calls that are left, or raise `LimitHit`."""
        try:
            self.check()
            if self.limits.subcalls is not None and self._subcalls >= self.limits.subcalls:
                raise self._refuse("subcalls", self.limits.subcalls)
        except LimitHit as limit:
            self._refused = limit
            self._turned_away += 1
            raise
        self._subcalls += 1

    async def reserve(self, prompt: int, completion: int, price: Price = FREE) -> Reservation:
        """Set tokens and money aside for a call.

        Waits for calls that run to give back what they do not use, if what is left would otherwise
        cut this one short.

        Args:
            prompt: Tokens of the prompt, at most.
            completion: Tokens the reply may have at most.
            price: What they cost.

        Returns:
            What was granted: the reply may have fewer tokens than asked for when little is left.

        Raises:
            LimitHit: Not even one token of a reply can be afforded.
        """
        while True:
            self.check()
            tokens, money = self._tokens_for(prompt, completion), self._money_for(prompt, completion, price)
            granted = min(completion, tokens, money)
            if granted == completion or not self._running:
                break
            self._settled.clear()
            await self._settled.wait()
        if granted <= 0:
            if tokens <= money:
                raise self._refuse("tokens", self.limits.tokens)
            raise self._refuse("cost", self.limits.cost_usd)
        reservation = Reservation(prompt, granted, price)
        self._running.append(reservation)
        return reservation

    def settle(self, reservation: Reservation, usage: Usage) -> None:
        """Replace a reservation by what the call really used."""
        self._running.remove(reservation)
        self.spent += usage
        self._settled.set()

    def _kept(self, limit: float, most: float) -> float:
        return 0.0 if self._final else min(most, limit * FINAL_SHARE)

    def _refuse(self, which: LimitName, value: float | None) -> LimitHit:
        self._refused = LimitHit(which, value or 0)
        return self._refused

    def _tokens_for(self, prompt: int, completion: int) -> int:
        """Tokens of a reply that the tokens left allow."""
        return completion if self.tokens_left is None else self.tokens_left - prompt

    def _money_for(self, prompt: int, completion: int, price: Price) -> int:
        """Tokens of a reply that the money left pays for."""
        if self.money_left is None:
            return completion
        rest = self.money_left - price.cost(Usage(prompt))
        if rest < 0:
            return 0
        return int(min(completion, rest * MILLION / price.completion)) if price.completion else completion
