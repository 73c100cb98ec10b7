"""The shapes of the reference's log, field for field and in its order (``rlm/core/types.py``, June 2026).

What the format has no field for is either not written or kept where a reader that knows nothing of it passes over:

- ``environment_kwargs["rlm_desktop"]``, a `Frame`: the question, documents, limits and outcome of a run of ours.
- ``label`` and ``usage_summary`` of an iteration: the reference records neither for the root's own turns.
- ``prompt_tokens`` and ``completion_tokens`` of a call: what the reference's viewer shows of an older format.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from rlm_desktop.events import LimitReached, RunFinished, RunStarted

EXTENSION = "rlm_desktop"
"""Our key in ``environment_kwargs``, a field that the reference lets every environment fill as it likes."""

PROGRAM = "rlm-desktop"
"""The backend that our own logs name."""
IMPORTED = " (imported)"
"""Ends the name of the program that recorded a run, once the run comes from a log."""


class ModelUsage(msgspec.Struct):
    """What one model was used."""

    total_calls: int | None = 0
    total_input_tokens: int | None = 0
    total_output_tokens: int | None = 0
    total_cost: float | UnsetType | None = UNSET


class UsageSummary(msgspec.Struct):
    """What a call used, by model. ``total_cost`` is there when any model states a cost."""

    model_usage_summaries: dict[str, ModelUsage] = {}
    total_cost: float | UnsetType | None = UNSET


class Locals(msgspec.Struct):
    """The variables of a cell, of which nothing is read or written: they hold the whole context."""


class Metadata(msgspec.Struct):
    """How an RLM was set up. ``type`` and ``timestamp`` are on a file's first line only."""

    type: str | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET
    root_model: str | None = None
    max_depth: int | None = None
    max_iterations: int | None = None
    backend: str | None = None
    backend_kwargs: dict[str, Any] | None = None
    environment_type: str | None = None
    environment_kwargs: dict[str, Any] | None = None
    other_backends: list[str] | None = None


class Call(msgspec.Struct):
    """A sub-call; ``metadata`` is the trajectory of a child RLM."""

    root_model: str | None = None
    prompt: Any = ""
    response: Any = ""
    usage_summary: UsageSummary | None = None
    execution_time: float | None = None
    metadata: Trajectory | UnsetType | None = UNSET
    error: str | UnsetType | None = UNSET
    prompt_tokens: int | UnsetType = UNSET
    completion_tokens: int | UnsetType = UNSET


class Result(msgspec.Struct):
    """What a cell did."""

    stdout: str = ""
    stderr: str = ""
    locals: Locals | None = msgspec.field(default_factory=Locals)
    execution_time: float | None = None
    rlm_calls: list[Call] = []
    final_answer: Any = None


class CodeBlock(msgspec.Struct):
    """A cell."""

    code: str = ""
    result: Result | None = None


class Iteration(msgspec.Struct, kw_only=True):
    """A turn. ``prompt`` is the whole conversation so far, again in every turn."""

    type: str = "iteration"
    iteration: int
    timestamp: str = ""
    prompt: Any
    response: Any
    code_blocks: list[CodeBlock]
    final_answer: Any = None
    iteration_time: float | None = None
    label: str | UnsetType = UNSET
    usage_summary: UsageSummary | UnsetType = UNSET


class Trajectory(msgspec.Struct):
    """The run of a child RLM."""

    run_metadata: Metadata = msgspec.field(default_factory=Metadata)
    iterations: list[Iteration] = []


class Frame(msgspec.Struct, frozen=True):
    """The events a run of ours begins and ends with, without what only its own history gives meaning to.

    Attributes:
        started: How it began; its time is that of the metadata.
        limit: The limit that ended its exploration.
        finished: How it ended; missing while it ran.
    """

    started: RunStarted
    limit: LimitReached | None = None
    finished: RunFinished | None = None
