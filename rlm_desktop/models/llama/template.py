"""Chat templates: from messages to tokens, so that no text of a document can pose as the template.

The template is rendered with a mark in place of each message's content. Only the template's own text
is searched for special tokens such as ``<|im_end|>``; contents are tokenised as plain text, so one that
spells such a token stays text.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import jinja2

from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Message

Tokenize = Callable[[str, bool], list[int]]
"""Tokens of a text; the flag says whether special tokens are recognised in it."""


class ChatTemplate:
    """A model's chat template.

    Args:
        source: The Jinja template of the GGUF file.
        bos: Text of the beginning-of-sequence token, or empty.
        eos: Text of the end-of-sequence token, or empty.
        options: Variables the template knows, such as ``enable_thinking``.
    """

    def __init__(
        self, source: str, bos: str = "", eos: str = "", options: dict[str, Any] | None = None
    ) -> None:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        try:
            self._format = Jinja2ChatFormatter(source, eos_token=eos, bos_token=bos)
        except jinja2.TemplateError as error:
            raise UserError(f"The model's chat template cannot be read: {error}.") from error
        self._options = options or {}

    def pieces(self, messages: Sequence[Message]) -> list[tuple[str, bool]]:
        """The prompt as texts, each with whether it is the template's own.

        Raises:
            UserError: The template refuses these messages.
        """
        try:
            return self._render(messages)
        except (jinja2.TemplateError, ValueError, TypeError, LookupError) as error:
            folded = _without_system(messages)
            if folded == list(messages):
                raise UserError(f"The model's chat template refuses this conversation: {error}.") from error
            return self.pieces(folded)

    def tokens(self, messages: Sequence[Message], tokenize: Tokenize) -> list[int]:
        """The prompt as tokens."""
        return [token for text, ours in self.pieces(messages) for token in tokenize(text, ours)]

    def _render(self, messages: Sequence[Message]) -> list[tuple[str, bool]]:
        nonce = secrets.token_hex(8)
        marked = [
            {"role": message.role, "content": f"content{nonce}n{index}e"}
            for index, message in enumerate(messages)
        ]
        prompt: str = self._format(messages=marked, **self._options).prompt
        parts = re.split(f"content{nonce}n([0-9]+)e", prompt)
        contents = parts[1::2]
        if set(map(int, contents)) != set(range(len(messages))):
            raise ValueError("it leaves a message out")
        pieces: list[tuple[str, bool]] = []
        for index, part in enumerate(parts):
            text = messages[int(part)].content if index % 2 else part
            if text:
                pieces.append((text, index % 2 == 0))
        return pieces


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """The conversation with its system message moved into the first message of the user."""
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    for index, message in enumerate(rest):
        if system and message.role == "user":
            rest[index] = Message("user", f"{system}\n\n{message.content}")
            break
    return rest
