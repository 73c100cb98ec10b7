"""What every peer is given alike: the model, the room for its cache, the threads, a first call to warm up."""

from __future__ import annotations

from dataclasses import dataclass

from rlm_desktop.bench.inference.workload import Call, Stage, Workload
from rlm_desktop.models.base import Message
from rlm_desktop.models.registry import ResolvedModel

CELLS = 16_384
"""Tokens each peer's KV cache holds: 12 passages of 1,000 tokens, or 4,000 tokens of a root and 16 sub-calls."""


@dataclass(frozen=True)
class Setup:
    """How each peer is set up.

    Attributes:
        model: The model.
        threads: Threads to compute with.
        warm_up: Calls that are made first and not counted, since they read the weights from the disk.
        cells: Tokens the KV cache holds.
    """

    model: ResolvedModel
    threads: int
    warm_up: Stage
    cells: int = CELLS


def warm_up_workload() -> Workload:
    """A short call that has nothing in common with those that are measured."""
    return Workload("warm-up", ((Call(messages=(Message("user", "Hello."),), new_tokens=4),),))
