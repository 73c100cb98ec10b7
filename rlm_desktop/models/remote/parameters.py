"""What a request says, and how it is said to a server that refuses some of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rlm_desktop.events import sendable
from rlm_desktop.models.base import Message, Request

_LADDERS: dict[str, tuple[Any, ...]] = {
    "limit": ("max_tokens", "max_completion_tokens"),
    "schema": ("json_schema", "json_object and schema", "json_object", "in words"),
    "logprobs": (20, 5, 0),
    "usage": (True, False),
    "temperature": (True, False),
    "top_p": (True, False),
    "seed": (True, False),
    "stop": (True, False),
    "no thinking": (
        ("chat_template_kwargs", "reasoning_effort"),
        ("chat_template_kwargs",),
        ("reasoning_effort",),
        (),
    ),
}
"""The ways to ask for each thing, best first; a way that is refused gives way to the next."""
_NAMES = {
    "limit": ("max_tokens", "max_completion_tokens"),
    "schema": ("response_format", "json_schema", "json_object", "schema", "structured output"),
    "logprobs": ("logprobs", "top_logprobs"),
    "usage": ("stream_options", "include_usage"),
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "seed": ("seed",),
    "stop": ("stop",),
    "no thinking": ("chat_template_kwargs", "reasoning_effort"),
}
"""How a server that refuses a thing calls it."""
_NO_THINKING = {
    "chat_template_kwargs": {"enable_thinking": False, "thinking": False},
    "reasoning_effort": "none",
}
"""How it is said that no thought is wanted: to llama-server, vLLM and SGLang, and to OpenAI and Ollama."""
_IN_WORDS = "Reply with one JSON object that satisfies this schema, and nothing else:\n"


@dataclass(frozen=True)
class Asked:
    """A request as a server is sent it.

    Attributes:
        body: Its fields.
        ways: Which way each thing is asked for in it.
    """

    body: dict[str, Any]
    ways: dict[str, int]


class Parameters:
    """How one model is asked; remembers what its server refused.

    Args:
        model: Its name on the server.
        options: Fields of every request, as the person states them.

    Attributes:
        thinks: Whether the model was seen to think; only then it is asked not to where it may not.
    """

    def __init__(self, model: str, options: Mapping[str, Any]) -> None:
        self._model = model
        self._options = options
        self.thinks = False
        self._ways = dict.fromkeys(_LADDERS, 0)

    def ask(self, request: Request) -> Asked:
        """The request in the ways that are not known to be refused."""
        wanted = {
            "limit": True,
            "schema": request.schema is not None,
            "logprobs": request.top_logprobs > 0,
            "usage": True,
            "temperature": True,
            "top_p": request.top_p != 1.0,
            "seed": True,
            "stop": bool(request.stop),
            "no thinking": self.thinks and not request.may_think,
        }
        ways = {thing: self._ways[thing] for thing, needed in wanted.items() if needed}
        body: dict[str, Any] = {}
        for thing, way in ways.items():
            body |= _fields(thing, _LADDERS[thing][way], request)
        messages = request.messages
        if request.schema and _LADDERS["schema"][ways["schema"]] in {"json_object", "in words"}:
            messages = _in_words(messages, request.schema)
        body["messages"] = [{"role": m.role, "content": sendable(m.content)} for m in messages]
        return Asked({**body, **self._options, "model": self._model, "stream": True}, ways)

    def refused(self, asked: Asked, complaint: str) -> bool:
        """Learn from a complaint about a request; returns whether there is another way to ask."""
        said = complaint.lower()
        named = {thing: _first(said, _NAMES[thing]) for thing in asked.ways}
        for thing in sorted((t for t in named if named[t] >= 0), key=lambda t: named[t]):
            if asked.ways[thing] != self._ways[thing]:  # another call has learned it since
                return True
            if asked.ways[thing] + 1 < len(_LADDERS[thing]):
                self._ways[thing] += 1
                return True
        return False

    def ignored_schema(self) -> None:
        """The server takes a schema and its replies do not keep to it: from now on it is said in words."""
        self._ways["schema"] = len(_LADDERS["schema"]) - 1


def _fields(thing: str, way: Any, request: Request) -> dict[str, Any]:
    """What asking for a thing in one way adds to a request; nothing, if it is not asked for any more."""
    match thing, way:
        case "limit", name:
            return {name: request.max_tokens}
        case "schema", "json_schema":
            schema = {"name": "reply", "schema": request.schema, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case "schema", "json_object and schema":
            return {"response_format": {"type": "json_object", "schema": request.schema}}
        case "schema", "json_object":
            return {"response_format": {"type": "json_object"}}
        case "logprobs", most if most:
            return {"logprobs": True, "top_logprobs": min(request.top_logprobs, most)}
        case "usage", True:
            return {"stream_options": {"include_usage": True}}
        case "no thinking", names:
            return {name: _NO_THINKING[name] for name in names}
        case "stop", True:
            return {"stop": list(request.stop)}
        case "temperature" | "top_p" | "seed", True:
            return {thing: getattr(request, thing)}
    return {}


def _first(said: str, names: tuple[str, ...]) -> int:
    """Where one of the names first stands in what was said; -1 for nowhere."""
    return min((at for name in names if (at := said.find(name)) >= 0), default=-1)


def _in_words(messages: tuple[Message, ...], schema: dict[str, Any]) -> tuple[Message, ...]:
    """The messages, the last one followed by the schema."""
    *before, last = messages
    words = f"{last.content}\n\n{_IN_WORDS}{json.dumps(schema)}"
    return (*before, Message(last.role, words))
