"""Continuous batching: many requests to one model, one step at a time.

Every step computes one token for each reply under way and up to a chunk of prompt tokens for those
that just came, all in one batch. A new request joins at the next step; a finished one leaves its
tokens in the cache, where the next prompt with the same beginning finds them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from rlm_desktop.events import FinishReason
from rlm_desktop.models.base import ModelError, Request
from rlm_desktop.models.llama.library import Aborted, Entry
from rlm_desktop.models.llama.prefix_cache import Memory, PrefixCache, Slot, common_prefix
from rlm_desktop.models.llama.replytext import ReplyText
from rlm_desktop.models.llama.wire import Delta, Done, Failed, Reply
from rlm_desktop.models.notices import Speed

WORTH_WAITING = 32
"""Tokens of a beginning that another request is just computing for which a new one waits a few steps."""
_MEMORY_OF_SPEED = 0.95
"""How much of the past each further step keeps in the running speed."""


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

    @property
    def sharing(self) -> bool:
        """Whether a prefix of a sequence can be copied or cut."""

    def prompt(self, request: Request) -> list[int]:
        """Tokens of a request's conversation."""

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

    def __init__(self, call: int, request: Request, prompt: list[int], sampler: Draws) -> None:
        self.call = call
        self.request = request
        self.prompt = prompt
        self.sampler = sampler
        self.reply = ReplyText(request.stop)
        self.pending = prompt
        self.slot: Slot | None = None
        self.reused = 0
        self.generated = 0
        self.alternatives: dict[str, float] = {}

    @property
    def prefilling(self) -> bool:
        """Whether its prompt is not computed yet."""
        return not self.generated

    @property
    def computed(self) -> int:
        """Tokens of it that are in memory."""
        return len(self.slot.tokens) if self.slot else 0


class Scheduler:
    """Serves the requests to one model.

    Args:
        backend: The model.
        emit: Receives what is to be sent to the client.
    """

    def __init__(self, backend: Backend, emit: Callable[[Reply], None]) -> None:
        self._backend = backend
        self._emit = emit
        self._cache = PrefixCache(backend.sequences, backend.window, backend, sharing=backend.sharing)
        self._waiting: list[_Job] = []
        self._live: list[_Job] = []
        self._in_step: frozenset[int] = frozenset()
        self._speed = _Speedometer()

    @property
    def busy(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._waiting or self._live)

    def submit(self, call: int, request: Request) -> None:
        """Take a request in; one that cannot fit is refused before any token is spent.

        Raises:
            UserError: The chat template refuses the conversation.
            ModelError: The schema cannot be turned into a grammar.
        """
        prompt = self._backend.prompt(request)
        if len(prompt) + request.max_tokens > self._backend.window:
            self._emit(
                Failed(
                    call,
                    "The prompt is too long.",
                    prompt_tokens=len(prompt),
                    window=self._backend.window,
                    max_tokens=request.max_tokens,
                )
            )
            return
        self._waiting.append(_Job(call, request, prompt, self._backend.sampler(request)))

    def interrupt(self, call: int) -> None:
        """Cut the running step off if it works for this call. Any thread may say so while a step runs."""
        if call in self._in_step:
            self._backend.abort = True

    def cancel(self, call: int) -> None:
        """Forget a call; nothing is sent for it any more."""
        for job in [job for job in (*self._waiting, *self._live) if job.call == call]:
            self._drop(job)

    def step(self) -> None:
        """Compute one step."""
        self._admit()
        batch = self._batch()
        entries = [entry for _, part in batch for entry in part]
        if not entries:
            return
        started = time.perf_counter()
        self._backend.abort = False
        self._in_step = frozenset(job.call for job, _ in batch)
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
        for job in list(self._waiting):
            if self._soon_shared(job):
                continue
            request = job.request
            keep = request.role == "root" or bool(request.conversation)
            slot = self._cache.admit(job.prompt, request.max_tokens, keep=keep)
            if slot is None:
                return  # first come, first served: nobody overtakes a request that waits for room
            job.slot, job.reused = slot, len(slot.tokens)
            job.pending = job.prompt[job.reused :]
            self._waiting.remove(job)
            self._live.append(job)

    def _soon_shared(self, job: _Job) -> bool:
        """Whether another request is just computing a beginning this one can then share."""
        return self._backend.sharing and any(
            other.prefilling and common_prefix(other.prompt, job.prompt) >= other.computed + WORTH_WAITING
            for other in self._live
        )

    def _batch(self) -> list[tuple[_Job, list[Entry]]]:
        """The tokens of the next step: one for each reply under way, and a chunk of prompts."""
        room = self._backend.step
        batch: list[tuple[_Job, list[Entry]]] = []
        for job in self._live:
            if job.slot is None or not room:
                continue
            tokens = job.pending[:room] if job.prefilling else job.pending
            room -= len(tokens) if job.prefilling else 0
            start, whole = len(job.slot.tokens), len(tokens) == len(job.pending)
            last = len(tokens) - 1
            entries = [
                Entry(token, start + index, job.slot.sequence, whole and index == last)
                for index, token in enumerate(tokens)
            ]
            batch.append((job, entries))
        return batch

    def _take_in(self, batch: list[tuple[_Job, list[Entry]]]) -> None:
        position = -1
        for job, entries in batch:
            position += len(entries)
            if job.slot is None:
                continue
            self._cache.extend(job.slot, [entry.token for entry in entries])
            job.pending = job.pending[len(entries) :]
            if not job.pending:
                try:
                    self._continue(job, position)
                except ModelError as error:
                    self._fail(job, error)

    def _continue(self, job: _Job, position: int) -> None:
        """Draw the next token of a reply and see whether it is complete."""
        if job.prefilling and job.request.top_logprobs:
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

    def _roll_back(self, batch: list[tuple[_Job, list[Entry]]]) -> None:
        """The step did not happen: its tokens are computed again in the next one."""
        for job, _ in batch:
            if job.slot is not None:
                self._backend.cut(job.slot.sequence, len(job.slot.tokens))


class _Speedometer:
    """Tokens a second over all requests together, the last steps counting most."""

    def __init__(self) -> None:
        self._tokens = {True: 0.0, False: 0.0}
        self._seconds = {True: 0.0, False: 0.0}

    def note(self, *, prefill: bool, tokens: int, seconds: float) -> None:
        """A step was done; one with prompt tokens counts as prefill whole."""
        self._tokens[prefill] = self._tokens[prefill] * _MEMORY_OF_SPEED + tokens
        self._seconds[prefill] = self._seconds[prefill] * _MEMORY_OF_SPEED + seconds

    @property
    def speed(self) -> Speed:
        """The speeds now."""
        return Speed(
            *(self._tokens[k] / self._seconds[k] if self._seconds[k] else 0.0 for k in (True, False))
        )
