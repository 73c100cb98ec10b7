"""The child's messages, checked: whatever is not exactly one of these ends the child.

A cell can write what it likes on the descriptors it inherits, so nothing here is believed further than the API goes.
"""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal

import msgspec

from rlm_desktop import events
from rlm_desktop.repl.protocol import LONGEST_LABEL, FrameError, Message

_LINE, _TRACEBACK, _VARIABLES = 2_000, 21_000, 200
"""Most characters of a line and of a traceback, most variables; a little more than `display` and `cell` give."""
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Wire(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower, forbid_unknown_fields=True):
    """A message; its type is the name of its class."""


class Output(_Wire, frozen=True):
    """The cell printed."""

    stream: Literal["stdout", "stderr"]
    text: str


class Progress(_Wire, frozen=True):
    """How far the cell says it has come: so much of a total, if that is known."""

    done: _Count
    total: _Count | None
    label: Annotated[str, msgspec.Meta(max_length=LONGEST_LABEL)]

    @property
    def told(self) -> events.Progress:
        """The same, fit to be stored and shown."""
        return events.Progress(self.done, self.total, events.sendable(self.label))


class Call(_Wire, frozen=True):
    """The cell asks for something."""

    id: _Count
    api: str
    args: dict[str, Any]

    @property
    def handed_over(self) -> list[tuple[list[int], bool] | None]:
        """What stands for contexts that come in a file (`handover.read`); empty if they are in the message."""
        contexts = self.args.get("contexts") or []
        if not any(isinstance(one, dict) for one in contexts):
            return []
        return [(one["sizes"], one["several"]) if isinstance(one, dict) else None for one in contexts]

    @property
    def texts(self) -> int:
        """Prompts or passages that it is about; a search counts as one."""
        return len(self.args.get("prompts") or self.args.get("passages") or "1")

    @property
    def size(self) -> int:
        """Characters of the texts it holds, and bytes of those in its file."""
        return _characters(list(self.args.values())) + sum(sum(one[0]) for one in self.handed_over if one)


class Done(_Wire, frozen=True):
    """The cell ended by itself."""

    status: Literal["ok", "error", "memory"]
    error: str
    traceback: str
    ready: bool
    draft: str
    variables: dict[str, str]
    dropped: _Count
    threads: _Count

    def within(self, output_chars: int) -> Done:
        """The same, no longer than an honest child makes it."""
        return msgspec.structs.replace(
            self,
            error=self.error[:_LINE],
            traceback=self.traceback[:_TRACEBACK],
            draft=self.draft[: output_chars + _LINE],
            variables={
                name[:_LINE]: text[:_LINE] for name, text in islice(self.variables.items(), _VARIABLES)
            },
        )


class Ready(_Wire, frozen=True):
    """A process that runs no cells has done what it was told."""


class State(_Wire, frozen=True):
    """The sender waits for cells; ``fresh`` when it took the place of one that died with its variables."""

    fresh: bool


class Running(_Wire, frozen=True):
    """The sender runs the cell, with or without a checkpoint to go back to."""

    checkpoint: bool


class Restored(_Wire, frozen=True):
    """The cell's process died with this wait status, and the checkpoint waits for cells."""

    status: int


class Added(_Wire, frozen=True):
    """The state holds the documents it was sent, or has no room for them."""

    error: str


class Failed(_Wire, frozen=True):
    """The child could not start."""

    error: str


News = Ready | State | Running | Restored | Added | Failed
"""What is said on a control socket."""


class _Prompts(msgspec.Struct, forbid_unknown_fields=True):
    prompts: list[str]
    model: str | None
    batched: bool


class _HandedOver(msgspec.Struct, forbid_unknown_fields=True):
    sizes: list[_Count]
    several: bool


class _Tasks(_Prompts):
    contexts: list[str | list[str] | _HandedOver | None]


class _Find(msgspec.Struct, forbid_unknown_fields=True):
    query: str
    k: int


class _Grep(msgspec.Struct, forbid_unknown_fields=True):
    pattern: str
    k: int


class _Passage(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    document: int | None = None
    name: str = ""
    start: int = 0
    end: int = 0
    start_line: int = 0
    end_line: int = 0


class _Read(msgspec.Struct, forbid_unknown_fields=True):
    question: str
    passages: list[_Passage]


_ARGUMENTS: dict[str, type[msgspec.Struct]] = {
    "llm_query": _Prompts,
    "rlm_query": _Tasks,
    "find": _Find,
    "grep": _Grep,
    "read": _Read,
}


def _characters(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(_characters, value)) if isinstance(value, list) else 0


def cell_message(message: Message) -> Output | Progress | Call | Done:
    """The message of a cell's channel.

    Raises:
        FrameError: It is none, or a call of something that does not exist or with other arguments.
    """
    try:
        checked = msgspec.convert(message, Output | Progress | Call | Done)
        if isinstance(checked, Call):
            arguments = msgspec.convert(checked.args, _ARGUMENTS[checked.api])
            if isinstance(arguments, _Tasks) and len(arguments.contexts) != len(arguments.prompts):
                raise FrameError("a context is needed for each prompt")
            if checked.handed_over and any(isinstance(one, str | list) for one in checked.args["contexts"]):
                raise FrameError("contexts come in a message or in a file")
    except (
        msgspec.ValidationError,
        KeyError,
        ValueError,
    ) as error:  # ValueError for half a surrogate pair in a name
        raise FrameError(str(error)) from error
    return checked


def control_message(message: Message) -> News:
    """The message of a control socket.

    Raises:
        FrameError: It is none.
    """
    try:
        news: News = msgspec.convert(message, News)
    except (msgspec.ValidationError, ValueError) as error:
        raise FrameError(str(error)) from error
    return news
