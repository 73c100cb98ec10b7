"""Continuous batching: many requests to one model, one step at a time.

A step computes one token for each reply under way, or prompt tokens of those that just came; on a graphics
card both at once. A new request joins at the next step; a finished one leaves its tokens in the cache, where
the next prompt with the same beginning finds them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from rlm_desktop.errors import BugError
from rlm_desktop.events import FinishReason
from rlm_desktop.models.base import ModelError, Request
from rlm_desktop.models.llama.cell_tree import common_prefix
from rlm_desktop.models.llama.library import Aborted, Entry
from rlm_desktop.models.llama.prefix_cache import Memory, NoStates, PrefixCache, Slot, States
from rlm_desktop.models.llama.replytext import ReplyText
from rlm_desktop.models.llama.speedometer import Speedometer
from rlm_desktop.models.llama.template import Prompt
from rlm_desktop.models.llama.wire import Delta, Done, Failed, Reply
from rlm_desktop.models.notices import Speed

WORTH_WAITING = 32
"""Tokens of a beginning that another request is just computing for which a new one waits a few steps."""
FULL = 16
"""Replies that are worth a step of their own on a processor: llama.cpp computes rows by sixteens, so that one to
sixteen of them took 0.04, 0.08, 0.12 (4), 0.15 (8) and 0.15 s with a 1.5B model. Fewer wait for more."""
PATIENCE = 8
"""Steps of prompts for which any reply waits at most."""
WORTH_KEEPING = 128
"""Tokens a reusable beginning must have for its state to be kept."""
IDLE_SHARE = 0.25
"""Part of the KV cache that sequences at rest may hold on a processor. Attention of a 1.5B model looks past
12,000 foreign cells in 1.2 ms a token, where a token takes 4 ms; a state of 1,000 tokens is back in 6 ms."""


class Draws(Protocol):
    """A sampler."""

    def draw(self, context: object, output: int) -> int:
        """The next token at one position of the last step."""

    def close(self) -> None:
        """Free it."""


class Backend(Memory, Protocol):
    """The model as the scheduler sees it; `library.GgufModel` is the real one."""

    context: object
    window: int
    sequences: int
    step: int
    abort: bool
    on_gpu: bool

    @property
    def sharing(self) -> bool:
        """Whether a prefix of a sequence can be copied or cut."""

    def prompt(self, request: Request) -> Prompt:
        """A request's conversation as tokens."""

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for."""

    def ends(self, token: int) -> bool:
        """Whether a token ends the reply."""

    def sampler(self, request: Request) -> Draws:
        """A sampler for a request."""

    def decode(self, entries: Sequence[Entry]) -> None:
        """Compute one step."""

    def first_alternatives(self, output: int, count: int) -> dict[str, float]:
        """The likeliest tokens at one position of the last step."""


class _Job:
    """One request from its arrival to its reply."""

    def __init__(self, call: int, request: Request, prompt: Prompt, sampler: Draws) -> None:
        self.call = call
        self.request = request
        self.prompt = prompt.tokens
        self.reusable = prompt.reusable if prompt.reusable >= WORTH_KEEPING else 0
        self.sampler = sampler
        self.reply = ReplyText((*request.stop, *prompt.stop), prompt.marks, inside=prompt.inside)
        self.pending = self.prompt
        self.slot: Slot | None = None
        self.reused = 0
        self.generated = 0
        self.alternatives: dict[str, float] = {}

    @property
    def prefilling(self) -> bool:
        """Whether there is more to compute than the token that was drawn last."""
        return not self.generated or len(self.pending) > 1

    @property
    def leading(self) -> bool:
        """Whether it is a turn of the root or of a child RLM, on which sub-calls wait, and not a sub-call."""
        return self.request.role != "sub"


_Part = tuple[_Job, list[Entry]]
"""What a request has in a step."""


class Scheduler:
    """Serves the requests to one model.

    Args:
        backend: The model.
        emit: Receives what is to be sent to the client.
        states: Where the states of passages are kept.
    """

    def __init__(self, backend: Backend, emit: Callable[[Reply], None], states: States | None = None) -> None:
        self._backend = backend
        self._emit = emit
        self._states = states or NoStates()
        self._cache = PrefixCache(
            backend.sequences,
            backend.window,
            backend,
            self._states,
            sharing=backend.sharing,
            idle=None if backend.on_gpu else int(backend.window * IDLE_SHARE),
        )
        self._waiting: list[_Job] = []
        self._live: list[_Job] = []
        self._in_step: frozenset[int] = frozenset()
        self._speed = Speedometer()
        self._passed_over = 0

    @property
    def busy(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._waiting or self._live)

    @property
    def speed(self) -> Speed:
        """How quick it has been of late."""
        return self._speed.speed

    def submit(self, call: int, request: Request) -> None:
        """Take a request in; one that cannot fit is refused before any token is spent.

        Raises:
            UserError: The chat template refuses the conversation.
            ModelError: The schema cannot be turned into a grammar.
        """
        prompt = self._backend.prompt(request)
        if len(prompt.tokens) + request.max_tokens > self._backend.window:
            self._emit(
                Failed(
                    call,
                    "The prompt is too long.",
                    prompt_tokens=len(prompt.tokens),
                    window=self._backend.window,
                    max_tokens=request.max_tokens,
                )
            )
            return
        self._waiting.append(_Job(call, request, prompt, self._backend.sampler(request)))

    def close(self) -> None:
        """Finish writing states."""
        self._states.close()

    def interrupt(self, call: int) -> None:
        """Cut the running step off if it works for this call. Any thread may say so while a step runs.

        Memory that cannot be cut back is spoilt by that, also for others: there the step comes to its end.
        """
        if call in self._in_step and self._backend.sharing:
            self._backend.abort = True

    def cancel(self, call: int) -> None:
        """Forget a call; nothing is sent for it any more."""
        for job in [job for job in (*self._waiting, *self._live) if job.call == call]:
            self._drop(job)

    def step(self) -> None:
        """Compute one step."""
        self._speed.begin()
        self._admit()
        batch = self._batch()
        entries = [entry for _, part in batch for entry in part]
        if entries:
            self._compute(batch, entries)
        self._speed.end(more=self.busy)

    def _compute(self, batch: list[_Part], entries: list[Entry]) -> None:
        self._backend.abort = False
        self._in_step = frozenset(job.call for job, _ in batch)
        started = time.perf_counter()
        try:
            self._backend.decode(entries)
        except Aborted:
            self._roll_back(batch)
            return
        except RuntimeError as error:
            self._roll_back(batch)
            for job, _ in batch:
                self._fail(job, ModelError(f"The model failed: {error}.", "Ask again."))
            return
        finally:
            self._in_step = frozenset()
            prefill = any(job.prefilling for job, _ in batch)
            self._speed.note(prefill=prefill, tokens=len(entries), seconds=time.perf_counter() - started)
        self._take_in(batch)

    def _admit(self) -> None:
        """Give waiting requests their sequences; what leads goes first, since sub-calls come of it."""
        for job in sorted(self._waiting, key=lambda job: not job.leading):
            if self._soon_shared(job):
                continue
            request = job.request
            keep = job.leading or bool(request.conversation)
            slot = self._cache.admit(job.prompt, request.max_tokens, keep=keep)
            if slot is None:
                return  # first come, first served: nobody overtakes a request that waits for room
            job.slot, job.reused = slot, self._cache.length(slot)
            job.pending = job.prompt[job.reused :]
            self._waiting.remove(job)
            self._live.append(job)

    def _soon_shared(self, job: _Job) -> bool:
        """Whether another request is just computing a beginning this one can then share."""
        if not self._backend.sharing:
            return False
        shared = max((common_prefix(o.prompt, job.prompt) for o in self._live if o.prefilling), default=0)
        return shared >= WORTH_WAITING and shared >= self._cache.known(job.prompt) + WORTH_WAITING

    def _batch(self) -> list[_Part]:
        """The tokens of the next step: one for each reply under way, and prompts in what room is left.

        On a processor it is one or the other. Its flash attention takes the rows of a large step in blocks, and
        a block looks at every cell that any of its rows sees: eight replies beside a prompt made a step of 128
        tokens take 0.85 s instead of 0.5.
        """
        replies = [job for job in self._live if not job.prefilling]
        prompts = [job for job in self._live if job.prefilling]
        if replies and prompts and not self._backend.on_gpu:
            if self._passed_over * len(replies) >= FULL or self._passed_over >= PATIENCE:
                prompts = []
                self._passed_over = 0
            else:
                replies = []
                self._passed_over += 1
        batch = [self._part(job, 1) for job in replies]
        batch += self._prompts(prompts, max(1, self._backend.step - len(replies)))
        return sorted(batch, key=lambda part: part[1][0].sequence)  # recurrent models compute these together

    def _prompts(self, prompts: list[_Job], room: int) -> list[_Part]:
        """The prompt tokens of the next step.

        Prompts are computed one after the other, so that replies begin while others are read. While leading
        ones and sub-calls are both waiting, each kind gets half of the room.
        """
        batch = []
        kinds = [[job for job in prompts if job.leading is leading] for leading in (True, False)]
        first = [kind[0] for kind in kinds if kind]
        shares = {job.call: room // len(first) for job in first}
        for job in sorted(prompts, key=lambda job: job not in first):
            size = min(shares.get(job.call, room), room)
            if size:
                batch.append(self._part(job, size))
                room -= len(batch[-1][1])
        return batch

    def _part(self, job: _Job, size: int) -> _Part:
        """The next tokens of a request."""
        slot = job.slot
        if slot is None:
            raise BugError("A request that waits has no part in a step.")
        start = self._cache.length(slot)
        if not self._backend.sharing and start < job.reusable:
            size = min(size, job.reusable - start)  # its state can only be taken just there
        tokens = job.pending[:size]
        last = len(tokens) - 1 if len(tokens) == len(job.pending) else -1
        return job, [
            Entry(token, start + index, slot.sequence, index == last) for index, token in enumerate(tokens)
        ]

    def _take_in(self, batch: list[_Part]) -> None:
        position = -1
        for job, entries in batch:
            position += len(entries)
            if job.slot is None:
                continue
            before = self._cache.length(job.slot)
            self._cache.extend(job.slot, [entry.token for entry in entries])
            job.pending = job.pending[len(entries) :]
            if before < job.reusable <= before + len(entries):
                self._cache.keep_state(job.slot, job.reusable)
            if not job.pending:
                try:
                    self._continue(job, position)
                except ModelError as error:
                    self._fail(job, error)

    def _continue(self, job: _Job, position: int) -> None:
        """Draw the next token of a reply and see whether it is complete."""
        if not job.generated and job.request.top_logprobs:
            job.alternatives = self._backend.first_alternatives(position, job.request.top_logprobs)
        token = job.sampler.draw(self._backend.context, position)
        job.generated += 1
        job.pending = [token]
        if self._backend.ends(token):
            self._finish(job, "stop")
            return
        self._send(job, job.reply.feed(self._backend.piece(token)))
        if job.reply.stopped:
            self._finish(job, "stop")
        elif job.generated >= job.request.max_tokens:
            self._finish(job, "length")

    def _finish(self, job: _Job, reason: FinishReason) -> None:
        self._send(job, job.reply.finish())
        self._emit(
            Done(
                id=job.call,
                text=job.reply.text,
                finish_reason=reason,
                prompt_tokens=len(job.prompt),
                completion_tokens=job.generated,
                reused_tokens=job.reused,
                first_logprobs=job.alternatives,
                speed=self._speed.speed,
                thinking=job.reply.thinking,
                reasoning_tokens=job.reply.reasoning_tokens,
            )
        )
        self._drop(job)

    def _fail(self, job: _Job, error: ModelError) -> None:
        self._emit(Failed(job.call, error.message, error.hint))
        self._drop(job)

    def _send(self, job: _Job, text: str) -> None:
        if text:
            self._emit(Delta(job.call, text))

    def _drop(self, job: _Job) -> None:
        job.sampler.close()
        if job.slot is None:
            self._waiting.remove(job)
            return
        self._live.remove(job)
        self._cache.release(job.slot)

    def _roll_back(self, batch: list[_Part]) -> None:
        """The step did not happen: its tokens are computed again in the next one.

        Memory that cannot be cut back is spoilt as a whole, and everything in it is computed again.
        """
        jobs = [job for job, _ in batch]
        if not self._backend.sharing:
            self._cache.forget()
            jobs = self._live
        for job in jobs:
            if job.slot is not None:
                job.pending = self._cache.take_back(job.slot) + job.pending
