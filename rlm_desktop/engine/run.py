"""What everything in one run shares, and the one way a model is called in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.documents.corpus import Corpus
from rlm_desktop.documents.worker import ScanWorker
from rlm_desktop.engine.budget import Budget, LimitHit, Reservation
from rlm_desktop.engine.conversation import CHARACTERS_PER_TOKEN
from rlm_desktop.engine.deaths import STARTED_AGAIN, Deaths
from rlm_desktop.engine.recorder import Recorder, Stream
from rlm_desktop.engine.stops import Stops
from rlm_desktop.events import LimitReached, Note, RunStarted, SandboxLevel, Usage
from rlm_desktop.models.base import Completion, Model, ModelDied, ModelError, PromptTooLong, Request
from rlm_desktop.models.catalogue import Profile
from rlm_desktop.models.prices import FREE
from rlm_desktop.repl.zygotes import Zygotes

TEMPLATE_TOKENS = 8
"""What a chat template adds to a message at most: five tokens in ChatML, four in Llama 3's."""
BASE_TOKENS = 32
"""What it adds to a prompt: the beginning of the reply, and the system message Qwen's template brings along."""
CHARGED = "The provider may charge for this call, so its prompt and what came of the reply count as spent."
THOUGHT_TOKENS = 2048
"""Most tokens a thought may take besides those of the reply itself."""
EXHAUSTED = "Thinking used up all tokens of the reply, so it was asked for again without thinking."
T = TypeVar("T")
OnUsage = Callable[[Usage], None]
"""Told what a call used, also one that failed."""


@dataclass
class Role:
    """A model in its role in a run: whoever calls it waits for one of its places.

    Attributes:
        thinks: Whether it was seen to think; its replies then get room for that.
    """

    model: Model
    profile: Profile
    thinks: bool = field(default=False, init=False)
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
        sandbox: The level at which its code is confined.
        unconfined: Whether the person said yes to level ``none``.
        zygotes: The process trees that REPLs live in.
        deaths: Of the processes that its models run in.
        stops: What goes on in it and may be stopped on its own.
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
    sandbox: SandboxLevel
    unconfined: bool
    zygotes: Zygotes = field(default_factory=Zygotes)
    deaths: Deaths = field(default_factory=Deaths, init=False)
    stops: Stops = field(default_factory=Stops, init=False)
    _early: list[str] = field(default_factory=list, init=False)

    def start(self, event: RunStarted) -> None:
        """Record that it begins, and then what was remarked about it before."""
        self.recorder.emit(event)
        for text in self._early:
            self.note(0, text)

    def note(self, span: int, text: str) -> None:
        """Remark something about a row."""
        if self.recorder.state.start is None:
            self._early.append(text)
        else:
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

    def check(self) -> None:
        """Raise `ModelLost` when no model answers any more, or `LimitHit` when a limit is reached."""
        self.deaths.check()
        self.budget.check()

    def start_turn(self, number: int) -> None:
        """Raise `ModelLost` when no model answers any more, or `LimitHit` when this turn is one too many."""
        self.deaths.check()
        self.budget.start_turn(number)

    async def outlive(
        self, call: Callable[[], Awaitable[T]], span: int = 0, *, again: Callable[[], None] = lambda: None
    ) -> T:
        """What a model says, asked again if its worker dies, for the first of the run's deaths.

        Args:
            call: Asks it.
            span: Row that the repetition is noted at.
            again: Called before it is asked again.

        Raises:
            ModelLost: The worker died a second time.
        """
        while True:
            self.deaths.check()
            try:
                return await call()
            except ModelDied as death:
                self.deaths.survive(death)
                again()
                self.note(span, f"The model's worker died ({death.how}); {STARTED_AGAIN}")

    async def complete(
        self, role: Role, request: Request, span: int, *, stream: Stream, on_usage: OnUsage
    ) -> Completion:
        """Call a model within the budget, for a row that is open.

        A model that uses up its tokens thinking is asked again without. One on a server may have been seen to think
        only now, and is not told to keep from it before.

        Raises:
            LimitHit: Nothing is left to spend; raised before anything is.
            PromptTooLong: Raised before any token is spent.
            ModelLost: The model's worker died, and not for the first time in this run.
            ModelError: The call failed.
        """
        if request.role not in role.profile.thinking:
            request = msgspec.structs.replace(request, thinking=False)
        completion = await self._roomy_call(role, request, span, stream, on_usage)
        role.thinks |= completion.usage.reasoning_tokens > 0
        if completion.exhausted:
            self.note(span, EXHAUSTED)
            thought = completion.thinking
            request = msgspec.structs.replace(request, thinking=False)
            completion = await self._call(role, request, span, stream, on_usage)
            thinking = "\n\n".join(filter(None, (thought, completion.thinking)))
            completion = msgspec.structs.replace(completion, thinking=thinking)
            if completion.exhausted:
                self.note(span, f"There is no reply: {role.model.name} thinks also when it is asked not to.")
        return completion

    async def _roomy_call(
        self, role: Role, request: Request, span: int, stream: Stream, on_usage: OnUsage
    ) -> Completion:
        """Call a model once, with room to think if it does and its window has any."""
        if role.thinks and request.may_think:
            roomy = msgspec.structs.replace(request, max_tokens=request.max_tokens + THOUGHT_TOKENS)
            with suppress(PromptTooLong):  # raised before any token is spent
                return await self._call(role, roomy, span, stream, on_usage)
        return await self._call(role, request, span, stream, on_usage)

    async def _call(
        self, role: Role, request: Request, span: int, stream: Stream, on_usage: OnUsage
    ) -> Completion:
        """Call a model once.

        A call that costs money and fails or is cancelled once the model has begun counts as its whole
        prompt and what came of the reply: the provider may charge for it, and does not say.
        """
        received: list[str] = []

        def heard(text: str) -> None:
            received.append(text)
            stream.delta(text)

        def again() -> None:
            received.clear()
            stream.restart()

        async with role.places:
            reserved = await self._reserve(role, request, span)
            granted = msgspec.structs.replace(request, max_tokens=reserved.completion)
            usage = Usage()
            try:
                completion = await self.outlive(
                    lambda: role.model.complete(granted, heard), span, again=again
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

    async def _reserve(self, role: Role, request: Request, span: int) -> Reservation:
        prompt, price = 0, role.model.price or FREE
        if self.budget.limits.tokens is not None or price != FREE:
            texts = [message.content for message in request.messages]
            if request.schema:
                texts.append(json.dumps(request.schema))
            prompt = await self.outlive(lambda: role.model.count_tokens("\n".join(texts)), span)
            prompt += BASE_TOKENS + TEMPLATE_TOKENS * len(texts)
        return await self.budget.reserve(prompt, request.max_tokens, price)


def _unsettled(reserved: Reservation, received: list[str]) -> Usage:
    """What a call that did not end may be charged for; nothing where tokens cost nothing."""
    if reserved.price == FREE:
        return Usage()
    completion = min(reserved.completion, -(-sum(map(len, received)) // CHARACTERS_PER_TOKEN))
    return reserved.price.charge(Usage(reserved.prompt, completion, calls=1, estimated=True))
