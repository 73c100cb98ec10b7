"""What the bench and the process of a foreign peer say to each other: JSON lines on stdin and stdout."""

from __future__ import annotations

from typing import Any

import msgspec

from rlm_desktop.bench.inference.peer import Served
from rlm_desktop.models.base import Message


class _Line(msgspec.Struct, frozen=True, tag_field="kind", tag=str.lower):
    """One line in either direction; ``kind`` says which."""


class Open(_Line, frozen=True):
    """The first command: load a model.

    Attributes:
        peer: ``llama-cpp-python``, ``xllamacpp``, or ``tokens``, which loads the vocabulary and no more.
        path: The GGUF file.
        cells: Tokens its KV cache holds.
        width: Calls to serve together.
        threads: Threads to compute with.
        template: Variables of the chat template.
        chat_template: A chat template instead of the file's own; empty for that.
    """

    peer: str
    path: str
    cells: int = 0
    width: int = 1
    threads: int = 1
    template: dict[str, Any] = {}
    chat_template: str = ""


class Ask(_Line, frozen=True):
    """One call: the tokens of its prompt, and how many to generate."""

    tokens: tuple[int, ...]
    new_tokens: int


class Serve(_Line, frozen=True):
    """Answer these calls."""

    calls: tuple[Ask, ...]


class Conversation(msgspec.Struct, frozen=True):
    """Messages, and how many characters of the last one are tokenised on their own (0: it is not cut)."""

    messages: tuple[Message, ...]
    reusable: int


class Render(_Line, frozen=True):
    """Turn these conversations into tokens."""

    conversations: tuple[Conversation, ...]


class Waits(_Line, frozen=True):
    """It is another program's turn to use a model; said before `Opened`, as often as there is something new."""

    text: str


class Opened(_Line, frozen=True):
    """The model is loaded; ``about`` says how, in one sentence."""

    about: str


class Done(_Line, frozen=True):
    """The calls are answered."""

    served: Served


class Rendered(_Line, frozen=True):
    """The conversations as tokens."""

    prompts: tuple[tuple[int, ...], ...]


class Failed(_Line, frozen=True):
    """The last command failed, and so the process ends."""

    message: str


Command = Open | Serve | Render
Reply = Waits | Opened | Done | Rendered | Failed

encode = msgspec.json.Encoder().encode
command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
reply_decoder: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)
