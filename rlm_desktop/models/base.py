"""What every model backend satisfies: a small Protocol and the data it exchanges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from rlm_desktop.errors import UserError
from rlm_desktop.events import FinishReason, Role, Usage
from rlm_desktop.models.prices import Price


class Message(msgspec.Struct, frozen=True):
    """One chat message."""

    role: Role
    content: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One completion to generate.

    Attributes:
        messages: The conversation; backends apply the model's own chat template.
        role: Which of the run's models asks (``root`` conversations keep their cached prefix longest,
            ``child`` is a child RLM's own conversation).
        max_tokens: Most tokens to generate.
        temperature: 0 is greedy.
        top_p: Nucleus sampling threshold.
        seed: Makes sampling repeatable where the backend can.
        stop: Texts at which generation ends; they are not part of the reply.
        schema: JSON schema the reply must satisfy, or ``None``.
        top_logprobs: How many alternatives of the first token to report (at most 20), 0 for none.
        conversation: Key of a growing conversation whose prefix is worth keeping, or empty.
        thinking: Whether a model that can think before it replies may do so.
        min_tokens: Tokens before which the reply does not end by itself.
        reusable: Characters of the last message, from its beginning, with which other requests will begin
            too; the state of the model after them is kept, also over a restart. 0 for none.
    """

    messages: tuple[Message, ...]
    role: str = "sub"
    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None
    top_logprobs: int = 0
    conversation: str = ""
    thinking: bool = True
    min_tokens: int = 0
    reusable: int = 0

    @property
    def may_think(self) -> bool:
        """Whether a thought may come before the reply: never where its first token is what is asked for."""
        return self.thinking and self.schema is None and not self.top_logprobs


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """What the model replied.

    Attributes:
        text: The reply without stop texts and special tokens; may be empty.
        usage: Tokens and cost of this call (``calls`` is 1).
        finish_reason: ``length`` means the tokens ran out before the reply ended.
        first_logprobs: Natural-log probability by text of the first token's alternatives.
        retries: How many times it was asked again before it replied.
        thinking: What it thought before the reply; no part of ``text``.
    """

    text: str
    usage: Usage
    finish_reason: FinishReason = "stop"
    first_logprobs: dict[str, float] = {}
    retries: int = 0
    thinking: str = ""

    @property
    def exhausted(self) -> bool:
        """Whether thinking used up all its tokens, so that there is no reply."""
        thought = bool(self.thinking or self.usage.reasoning_tokens)
        return thought and self.finish_reason == "length" and not self.text.strip()


class ModelError(UserError):
    """A call failed: the worker died, the server refused, the reply was nonsense.

    Args:
        message: One sentence that names the culprit.
        hint: One sentence that says what to do.
        begun: Whether the model had begun to work on it, so that a provider may charge for it.
    """

    def __init__(self, message: str, hint: str = "", *, begun: bool = False) -> None:
        super().__init__(message, hint)
        self.begun = begun


class ModelDied(ModelError):  # noqa: N818 - says what happened
    """The process that a model runs in is gone, and all calls with it; the next call starts another.

    Args:
        how: How it ended, to stand in brackets: ``SIGKILL, often because memory ran out``.
        life: Which process it was: calls that name the same one died one death.
        said: Its last words, if it said any.
        advice: What to do if it dies again.
    """

    def __init__(self, how: str, life: int, *, said: str = "", advice: str = "") -> None:
        words = f" Its last words: {said}" if said else ""
        super().__init__(f"The model's worker died ({how}).{words}", "Ask again: it is started anew.")
        self.how = how
        self.life = life
        self.said = said
        self.advice = advice


class PromptTooLong(ModelError):  # noqa: N818 - names what is wrong with the prompt
    """The prompt does not fit the context window; raised before any token is spent.

    Args:
        prompt_tokens: Tokens of the prompt.
        window: Tokens the context window holds, those to be generated included.
    """

    def __init__(self, prompt_tokens: int, window: int, max_tokens: int = 0) -> None:
        room = f" of which {max_tokens:,} are kept for the reply" if max_tokens else ""
        super().__init__(
            f"The prompt has {prompt_tokens:,} tokens and the model's window holds {window:,}{room}.",
            "Send a shorter piece.",
        )
        self.prompt_tokens = prompt_tokens
        self.window = window


OnDelta = Callable[[str], None]
"""Receives each piece of generated text on the event loop's thread, as it comes."""


class Model(Protocol):
    """A model that completes conversations. Cancel a call by cancelling the task that awaits it."""

    @property
    def name(self) -> str:
        """How the person calls it."""
        ...

    @property
    def sha256(self) -> str:
        """Hash of its file; empty for a remote model."""
        ...

    @property
    def host(self) -> str:
        """The host it runs on; empty for this computer."""
        ...

    @property
    def price(self) -> Price | None:
        """What it costs; ``None`` when nobody knows."""
        ...

    @property
    def context_window(self) -> int:
        """Tokens a prompt and its reply may have together."""
        ...

    @property
    def concurrency(self) -> int:
        """How many calls it serves at the same time; more are queued by the caller."""
        ...

    async def load(self) -> None:
        """Make it ready, so that the first call is not the slow one; raises `ModelError`."""
        ...

    async def count_tokens(self, text: str) -> int:
        """Tokens of a plain text (an upper estimate where the backend cannot tell)."""
        ...

    async def complete(self, request: Request, on_delta: OnDelta | None = None) -> Completion:
        """Generate one reply.

        Raises:
            PromptTooLong: Before any token is spent.
            ModelError: The call failed; the next one may work.
        """
        ...

    async def close(self) -> None:
        """Free everything; running calls are cancelled."""
        ...
