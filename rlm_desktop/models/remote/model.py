"""A model behind an OpenAI-compatible interface; see `rlm_desktop.models.base.Model`."""

from __future__ import annotations

import math

import msgspec

from rlm_desktop.events import Usage
from rlm_desktop.models.base import Completion, ModelError, OnDelta, PromptTooLong, Request
from rlm_desktop.models.prices import Price
from rlm_desktop.models.remote.endpoint import Endpoint
from rlm_desktop.models.remote.parameters import Asked, Parameters
from rlm_desktop.models.remote.reply import Reply, is_object
from rlm_desktop.models.remote.server import Complaint, Server
from rlm_desktop.models.remote.text import estimate_tokens, planned_tokens, prompt_tokens

PROBE = 16
"""Tokens up to which a reply is a probe; one that thinking used up says nothing, and must not count as "no"."""


class OpenAICompatible:
    """A model on a server.

    Args:
        name: How the person calls it.
        endpoint: Where it is.
        server: The connection.
        context_window: Tokens a prompt and its reply may have together.
        concurrency: Calls served together.
        price: What it costs; ``None`` when nobody knows.
    """

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        server: Server,
        *,
        context_window: int,
        concurrency: int,
        price: Price | None,
    ) -> None:
        self._name = name
        self._endpoint = endpoint
        self._server = server
        self._window = context_window
        self._concurrency = concurrency
        self._price = price
        self._parameters = Parameters(endpoint.model, endpoint.options)
        self._answers = False

    @property
    def name(self) -> str:
        """How the person calls it."""
        return self._name

    @property
    def sha256(self) -> str:
        """Nobody knows which file it is."""
        return ""

    @property
    def host(self) -> str:
        """The server's host; empty for this computer."""
        return "" if self._endpoint.loopback else self._endpoint.host

    @property
    def price(self) -> Price | None:
        """What it costs; ``None`` when nobody knows."""
        return self._price

    @property
    def context_window(self) -> int:
        """Tokens a prompt and its reply may have together; smaller once the server has said so."""
        return self._window

    @property
    def concurrency(self) -> int:
        """Calls served together."""
        return self._concurrency

    async def load(self) -> None:
        """See that the server answers and takes the key, unless it has.

        Raises:
            ModelError: It does not.
        """
        if not self._answers:
            await self._server.models()
            self._answers = True

    async def count_tokens(self, text: str) -> int:
        """Tokens of a text, an upper estimate; see `estimate_tokens`."""
        return estimate_tokens(text)

    async def complete(self, request: Request, on_delta: OnDelta | None = None) -> Completion:
        """Generate one reply; cancelling the task closes the connection, which stops the server.

        Raises:
            PromptTooLong: Before any token is spent, by our estimate or the server's word.
            ModelError: The call failed; the next one may work.
        """
        planned = planned_tokens(request.messages)
        if planned + request.max_tokens > self._window:
            raise PromptTooLong(planned, self._window, request.max_tokens)
        while True:
            asked = self._parameters.ask(request)
            try:
                return await self._exchange(asked, request, on_delta)
            except Complaint as complaint:
                if complaint.too_long:
                    raise self._too_long(complaint, request, planned) from None
                if not self._parameters.refused(asked, complaint.said):
                    raise complaint.failure from None

    async def close(self) -> None:
        """Close the connection."""
        await self._server.close()

    async def _exchange(self, asked: Asked, request: Request, on_delta: OnDelta | None) -> Completion:
        reply = Reply(request, self._server.key, on_delta)
        async with self._server.stream(asked.body) as answer:
            async for chunk in answer.chunks():
                reply.feed(chunk)
                if reply.enough:
                    break
            retries = answer.retries
        self._answers = True
        text = reply.finish()
        usage = self._usage(reply, request, text)
        self._parameters.thinks |= usage.reasoning_tokens > 0
        if not reply.reason and not reply.enough:
            raise self._server.failures.broken_off()
        if not text and reply.finish_reason == "error":
            raise ModelError(
                f"The provider of {self._name} withholds the reply.", "Ask otherwise.", begun=True
            )
        if (
            usage.reasoning_tokens
            and not text
            and request.max_tokens <= PROBE
            and "no thinking" in asked.ways
        ):
            raise ModelError(
                f"{self._name} thinks before it replies and has no token left for the reply.",
                "Choose a model that does not, or turn thinking off with `options` in models.toml.",
                begun=True,
            )
        if request.schema and text and not is_object(text):
            self._parameters.ignored_schema()
        return Completion(
            text=text,
            usage=self._price.charge(usage) if self._price else usage,
            finish_reason=reply.finish_reason,
            first_logprobs=reply.first_logprobs,
            retries=retries,
            thinking=reply.thinking,
        )

    def _usage(self, reply: Reply, request: Request, text: str) -> Usage:
        """What the server says was used, or an estimate.

        Thinking that it does not count has its share by length; where there is nothing else, it is all.
        """
        written = reply.thinking + text
        usage = reply.usage
        if usage is None:
            completion = min(request.max_tokens, estimate_tokens(written))
            usage = Usage(prompt_tokens(request.messages), completion, calls=1, estimated=True)
        hidden = not written.strip() and reply.finish_reason == "length"
        if usage.reasoning_tokens or not (reply.thinking or hidden):
            return usage
        share = 1.0 if hidden else len(reply.thinking) / len(written)
        tokens = math.ceil(max(1, usage.completion_tokens) * share)
        return msgspec.structs.replace(usage, reasoning_tokens=tokens)

    def _too_long(self, complaint: Complaint, request: Request, planned: int) -> PromptTooLong:
        """What the server said in our words; it may be the first to say how large the window is."""
        stated = complaint.too_long
        prompt = max(planned, stated.prompt_tokens if stated else 0)
        if stated and stated.window:
            self._window = min(self._window, stated.window)
        window = min(self._window, prompt + request.max_tokens - 1)
        return PromptTooLong(prompt, window, request.max_tokens)
