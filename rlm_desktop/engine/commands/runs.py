"""Commands about runs as they go: ask, follow up, cancel, listen."""

from __future__ import annotations

import asyncio

from rlm_desktop.engine.commands.wire import Command, Fields, RunFields, Send, news, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import RunStarted, RunState


class _Subscribe(RunFields):
    after: int = 0


class _Cancel(RunFields):
    span: int = 0


class _Retry(RunFields):
    span: int


class RunCommands:
    """Carries out ``ask``, ``asked``, ``cancel``, ``retry``, ``subscribe`` and ``unsubscribe``."""

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._send = send
        self._subscribed: set[str] = set()
        self._watches: set[asyncio.Task[None]] = set()
        self.by_name: dict[str, Command] = {
            "ask": self._ask,
            "asked": self._asked,
            "cancel": self._cancel,
            "retry": self._retry,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
        }

    def subscribed(self, run: str) -> bool:
        """Whether the front end wants the events of this run."""
        return run in self._subscribed

    async def _ask(self, message: Fields) -> Fields:
        return self._follow(await self._engine.ask(read(message, AskRequest)))

    def _follow(self, run: str) -> Fields:
        self._replay(run, 0)
        watch = asyncio.create_task(self._watch(run))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return {"run": run}

    async def _watch(self, run: str) -> None:
        """Say so when a run could not be recorded to its end."""
        try:
            await self._engine.wait(run)
        except StoreError as error:
            notice = {"kind": "unsaved", "run": run, "message": error.message, "hint": error.hint}
            self._send({"notice": notice})

    async def _cancel(self, message: Fields) -> Fields:
        asked = read(message, _Cancel)
        if asked.span:
            await self._engine.stop_step(asked.run, asked.span)
        else:
            await self._engine.cancel(asked.run)
        return {}

    async def _retry(self, message: Fields) -> Fields:
        asked = read(message, _Retry)
        self._engine.repeat_step(asked.run, asked.span)
        return {}

    async def _asked(self, message: Fields) -> Fields:
        """What was asked, to ask it again: of a follow-up, ``paths`` are those that came to its session's own."""
        run = read(message, RunFields).run
        start = next(self._engine.store.events(run), None)
        if not isinstance(start, RunStarted):
            raise UserError(f"There is no run {run}.", "It may have been deleted.")
        former = self._former(start.parent_run)
        return {
            "question": start.question,
            "paths": [path for path in start.paths if path not in former],
            "strategy": start.strategy,
            "limits": start.limits,
            "follows": start.parent_run if former else "",
            **{"model" if one.role == "root" else "sub_model": one.name for one in start.models},
        }

    def _former(self, run: str) -> tuple[str, ...]:
        """The documents of the run that a question follows; none if it follows none, or that is gone."""
        try:
            return self._engine.store.summary(run).paths if run else ()
        except UserError:
            return ()

    async def _subscribe(self, message: Fields) -> Fields:
        asked = read(message, _Subscribe)
        self._engine.store.summary(asked.run)
        self._replay(asked.run, asked.after)
        return {}

    def _replay(self, run: str, after: int) -> None:
        """Send the events stored so far, then those to come."""
        self._subscribed.add(run)
        state = RunState()
        for event in self._engine.store.events(run):
            rows = state.apply(event)
            if event.seq > after:
                self._send(news(event, rows))

    async def _unsubscribe(self, message: Fields) -> Fields:
        self._subscribed.discard(read(message, RunFields).run)
        return {}
