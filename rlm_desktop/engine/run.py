"""What everything in one run shares, and the one way a model is called in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.documents.corpus import Corpus
from rlm_desktop.documents.worker import ScanWorker
from rlm_desktop.engine.budget import Budget, LimitHit, Reservation
from rlm_desktop.engine.conversation import CHARACTERS_PER_TOKEN
from rlm_desktop.engine.recorder import Recorder
from rlm_desktop.events import LimitReached, Note, Usage
from rlm_desktop.models.base import Completion, Model, ModelError, OnDelta, Request
from rlm_desktop.models.catalogue import Profile
from rlm_desktop.models.prices import FREE

TEMPLATE_TOKENS = 8
"""What a chat template adds to a message at most: five tokens in ChatML, four in Llama 3's."""
BASE_TOKENS = 32
"""What it adds to a prompt: the beginning of the reply, and the system message Qwen's template brings along."""
CHARGED = "The provider may charge for this call, so its prompt and what came of the reply count as spent."
OnUsage = Callable[[Usage], None]
"""Told what a call used, also one that failed."""


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

    async def complete(
        self,
        role: Role,
        request: Request,
        span: int,
        *,
        on_delta: OnDelta,
        on_usage: OnUsage,
    ) -> Completion:
        """Call a model within the budget, for a row that is open.

        A call that costs money and fails or is cancelled once the model has begun counts as its whole
        prompt and what came of the reply: the provider may charge for it, and does not say.

        Raises:
            LimitHit: Nothing is left to spend; raised before anything is.
            PromptTooLong: Raised before any token is spent.
            ModelError: The call failed.
        """
        received: list[str] = []

        def heard(text: str) -> None:
            received.append(text)
            on_delta(text)

        async with role.places:
            reserved = await self._reserve(role, request)
            usage = Usage()
            try:
                completion = await role.model.complete(
                    msgspec.structs.replace(request, max_tokens=reserved.completion), heard
                )
                usage = completion.usage
            except (ModelError, asyncio.CancelledError) as error:
                if not isinstance(error, ModelError) or error.begun:
                    usage = _unsettled(reserved, received)
                if usage.cost_usd:
                    self.note(span, CHARGED)
                raise
            finally:
                self.budget.settle(reserved, usage)
                on_usage(usage)
        if completion.retries:
            times = "once" if completion.retries == 1 else f"{completion.retries} times"
            self.note(span, f"The server had to be asked again {times}.")
        return completion

    async def _reserve(self, role: Role, request: Request) -> Reservation:
        prompt, price = 0, role.model.price or FREE
        if self.budget.limits.tokens is not None or price != FREE:
            texts = [message.content for message in request.messages]
            if request.schema:
                texts.append(json.dumps(request.schema))
            prompt = await role.model.count_tokens("\n".join(texts))
            prompt += BASE_TOKENS + TEMPLATE_TOKENS * len(texts)
        return await self.budget.reserve(prompt, request.max_tokens, price)


def _unsettled(reserved: Reservation, received: list[str]) -> Usage:
    """What a call that did not end may be charged for; nothing where tokens cost nothing."""
    if reserved.price == FREE:
        return Usage()
    completion = min(reserved.completion, -(-sum(map(len, received)) // CHARACTERS_PER_TOKEN))
    return reserved.price.charge(Usage(reserved.prompt, completion, calls=1, estimated=True))
