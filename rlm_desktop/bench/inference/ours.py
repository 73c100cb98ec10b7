"""Our own worker, called as the engine calls it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rlm_desktop.bench.inference.peer import Answered, Contestant, Served
from rlm_desktop.bench.inference.setup import Setup
from rlm_desktop.bench.inference.workload import Call, Stage
from rlm_desktop.bench.section import Tell
from rlm_desktop.models.base import Request
from rlm_desktop.models.llama.client import LlamaModel, LlamaWorker
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.notices import ModelNotice

STATES_LIMIT = 4 * 10**9


@asynccontextmanager
async def open_ours(
    contestant: Contestant, setup: Setup, tell: Tell, states: Path | None = None
) -> AsyncIterator[OwnPeer]:
    """Our worker with the model loaded.

    Args:
        contestant: How many calls at a time.
        setup: The model.
        tell: Told who is waited for.
        states: Folder for KV states of passages; ``None`` keeps none.
    """
    about: list[str] = []

    def notice(notice: ModelNotice) -> None:
        if notice.state == "ready" and notice.text:
            about.append(notice.text)
        elif notice.state == "waiting":
            tell(notice.text)

    worker = LlamaWorker(notice)
    try:
        model = await worker.open(
            setup.model.path, name=setup.model.name, options=_options(contestant, setup, states)
        )
        await model.load()
        peer = OwnPeer(model, contestant.width, " ".join(about))
        await peer.serve(setup.warm_up)
        yield peer
    finally:
        await worker.close()


def _options(contestant: Contestant, setup: Setup, states: Path | None) -> Options:
    return Options(
        sha256=setup.model.sha256,
        context_window=setup.cells,
        concurrency=contestant.width,
        template=setup.model.template,
        chat_template=setup.model.chat_template,
        states=str(states) if states else "",
        states_limit=STATES_LIMIT if states else 0,
    )


class OwnPeer:
    """See `rlm_desktop.bench.inference.peer.Peer`."""

    def __init__(self, model: LlamaModel, width: int, about: str) -> None:
        self._model = model
        self._places = asyncio.Semaphore(width)  # as many at a time as the engine sends
        self.about = about

    async def serve(self, stage: Stage) -> Served:
        """Answer all calls of a stage."""
        started = time.perf_counter()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._complete(call)) for call in stage]
        except ExceptionGroup as failures:  # a worker that died takes all calls with it: one sentence will do
            raise failures.exceptions[0] from failures
        seconds = time.perf_counter() - started
        return Served(seconds, tuple(task.result() for task in tasks))

    def overhead(self) -> float | None:
        """Share of the worker's busy time outside llama.cpp."""
        return self._model.speed.overhead

    async def _complete(self, call: Call) -> Answered:
        async with self._places:
            completion = await self._model.complete(_request(call))
        usage = completion.usage
        return Answered(
            prompt_tokens=usage.prompt_tokens,
            reused_tokens=usage.reused_tokens,
            completion_tokens=usage.completion_tokens,
            text=completion.text,
        )


def _request(call: Call) -> Request:
    return Request(
        messages=call.messages,
        role="root" if call.root else "sub",
        conversation="root" if call.root else "",
        max_tokens=call.new_tokens,
        min_tokens=0 if call.ends else call.new_tokens,
        reusable=call.reusable,
    )
