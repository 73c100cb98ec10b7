"""Chat templates: from messages to tokens, so that no text of a document can pose as the template.

The template is rendered with a mark in place of each message's content. Only the template's own text
is searched for special tokens such as ``<|im_end|>``; contents are tokenised as plain text, so one that
spells such a token stays text, and one that the template would trim or split stays whole.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import jinja2

from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Message
from rlm_desktop.models.llama.chat_jinja import compiled
from rlm_desktop.models.thinking import ALLOWED, FORBIDDEN, THINK, Marks, marks_of

Tokenize = Callable[[str, bool], list[int]]
"""Tokens of a text; the flag says whether special tokens are recognised in it."""
_ANOTHER = 'Name another one in models.toml: `chat_template`, such as "chatml".'
_REFUSALS = (
    jinja2.TemplateError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What a template can raise when it cannot be rendered."""
_TOOLS: tuple[dict[str, Any], ...] = (
    {"tools": None},
    {"tools": [], "functions": "", "datetime": ""},  # for templates that know no conversation without tools
)


class Piece(NamedTuple):
    """A part of a prompt; ``ours`` says that it is the template's own text and not a message's."""

    text: str
    ours: bool


@dataclass(frozen=True)
class Rendered:
    """A prompt as text.

    Attributes:
        pieces: Its parts in order, none empty.
        reusable: How many of them come before the boundary that was asked for; 0 for none.
        inside: Whether it ends within a thought.
    """

    pieces: tuple[Piece, ...]
    reusable: int
    inside: bool

    @property
    def text(self) -> str:
        """The whole."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Prompt:
    """A prompt as tokens, and what the reply to it may look like.

    Attributes:
        tokens: The prompt.
        reusable: How many of them come before the boundary that was asked for; 0 for none.
        marks: What sets thoughts off from the reply.
        inside: Whether the reply begins within a thought.
        stop: Texts that end the reply, besides those of the request.
    """

    tokens: list[int]
    reusable: int = 0
    marks: Marks | None = None
    inside: bool = False
    stop: tuple[str, ...] = ()


class ChatTemplate:
    """A model's chat template.

    Args:
        source: A Jinja template.
        bos: Text of the beginning-of-sequence token, or empty.
        eos: Text of the end-of-sequence token, or empty.
        options: Variables the template knows; they have precedence over those that say whether to think.
        stop: Texts that end a reply, besides the model's own tokens.

    Attributes:
        marks: What sets the model's thoughts off from its replies; the usual if the template does not tell.
        thinks: Whether the template tells of thinking.
    """

    def __init__(
        self,
        source: str,
        bos: str = "",
        eos: str = "",
        options: dict[str, Any] | None = None,
        stop: tuple[str, ...] = (),
    ) -> None:
        try:
            self._template = compiled(source)
        except (jinja2.TemplateError, RecursionError) as error:
            raise UserError(f"The model's chat template cannot be read: {error}.", _ANOTHER) from error
        told = marks_of(source)
        self.thinks = told is not None
        self.marks = told or THINK
        self._texts = {"bos_token": bos, "eos_token": eos, "add_generation_prompt": True}
        self._options = options or {}
        self._stop = (*stop, *filter(None, (self.marks.ends,)))

    def tokens(
        self, messages: Sequence[Message], tokenize: Tokenize, *, thinking: bool = True, reusable: int = 0
    ) -> Prompt:
        """The prompt as tokens; see `render`."""
        rendered = self.render(messages, thinking=thinking, reusable=reusable)
        parts = [tokenize(piece.text, piece.ours) for piece in rendered.pieces]
        return Prompt(
            [token for part in parts for token in part],
            sum(map(len, parts[: rendered.reusable])),
            self.marks,
            rendered.inside,
            self._stop,
        )

    def render(self, messages: Sequence[Message], *, thinking: bool = True, reusable: int = 0) -> Rendered:
        """The prompt as text.

        Args:
            messages: The conversation.
            thinking: Whether the model may think before it replies, if it can.
            reusable: Characters of the last message's content after which a piece ends; 0 for none.

        Raises:
            UserError: The template refuses these messages.
        """
        nonce = secrets.token_hex(8)
        parts = re.split(f"content{nonce}n([0-9]+)e", self._written(messages, nonce, thinking))
        if self.thinks and not thinking:
            parts[-1] += self.marks.to_skip(parts[-1])
        pieces: list[Piece] = []
        boundary = 0
        for index, part in enumerate(parts):
            content = messages[int(part)].content if index % 2 else ""
            if content and reusable and int(part) == len(messages) - 1:
                pieces.append(Piece(content[:reusable], ours=False))
                boundary = len(pieces)
                content = content[reusable:]
            if text := content if index % 2 else part:
                pieces.append(Piece(text, ours=not index % 2))
        return Rendered(tuple(pieces), boundary, self.marks.left_open(parts[-1]))

    def _written(self, messages: Sequence[Message], nonce: str, thinking: bool) -> str:
        """The conversation in the template's words, a mark in place of each content.

        What a template refuses is said in other ways: no two messages of one role in a row, no system message.
        """
        refusal: Exception | None = None
        switch = ALLOWED if thinking else FORBIDDEN
        for said in _ways_to_say(messages, nonce):
            for tools in _TOOLS:
                try:
                    prompt = self._template.render(
                        messages=said, **{**self._texts, **tools, **switch, **self._options}
                    )
                    found = set(map(int, re.findall(f"content{nonce}n([0-9]+)e", prompt)))
                    if found != set(range(len(messages))):
                        raise ValueError("it leaves a message out")
                    return prompt
                except _REFUSALS as error:
                    refusal = refusal or error
        raise UserError(
            f"The model's chat template refuses this conversation: {refusal}.", _ANOTHER
        ) from refusal


def _ways_to_say(messages: Sequence[Message], nonce: str) -> Iterator[list[dict[str, str]]]:
    """The conversation as it is, and as templates that know fewer forms can take it."""
    as_it_is: list[tuple[str, str]] = [
        (message.role, f"content{nonce}n{index}e") for index, message in enumerate(messages)
    ]
    system: list[tuple[str, str]] = [("user", mark) for role, mark in as_it_is if role == "system"]
    rest = [(role, mark) for role, mark in as_it_is if role != "system"]
    ways = [as_it_is, _alternating(as_it_is), _alternating(system + rest)]
    for number, way in enumerate(ways):
        if way not in ways[:number]:
            yield [{"role": role, "content": content} for role, content in way]


def _alternating(messages: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Messages of one role that follow each other as one."""
    groups = groupby(messages, key=lambda message: message[0])
    return [(role, "\n\n".join(content for _, content in group)) for role, group in groups]
