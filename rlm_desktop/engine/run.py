"""What everything in one run shares, and the one way a model is called in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.documents.corpus import Corpus
from rlm_desktop.documents.worker import ScanWorker
from rlm_desktop.engine.budget import Budget, LimitHit
from rlm_desktop.engine.recorder import Recorder
from rlm_desktop.events import LimitReached, Note, Usage
from rlm_desktop.models.base import Completion, Model, OnDelta, Request
from rlm_desktop.models.catalogue import Profile


@dataclass
class Role:
    """A model in its role in a run: whoever calls it waits for one of its places."""

    model: Model
    profile: Profile
    places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.places = asyncio.Semaphore(self.model.concurrency)


@dataclass
class Run:
    """One question over some documents.

    Attributes:
        id: Id of the run.
        question: What was asked.
        corpus: The documents.
        root: The model that leads.
        sub: The model that sub-calls go to; may be the root's.
        budget: What may still be spent.
        recorder: Where everything that happens is recorded.
        scan: Searches and reads the documents.
        settings: Folders and switches.
    """

    id: str
    question: str
    corpus: Corpus
    root: Role
    sub: Role
    budget: Budget
    recorder: Recorder
    scan: ScanWorker
    settings: Settings

    def note(self, span: int, text: str) -> None:
        """Remark something about a row."""
        self.recorder.emit(Note(run=self.id, span=span, text=text))

    def sub_role(self, name: str | None) -> Role | None:
        """The role of the model a cell asked for by name; ``None`` when it is not one of this run's."""
        if name in {None, "", self.sub.model.name}:
            return self.sub
        return self.root if name == self.root.model.name else None

    def limit_reached(self, span: int, limit: LimitHit) -> None:
        """Record which limit ended an exploration: the root's, or that of the child at a row."""
        self.recorder.emit(LimitReached(run=self.id, span=span, which=limit.which, value=limit.value))

    @asynccontextmanager
    async def within_time(self) -> AsyncIterator[None]:
        """Raise `LimitHit` as soon as the run's time is used up, whatever is being waited for."""
        try:
            async with asyncio.timeout(self.budget.seconds_left) as timeout:
                yield
        except TimeoutError:
            if timeout.expired():
                raise LimitHit("seconds", self.budget.limits.seconds or 0) from None
            raise

    async def complete(self, role: Role, request: Request, on_delta: OnDelta | None = None) -> Completion:
        """Call a model within the budget.

        Raises:
            LimitHit: Nothing is left to spend; raised before anything is.
            PromptTooLong: Raised before any token is spent.
            ModelError: The call failed.
        """
        async with role.places:
            prompt = 0
            if self.budget.limits.tokens is not None:
                prompt = await role.model.count_tokens("\n".join(m.content for m in request.messages))
            granted = self.budget.reserve_tokens(prompt, request.max_tokens)
            usage = Usage()
            try:
                completion = await role.model.complete(
                    msgspec.structs.replace(request, max_tokens=granted), on_delta
                )
                usage = completion.usage
            finally:
                self.budget.settle(prompt, granted, usage)
        return completion
