"""What an OpenAI-compatible server sends, as types; anything else it sends is nonsense and said to be."""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec

from rlm_desktop.events import Usage

Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class Alternative(msgspec.Struct, frozen=True):
    """A token that could have been chosen, and its natural-log probability."""

    token: str
    logprob: float


class TokenLogprobs(msgspec.Struct, frozen=True):
    """The alternatives of one token."""

    top_logprobs: tuple[Alternative, ...] = ()


class Logprobs(msgspec.Struct, frozen=True):
    """The alternatives of each token of a piece."""

    content: tuple[TokenLogprobs, ...] | None = None

    @property
    def first(self) -> dict[str, float]:
        """Those of the first token."""
        alternatives = self.content[0].top_logprobs if self.content else ()
        return {a.token: min(0.0, a.logprob) for a in alternatives if math.isfinite(a.logprob)}


class Part(msgspec.Struct, frozen=True):
    """A part of a text that some servers send in parts; a thought may be in parts again (Mistral)."""

    type: str = "text"
    text: str = ""
    thinking: Any = None

    @property
    def thought(self) -> str:
        """The thought, if it is one."""
        parts = self.thinking if isinstance(self.thinking, list) else [self.thinking]
        texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
        return "".join(text for text in texts if isinstance(text, str))


class Content(msgspec.Struct, frozen=True):
    """A piece of a reply, or the whole.

    Servers that split thinking off call it ``reasoning_content`` (DeepSeek, llama-server, LM Studio), ``reasoning``
    (Ollama, OpenRouter) or either (vLLM).
    """

    content: str | tuple[Part, ...] | None = None
    refusal: str | None = None
    reasoning_content: Any = None
    reasoning: Any = None

    @property
    def thought(self) -> str:
        """What of it was thought."""
        if isinstance(self.content, tuple) and (parts := "".join(part.thought for part in self.content)):
            return parts
        stated = (self.reasoning_content, self.reasoning)
        return next((text for text in stated if text and isinstance(text, str)), "")

    @property
    def text(self) -> str:
        """The text; a model that declines says why."""
        if isinstance(self.content, tuple):
            return "".join(part.text for part in self.content if part.type == "text")
        return self.content or self.refusal or ""


class Choice(msgspec.Struct, frozen=True):
    """A reply or a piece of one: ``delta`` in a stream, ``message`` from a server that does not stream."""

    delta: Content | None = None
    message: Content | None = None
    finish_reason: str | None = None
    logprobs: Logprobs | None = None

    @property
    def text(self) -> str:
        """What it adds to the reply."""
        said = self.delta or self.message
        return said.text if said else ""

    @property
    def thought(self) -> str:
        """What it adds to the thought before the reply."""
        said = self.delta or self.message
        return said.thought if said else ""


class Chunk(msgspec.Struct, frozen=True):
    """One object of a stream, or the whole completion."""

    choices: tuple[Choice, ...] | None = None
    usage: Any = None
    error: Any = None


class _Cached(msgspec.Struct, frozen=True):
    cached_tokens: Count | None = 0


class _Reasoning(msgspec.Struct, frozen=True):
    reasoning_tokens: Count | None = 0


class _TokenCounts(msgspec.Struct, frozen=True):
    prompt_tokens: Count
    completion_tokens: Count = 0
    prompt_tokens_details: _Cached | None = None
    completion_tokens_details: _Reasoning | None = None


class Offer(msgspec.Struct, frozen=True):
    """A model that a server lists, with its window where the server tells (vLLM, OpenRouter)."""

    id: str
    max_model_len: Count | None = None
    context_length: Count | None = None
    context_window: Count | None = None

    @property
    def window(self) -> int:
        """Tokens of its window; 0 when unknown."""
        return self.max_model_len or self.context_length or self.context_window or 0


class Offers(msgspec.Struct, frozen=True):
    """The models a server lists."""

    data: tuple[Offer, ...]


def usage_of(stated: object) -> Usage | None:
    """The usage a server states; ``None`` when it states none that makes sense."""
    try:
        counts = msgspec.convert(stated, _TokenCounts)
    except msgspec.ValidationError:
        return None
    cached, reasoning = counts.prompt_tokens_details, counts.completion_tokens_details
    return Usage(
        prompt_tokens=counts.prompt_tokens,
        completion_tokens=counts.completion_tokens,
        reused_tokens=min(counts.prompt_tokens, (cached and cached.cached_tokens) or 0),
        reasoning_tokens=(reasoning and reasoning.reasoning_tokens) or 0,
        calls=1,
    )
