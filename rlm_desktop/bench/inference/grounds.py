"""Where a bench takes place: what opens peers, and what the computer has. Tests put fake peers there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from rlm_desktop.bench.inference.foreign import open_foreign, with_tokens
from rlm_desktop.bench.inference.ours import open_ours
from rlm_desktop.bench.inference.peer import OURS, Contestant, OpenPeer, Peer
from rlm_desktop.bench.inference.setup import Setup, warm_up_workload
from rlm_desktop.bench.inference.workload import Workload
from rlm_desktop.bench.section import Tell
from rlm_desktop.models.llama.hardware import threads
from rlm_desktop.models.llama.probe import Report
from rlm_desktop.models.registry import ResolvedModel

GPU_CELLS = 32_768
"""Room for 32 calls of 510 tokens and more, which a graphics card computes together."""
AddTokens = Callable[[Sequence[Workload]], Awaitable[list[Workload]]]
"""Adds the tokens of every prompt to workloads."""


@dataclass(frozen=True)
class Grounds:
    """Where a bench takes place.

    Attributes:
        open_peer: Loads a peer.
        with_tokens: Adds the tokens of every prompt to workloads.
        no_gpu: Why there is no graphics card; empty when there is one.
        tell: Told what is being done.
    """

    open_peer: OpenPeer
    with_tokens: AddTokens
    no_gpu: str
    tell: Tell


async def real_grounds(model: ResolvedModel, build: Report, tell: Tell) -> Grounds:
    """This computer, with this build of llama.cpp.

    Raises:
        UserError: The model's file or chat template is broken.
    """
    (warm_up,) = await with_tokens([warm_up_workload()], model)
    setup = Setup(model, threads(), warm_up.stages[0])
    no_gpu = _no_gpu(build)
    if not no_gpu:
        setup = replace(setup, cells=GPU_CELLS)

    def open_peer(contestant: Contestant, *, states: Path | None = None) -> AbstractAsyncContextManager[Peer]:
        if contestant.peer == OURS:
            return open_ours(contestant, setup, tell, states)
        return open_foreign(contestant, setup, tell)

    async def add_tokens(workloads: Sequence[Workload]) -> list[Workload]:
        return await with_tokens(workloads, model)

    return Grounds(open_peer, add_tokens, no_gpu, tell)


def _no_gpu(build: Report) -> str:
    """Why llama.cpp computes on no graphics card here; empty when it does."""
    if not build.gpu_offload:
        return "No graphics card could be had: this llama.cpp was built for the processor alone."
    if not any(device.gpu for device in build.devices):
        return "No graphics card could be had: llama.cpp finds none."
    return ""
