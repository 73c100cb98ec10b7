"""A reply put together from the pieces of a stream."""

from __future__ import annotations

import json

from rlm_desktop.events import FinishReason, Usage
from rlm_desktop.models.base import OnDelta, Request
from rlm_desktop.models.llama.replytext import ReplyText
from rlm_desktop.models.remote.text import Redactor, without_key
from rlm_desktop.models.remote.wire import Chunk, usage_of
from rlm_desktop.models.thinking import THINK, split

LONGEST_TOKEN = 64
"""Characters a token has at most on average over a reply: a server that sends more ignores its limit."""
_FINISHED: dict[str, FinishReason] = {"length": "length", "max_tokens": "length", "content_filter": "error"}


class Reply:
    """Takes in a stream.

    Args:
        request: What was asked.
        key: What must not stand in the reply.
        on_delta: Receives the text as it comes.

    Attributes:
        usage: What the server says the call used; ``None`` when it does not say.
        reason: Why the reply ended, in the server's word; empty while it has not.
        first_logprobs: Alternatives of the first token.
        overlong: Whether the server sends more than was asked for.
        thinking: What was thought before the reply, told apart by the server or by its marks; once it is over.
    """

    def __init__(self, request: Request, key: str, on_delta: OnDelta | None) -> None:
        self.usage: Usage | None = None
        self.reason = ""
        self.first_logprobs: dict[str, float] = {}
        self.overlong = False
        self.thinking = ""
        self._request = request
        self._key = key
        self._on_delta = on_delta
        self._redactor = Redactor(key)
        self._thoughts: list[str] = []
        self._text = ReplyText(request.stop, THINK)
        self._room = request.max_tokens * LONGEST_TOKEN

    def feed(self, chunk: Chunk) -> None:
        """Take in one object of the stream."""
        if chunk.usage is not None:
            self.usage = usage_of(chunk.usage) or self.usage
        for choice in (chunk.choices or ())[:1]:
            if choice.logprobs and not self.first_logprobs:
                found = choice.logprobs.first
                self.first_logprobs = {without_key(t, self._key): p for t, p in found.items()}
            self.reason = choice.finish_reason or self.reason
            self._room -= len(choice.text) + len(choice.thought)
            self.overlong = self._room < 0
            self._thoughts.append(choice.thought)
            self._show(self._redactor.feed(choice.text))

    def finish(self) -> str:
        """The stream is over: the whole reply."""
        self._show(self._redactor.finish())
        self._emit(self._text.finish())
        thought, text = split(self._text.text)
        stated = without_key("".join(self._thoughts), self._key).strip()
        self.thinking = "\n\n".join(filter(None, (stated, self._text.thinking, thought)))
        return _object_in(text) if self._request.schema else text

    @property
    def enough(self) -> bool:
        """Whether nothing that may still come belongs to the reply."""
        return self.overlong or self._text.stopped

    @property
    def finish_reason(self) -> FinishReason:
        """Why the reply ended."""
        return "length" if self.overlong else _FINISHED.get(self.reason, "stop")

    def _show(self, text: str) -> None:
        self._emit(self._text.feed(text.encode("utf-8", "replace")))

    def _emit(self, text: str) -> None:
        if text and self._on_delta:
            self._on_delta(text)


def is_object(text: str) -> bool:
    """Whether a text is one JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _object_in(text: str) -> str:
    """The JSON object in a reply that has a fence or a sentence around it; else the reply as it is."""
    inner = text[text.find("{") : text.rfind("}") + 1]
    return inner if inner and is_object(inner) else text
