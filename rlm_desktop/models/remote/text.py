"""What of a server's text may be shown: no key, and no thinking."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from rlm_desktop.models.base import Message

REDACTED = "[key]"
_LEAST = 8
"""Characters of a key's beginning that are taken for it where a text breaks off in the middle of one."""
_OPEN, _CLOSE = "<think>", "</think>"
_WORDS = re.compile(r"[A-Za-z\s]+")
_OTHER_BYTE = 0.6
MESSAGE_TOKENS = 8


def estimate_tokens(text: str) -> int:
    """Tokens of a text at most, without its model's tokenizer.

    A token for each digit and punctuation mark, one for three letters or spaces, three for five bytes of
    anything else. By the tokenizers of Qwen 2.5 and SmolLM2 that is 1.3 to 2 times the true number for prose
    and code, 1.0 for logs and tables of numbers (where a third of the characters, the usual figure, falls
    short by a half to two thirds) and 1.0 to 2.7 for Chinese. It falls short only for long runs of random
    letters and digits: by 15 % in hexadecimal, by 40 % in base64.
    """
    ascii_only = text.encode("ascii", "ignore").decode()
    words = sum(map(len, _WORDS.findall(ascii_only)))
    other = len(text.encode("utf-8", "replace")) - len(ascii_only)
    return math.ceil(words / 3 + (len(ascii_only) - words) + other * _OTHER_BYTE)


def prompt_tokens(messages: Iterable[Message]) -> int:
    """The same for a whole prompt, the marks of its messages included."""
    return sum(estimate_tokens(message.content) + MESSAGE_TOKENS for message in messages)


def planned_tokens(messages: Iterable[Message]) -> int:
    """Tokens by the figure that prompts are planned with (`engine.conversation`): a third of the bytes.

    A prompt that is longer than the window by this figure is not sent; what lies between, the server
    refuses, which costs nothing either.
    """
    return sum(-(-len(message.content.encode("utf-8", "replace")) // 3) for message in messages)


class Redactor:
    """Takes a key out of a text that comes in pieces, however it is cut.

    Args:
        key: The key; empty for none.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take in a piece; returns the text that is safe to show."""
        text = (self._held + piece).replace(self._key, REDACTED) if self._key else piece
        held = _overlap(text, self._key)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def finish(self) -> str:
        """The text is over: what was held back, unless it can only be the beginning of the key."""
        rest, self._held = self._held, ""
        return REDACTED if len(rest) >= _LEAST else rest


def without_key(text: str, key: str) -> str:
    """A whole text without the key, and without the beginning of one at its end."""
    redactor = Redactor(key)
    return redactor.feed(text) + redactor.finish()


class Thoughts:
    """Splits the thinking at its beginning off a reply that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, piece: str) -> str:
        """Take in a piece; returns what of it belongs to the reply."""
        if self._state == "reply":
            return piece
        self._held += piece
        if self._state == "start":
            begun = self._held.lstrip()
            if _OPEN.startswith(begun):
                return ""
            self._state = "thinking" if begun.startswith(_OPEN) else "reply"
        if self._state == "thinking":
            _, closed, rest = self._held.partition(_CLOSE)
            if not closed:
                return ""
            self._state, self._held = "between", rest
        return self._release()

    def finish(self) -> str:
        """The reply is over: what was held back of it."""
        return self._held if self._state == "start" else ""

    def _release(self) -> str:
        """What follows the thinking, the space between them left out."""
        text = self._held.lstrip() if self._state == "between" else self._held
        if text:
            self._state = "reply"
        self._held = ""
        return text


def without_thoughts(text: str) -> str:
    """A whole reply without thinking whose opening mark stood in the prompt already."""
    before, closed, reply = text.partition(_CLOSE)
    return reply.lstrip() if closed and _OPEN not in before else text


def _overlap(text: str, marker: str) -> int:
    """Characters at the end of a text that may be the beginning of a marker."""
    for size in range(min(len(text), len(marker) - 1), 0, -1):
        if marker.startswith(text[-size:]):
            return size
    return 0
