"""What of a server's text may be shown, which is all but a key, and how many tokens a text has."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from rlm_desktop.models.base import Message
from rlm_desktop.models.thinking import overlap

REDACTED = "[key]"
_LEAST = 8
"""Characters of a key's beginning that are taken for it where a text breaks off in the middle of one."""
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
        held = overlap(text, self._key)
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
