"""What models cost: the prices a person states, or else those that `genai-prices` ships; never fetched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from rlm_desktop.events import Usage

if TYPE_CHECKING:
    from decimal import Decimal

    from genai_prices.types import ModelInfo, TieredPrices

MILLION = 1_000_000
LARGEST_WINDOW = 128_000
"""Tokens of a remote model's window that are used unless the person states more: a full one is paid every turn."""
Dollars = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """US dollars for a million tokens, as providers quote it.

    Attributes:
        prompt: Of the prompt.
        completion: Of the reply, thinking included.
        reused: Of a prompt that the provider had kept from an earlier call; ``None`` is the same as any other.
    """

    prompt: Dollars = 0.0
    completion: Dollars = 0.0
    reused: Dollars | None = None

    def cost(self, usage: Usage) -> float:
        """US dollars of these tokens."""
        reused = self.prompt if self.reused is None else self.reused
        fresh = usage.prompt_tokens - usage.reused_tokens
        paid = fresh * self.prompt + usage.reused_tokens * reused + usage.completion_tokens * self.completion
        return paid / MILLION

    def charge(self, usage: Usage) -> Usage:
        """The usage with its cost filled in."""
        return msgspec.structs.replace(usage, cost_usd=self.cost(usage))

    def __str__(self) -> str:
        if not (self.prompt or self.completion):
            return "free"
        return f"${self.prompt:g} prompt, ${self.completion:g} reply for a million tokens"


FREE = Price()
"""What a model on this computer costs."""


class Known(msgspec.Struct, frozen=True):
    """What the shipped list says of a model; ``context_window`` is 0 when it does not say.

    A price is ``None`` when the model is not listed.
    """

    price: Price | None = None
    context_window: int = 0


def look_up(base_url: str, model: str, window: int) -> Known:
    """What `genai-prices` knows of a model, from the list that came with the package.

    Args:
        base_url: Where the provider is reached, which tells who it is.
        model: Its name there.
        window: Most tokens a prompt may have; where long prompts cost more, the price is that of the longest.
    """
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, found = get_snapshot().find_provider_model(model, None, None, base_url)
    except LookupError:
        return Known()
    return Known(_price(found, window), found.context_window or 0)


def _price(model: ModelInfo, window: int) -> Price | None:
    listed = model.get_prices(datetime.now(tz=UTC))
    prompt, completion = _at(listed.input_mtok, window), _at(listed.output_mtok, window)
    if prompt is None or completion is None:
        return None
    return Price(prompt, completion, _at(listed.cache_read_mtok, window))


def _at(price: Decimal | TieredPrices | None, window: int) -> float | None:
    from genai_prices.types import TieredPrices

    if isinstance(price, TieredPrices):
        reached = [tier.price for tier in price.tiers if tier.start < window]
        price = max([price.base, *reached])
    return None if price is None else float(price)
