"""The scripted model: replies from a file, for tests, demonstrations and bug reports.

A script is JSON: ``{"root": REPLIES, "child": REPLIES, "sub": REPLIES}``. REPLIES is a list consumed in
dispatch order whose last reply repeats, or a map ``{"regex on the prompt": reply}`` where the first
match wins and no match is an error. A reply is a text, or an object with the fields of `Reply`.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import msgspec

from rlm_desktop.errors import UserError
from rlm_desktop.events import FinishReason, Usage
from rlm_desktop.models.base import Completion, ModelDied, ModelError, OnDelta, PromptTooLong, Request
from rlm_desktop.models.catalogue import THINKING, Asking, Dialect, Preference, Profile
from rlm_desktop.models.prices import FREE, Price

CHARACTERS_PER_TOKEN = 4
_DELTAS = 4


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reply of a script.

    Attributes:
        text: What the model says.
        thinking: What it thinks before it says so, in requests that allow it.
        usage: What it cost; estimated from the text when absent.
        finish_reason: How it ended.
        error: Fail with this message instead of replying.
        crash: Fail, after the text, as if the worker process had died.
        delay: Seconds before the reply begins.
        logprobs: Natural-log probability of the first token's alternatives.
    """

    text: str = ""
    thinking: str = ""
    usage: Usage | None = None
    finish_reason: FinishReason = "stop"
    error: str = ""
    crash: bool = False
    delay: float = 0.0
    logprobs: dict[str, float] = {}


Replies = list[str | Reply] | dict[str, str | Reply]


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole script: replies by role of the request, and the profile and price it pretends to have."""

    root: Replies = []
    child: Replies = []
    sub: Replies = []
    context_window: int = 32_768
    concurrency: int = 8
    dialect: Dialect = "rlm-v1"
    strategy: Preference = "rlm"
    thinking: tuple[Asking, ...] = THINKING
    price: Price | None = FREE

    @property
    def profile(self) -> Profile:
        """The profile it pretends to have."""
        return Profile(
            context_window=self.context_window,
            concurrency=self.concurrency,
            dialect=self.dialect,
            strategy=self.strategy,
            thinking=self.thinking,
        )


def read_script(path: Path) -> Script:
    """Read and check a script.

    Raises:
        UserError: It cannot be read or is not a script; names the file and what is wrong.
    """
    try:
        script = msgspec.json.decode(path.read_bytes(), type=Script)
    except OSError as error:
        raise UserError(f"The script {path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"The script {path} is wrong: {error}.", "Correct it and try again.") from error
    for role in ("root", "child", "sub"):
        replies: Replies = getattr(script, role)
        for pattern in replies if isinstance(replies, dict) else ():
            try:
                re.compile(pattern)
            except re.error as error:
                raise UserError(
                    f"The script {path} is wrong: {pattern!r} under {role!r} is no regular expression ({error})."
                ) from error
    return script


class ScriptedModel:
    """A model that replies what its script says; one instance serves one run.

    Args:
        script: What it replies.
        name: How the person calls it.
    """

    def __init__(self, script: Script, name: str) -> None:
        self._script = script
        self._name = name
        self._crashes = 0
        self._next = {"root": 0, "child": 0, "sub": 0}

    @property
    def name(self) -> str:
        """``script:FILE``."""
        return self._name

    @property
    def sha256(self) -> str:
        """A script has no weights to name."""
        return ""

    @property
    def host(self) -> str:
        """It runs on this computer."""
        return ""

    @property
    def price(self) -> Price | None:
        """What the script pretends to cost; nothing unless it says so."""
        return self._script.price

    @property
    def context_window(self) -> int:
        """What the script pretends to hold."""
        return self._script.context_window

    @property
    def concurrency(self) -> int:
        """Calls the script pretends to serve together."""
        return self._script.concurrency

    async def load(self) -> None:
        """Nothing to load."""

    async def count_tokens(self, text: str) -> int:
        """A quarter of the characters, rounded up."""
        return estimate_tokens(text)

    async def complete(self, request: Request, on_delta: OnDelta | None = None) -> Completion:
        """Reply what the script says.

        Raises:
            PromptTooLong: The estimated tokens do not fit the pretended window.
            ModelError: The script says so, or says nothing about this prompt.
        """
        prompt = "\n".join(message.content for message in request.messages)
        prompt_tokens = estimate_tokens(prompt)
        if prompt_tokens + request.max_tokens > self.context_window:
            raise PromptTooLong(prompt_tokens, self.context_window, request.max_tokens)
        reply = self._take(request.role, prompt)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.crash:
            await _stream(reply.text, on_delta)
            self._crashes += 1
            raise ModelDied("the script says so", self._crashes, advice="Choose another script.")
        if reply.error:
            raise ModelError(reply.error)
        thinking = reply.thinking if request.may_think else ""
        await _stream(reply.text, on_delta)
        thought = estimate_tokens(thinking)
        usage = reply.usage or Usage(
            prompt_tokens,
            thought + estimate_tokens(reply.text),
            reasoning_tokens=thought,
            calls=1,
            estimated=True,
        )
        if not usage.calls:
            usage += Usage(calls=1)
        return Completion(
            text=reply.text,
            usage=self.price.charge(usage) if self.price and not usage.cost_usd else usage,
            finish_reason=reply.finish_reason,
            first_logprobs=reply.logprobs,
            thinking=thinking,
        )

    async def close(self) -> None:
        """Nothing to free."""

    def _take(self, role: str, prompt: str) -> Reply:
        role = role if role in self._next else "sub"
        replies: Replies = getattr(self._script, role)
        if isinstance(replies, dict):
            for pattern, reply in replies.items():
                if re.search(pattern, prompt):
                    return _reply(reply)
            raise ModelError(f"The script {self.name} has no reply under {role!r} that matches this prompt.")
        if not replies:
            raise ModelError(f"The script {self.name} has no replies under {role!r}.")
        index = self._next[role]
        self._next[role] = min(index + 1, len(replies) - 1)
        return _reply(replies[index])


def estimate_tokens(text: str) -> int:
    """Tokens a text has by rule of thumb: one for four characters, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def _reply(reply: str | Reply) -> Reply:
    return Reply(text=reply) if isinstance(reply, str) else reply


async def _stream(text: str, on_delta: OnDelta | None) -> None:
    size = max(1, -(-len(text) // _DELTAS))
    for start in range(0, len(text), size):
        await asyncio.sleep(0)
        if on_delta:
            on_delta(text[start : start + size])
