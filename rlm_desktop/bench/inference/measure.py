"""``bench inference`` from its first to its last figure."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from rlm_desktop.bench.inference.again import measure_again
from rlm_desktop.bench.inference.compare import compare
from rlm_desktop.bench.inference.grounds import Grounds
from rlm_desktop.bench.inference.peaks import measure_peaks, peak_workload
from rlm_desktop.bench.inference.peer import OURS, SEQUENTIAL, Contestant
from rlm_desktop.bench.inference.plan import NO_SERVER, Part, Plan
from rlm_desktop.bench.inference.roofline import roofline
from rlm_desktop.bench.inference.workload import map_workload, trace_workload
from rlm_desktop.bench.section import Note, Section

GPU_CALLS = 64
GPU_WIDTHS = (16, 32)


async def measure(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """Measure what the plan says; each section is yielded as soon as it is finished.

    Raises:
        UserError: A peer failed.
    """
    if set(plan.peers) - set(plan.available):
        yield Note(name="xllamacpp", text=NO_SERVER)
    parts: dict[Part, Callable[[Plan, Grounds], AsyncGenerator[Section]]] = {
        "map": _map,
        "trace": _trace,
        "again": _again,
        "gpu": _gpu,
    }
    for part in plan.parts:
        async for section in parts[part](plan, grounds):
            yield section


async def _map(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """One question over many passages."""
    contestants = plan.contestants(concurrency=plan.concurrency)
    for workload in await grounds.with_tokens([map_workload(count) for count in plan.new_tokens]):
        yield await compare(workload, contestants, plan.rounds, grounds.open_peer, grounds.tell)


async def _trace(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """A recorded run, and how near it comes to the least time."""
    workload, peak = await grounds.with_tokens([trace_workload(), peak_workload()])
    compared = await compare(workload, plan.contestants(), plan.rounds, grounds.open_peer, grounds.tell)
    yield compared
    if OURS not in plan.available:
        return
    peaks = await measure_peaks(peak, plan.rounds, grounds.open_peer, grounds.tell)
    yield peaks
    yield roofline(workload, peaks, {str(one.contestant): one.median for one in compared.standings})


async def _again(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """A second question over the same passages; nobody else keeps them, so only ours is run."""
    if OURS in plan.available:
        yield await measure_again(grounds)


async def _gpu(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """Many calls on a graphics card, if there is one."""
    if grounds.no_gpu:
        yield Note(name="gpu", text=grounds.no_gpu)
        return
    contestants = [Contestant(SEQUENTIAL), *(Contestant(OURS, width) for width in GPU_WIDTHS)]
    contestants = [one for one in contestants if one.peer in plan.available]
    (workload,) = await grounds.with_tokens([map_workload(plan.new_tokens[0], GPU_CALLS)])
    yield await compare(workload, contestants, plan.rounds, grounds.open_peer, grounds.tell)
