"""Functions in threads that are seen through, because they close what they were given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Parameters = ParamSpec("_Parameters")
_Value = TypeVar("_Value")


async def see_through(
    function: Callable[_Parameters, _Value], *args: _Parameters.args, **options: _Parameters.kwargs
) -> _Value:
    """What a function gives in a thread; who is cancelled waits for its end.

    `asyncio.to_thread` that is cancelled leaves it running, or never runs it.
    """
    running = asyncio.ensure_future(asyncio.to_thread(function, *args, **options))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # nobody wants to know it either
        raise
