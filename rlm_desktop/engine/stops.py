"""The steps of a run that a person may stop, or have done anew, one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from rlm_desktop.errors import UserError

T = TypeVar("T")
STOPPED_CALL = "The user stopped this call."
STOPPED_CELL = "The user stopped this cell."
AGAIN = "The user gave up on this attempt and had it asked again."


class Stopped(Exception):  # noqa: N818 - says what happened
    """The person stopped this step; the run goes on without it."""


@dataclass
class _Step:
    """Something that goes on, and what a person wants done with it."""

    task: asyncio.Task[Any]
    repeatable: bool
    wish: Literal["", "stop", "again"] = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def fulfil(self, wish: Literal["stop", "again"]) -> None:
        """Cut it short; once, since another cancellation would cut short how it cleans up."""
        if not self.wish:
            self.task.cancel()
        self.wish = wish


class Stops:
    """What goes on in a run, by its row."""

    def __init__(self) -> None:
        self._steps: dict[int, _Step] = {}

    async def within(
        self, span: int, work: Callable[[], Awaitable[T]], again: Callable[[], None] | None = None
    ) -> T:
        """Do the work of a row.

        Args:
            span: The row.
            work: Does it; called anew if the person wants that.
            again: Called before that; without it the work cannot be done anew.

        Raises:
            Stopped: The person stopped it.
        """
        task = asyncio.current_task()
        assert task is not None
        others = task.cancelling()
        while True:
            step = self._steps[span] = _Step(task, again is not None)
            try:
                return await work()
            except asyncio.CancelledError:
                # as `asyncio.timeout` tells its own cancellation from that of the whole run
                if not step.wish or task.uncancel() > others:
                    raise
                if step.wish == "stop":
                    raise Stopped from None
            finally:
                del self._steps[span]
                step.ended.set()
            if again:
                again()

    async def stop(self, *spans: int) -> None:
        """Stop these steps; returns once they have.

        Raises:
            UserError: None of them goes on.
        """
        steps = self._going(spans)
        for step in steps:
            step.fulfil("stop")
        for step in steps:
            await step.ended.wait()

    def repeat(self, *spans: int) -> None:
        """Give up on what these steps have come to, and do them anew.

        Raises:
            UserError: None of them goes on, or they cannot be done anew.
        """
        steps = [step for step in self._going(spans) if step.repeatable]
        if not steps:
            raise UserError("Only calls of a model can be asked again while they run.", "Stop it instead.")
        for step in steps:
            step.fulfil("again")

    def _going(self, spans: tuple[int, ...]) -> list[_Step]:
        steps = [self._steps[span] for span in spans if span in self._steps]
        if not steps:
            raise UserError("This step does not run any more.", "Its row says what came of it.")
        return steps
