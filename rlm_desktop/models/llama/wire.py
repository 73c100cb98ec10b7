"""What the client and the llama worker say to each other: JSON lines on the worker's stdin and stdout."""

from __future__ import annotations

import msgspec

from rlm_desktop.events import FinishReason
from rlm_desktop.models.base import Request
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.notices import ModelNotice, Speed


class _Line(msgspec.Struct, frozen=True, tag_field="kind", tag=str.lower):
    """One line in either direction; ``kind`` says which."""


class Load(_Line, frozen=True):
    """Load a model, or do nothing when it is loaded. ``model`` is its absolute path.

    Models in ``idle`` are loaded and nobody uses them: they may be freed to make room for this one.
    """

    id: int
    model: str
    name: str
    options: Options
    idle: tuple[str, ...] = ()


class Count(_Line, frozen=True):
    """Count the tokens of a plain text."""

    id: int
    model: str
    text: str


class Complete(_Line, frozen=True):
    """Generate a reply."""

    id: int
    model: str
    request: Request


class Cancel(_Line, frozen=True):
    """Stop working on a call."""

    id: int


class Unload(_Line, frozen=True):
    """Free a model."""

    model: str


Command = Load | Count | Complete | Cancel | Unload


class Loaded(_Line, frozen=True):
    """A model is ready; ``context_window`` is what was really allocated."""

    id: int
    context_window: int


class Counted(_Line, frozen=True):
    """Tokens of a text."""

    id: int
    tokens: int


class Delta(_Line, frozen=True):
    """A piece of a reply."""

    id: int
    text: str


class Done(_Line, frozen=True):
    """A reply is complete.

    ``thinking`` is what was thought before it; ``reasoning_tokens`` of ``completion_tokens`` went into that.
    """

    id: int
    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    reused_tokens: int
    first_logprobs: dict[str, float]
    speed: Speed
    thinking: str = ""
    reasoning_tokens: int = 0


class Alive(_Line, frozen=True):
    """Nothing to report, and still at work or waiting for a turn; a busy worker is never silent for long."""


class Failed(_Line, frozen=True):
    """A command failed. ``window`` is set when the prompt was too long."""

    id: int
    message: str
    hint: str = ""
    prompt_tokens: int = 0
    window: int = 0
    max_tokens: int = 0


Reply = Loaded | Counted | Delta | Done | Failed | Alive | ModelNotice

encode = msgspec.json.Encoder().encode
reply_decoder: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)
command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
