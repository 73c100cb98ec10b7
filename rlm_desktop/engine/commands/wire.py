"""What every group of commands needs: the shapes commands come in, and the way up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import msgspec

from rlm_desktop.errors import UsageError

PAGE = 500
"""Most rows in one answer."""

Fields = dict[str, Any]
Send = Callable[[Fields], None]
Command = Callable[[Fields], Awaitable[Fields]]
Place = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
T = TypeVar("T")


class RunFields(msgspec.Struct):
    """A command about one run."""

    run: str


def read(message: Fields, shape: type[T]) -> T:
    """The fields of a command.

    Raises:
        UsageError: They are not what the command takes.
    """
    try:
        return msgspec.convert(message, shape)
    except msgspec.ValidationError as error:
        raise UsageError(f"{message['cmd']}: {error}.") from error


def page(count: int) -> int:
    """As many as were asked for, within reason."""
    return max(0, min(count, PAGE))
