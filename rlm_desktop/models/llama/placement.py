"""Bring a model into memory: on the graphics cards as far as that goes, and with a context window there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from rlm_desktop.errors import UserError
from rlm_desktop.models.gguf import GgufHeader
from rlm_desktop.models.llama import gpu_plan, hardware, layout
from rlm_desktop.models.llama.memory import Fit, estimate, largest_window, with_window
from rlm_desktop.models.llama.opener import Handle, LlamaCpp, Opener
from rlm_desktop.models.llama.options import AUTO, CPU_STEP, GPU_STEP, Options

SHORTEST_WINDOW = 4096
"""Tokens under which a context window is not reduced to save memory: a prompt, a passage and a reply."""


@dataclass(frozen=True)
class Opened:
    """A loaded model.

    Attributes:
        model: llama.cpp's handle of the weights.
        context: llama.cpp's handle of the context.
        step: Prompt tokens a step may have besides one for each sequence.
        gpu_layers: Layers on graphics cards, of which the output is one.
        remark: What to tell the person: where it computes, and what was not as it was asked for.
    """

    model: Handle
    context: Handle
    step: int
    gpu_layers: int
    remark: str


@dataclass(frozen=True)
class Place:
    """What there is for a model.

    Attributes:
        cards: The graphics cards that are used.
        free: Bytes of the computer's memory that are free.
        total: Bytes of it there are.
    """

    cards: Sequence[hardware.Device]
    free: int
    total: int

    @property
    def own_memory(self) -> bool:
        """Whether layers on the cards leave the computer's memory."""
        return not any(card.shared for card in self.cards)


class Going:
    """Whether a loading goes on: it is over for good once its progress has been answered with no.

    Args:
        on_progress: Told the share loaded, from 0 to 1; says whether to go on.
    """

    def __init__(self, on_progress: Callable[[float], bool]) -> None:
        self._on_progress = on_progress
        self._rate, self._on = 0.0, True

    def report(self, rate: float) -> bool:
        """So much is loaded."""
        self._rate = rate
        return self.on()

    def on(self) -> bool:
        """Ask."""
        self._on = self._on and self._on_progress(self._rate)
        return self._on


def look_around(opener: Opener) -> Place:
    """What there is for a model now.

    Files that this process has mapped count as free memory to the system, but they are the weights of models that
    are in use.
    """
    mapped = getattr(psutil.Process().memory_info(), "shared", 0)
    free = max(0, hardware.free_memory() - mapped)
    return Place(gpu_plan.usable(opener.devices(), free), free, hardware.total_memory())


def open_model(
    path: Path,
    header: GgufHeader,
    options: Options,
    *,
    sequences: int,
    on_abort: Any,
    on_progress: Callable[[float], bool],
    on_measuring: Callable[[], None] = lambda: None,
    opener: Opener | None = None,
    place: Place | None = None,
) -> Opened:
    """Load weights and context, with fewer layers on the graphics card after each failure.

    Args:
        path: The GGUF file.
        header: What it says of itself.
        options: How it is to be served.
        sequences: Sequences its context is to have.
        on_abort: A ``ggml_abort_callback``, asked during a step whether to stop; the caller keeps it alive.
        on_progress: Told the share loaded, from 0 to 1; says whether to go on.
        on_measuring: Told before the quickest way to compute is found out, which takes some seconds.
        opener: What loads it, if not llama.cpp.
        place: What there is for it, if not what is found.

    Raises:
        UserError: It needs more memory than there is, cannot be loaded, or was called off.
    """
    going = Going(on_progress)
    opener = opener or LlamaCpp(on_abort)
    place = place or look_around(opener)
    plan = estimate(header, options, sequences, GPU_STEP)
    planned = gpu_plan.planned(options.gpu_layers, plan.movable, plan.buffers, place.cards)
    trouble = ""
    for layers in gpu_plan.attempts(planned):
        served, fit = settle(path, header, options, sequences=sequences, layers=layers, place=place)
        step = GPU_STEP if layers else CPU_STEP
        repack = bool(layers) or layout.repacked(
            path, header, served, fit, opener, go_on=going.on, on_measuring=on_measuring
        )
        model = opener.load(path, layers, going.report, repack=repack)
        context = opener.context(model, served, sequences, step) if model else None
        if context:
            where = _where(layers, len(plan.movable), place.cards, trouble, options)
            return Opened(model, context, step, layers, where + _caution(options, served, fit))
        trouble = opener.trouble()
        opener.free(model, None)
        if not going.on():
            raise UserError(f"The loading of {path} was called off.")
    raise UserError(
        f"The model {path} cannot be loaded: {trouble}.",
        "Download it again, or choose a smaller model if memory is short.",
    )


def settle(
    path: Path, header: GgufHeader, options: Options, *, sequences: int, layers: int, place: Place
) -> tuple[Options, Fit]:
    """Options with a context window that fits in what is free, if any does, and how it fits.

    Raises:
        UserError: With the shortest window of all it needs more than there is.
    """

    def takes(window: int) -> int:
        needs = estimate(header, with_window(options, window), sequences, GPU_STEP if layers else CPU_STEP)
        away = sum(needs.movable[len(needs.movable) - layers :]) - needs.tied if place.own_memory else 0
        return needs.total - (away if layers else 0)

    window = largest_window(takes, options.context_window, place.free, SHORTEST_WINDOW)
    fit = Fit(takes(window), place.free, place.total)
    if fit.needed > fit.total:
        shortest = " even with the shortest context window" if window < options.context_window else ""
        raise UserError(
            f"The model {path} needs {_size(fit.needed)} of memory{shortest}, and there are {_size(fit.total)} in all.",
            "Choose a smaller model.",
        )
    return with_window(options, window), fit


def _where(layers: int, most: int, cards: Sequence[hardware.Device], trouble: str, options: Options) -> str:
    """Where it computes, and why not on the graphics card, or not all of it."""
    names = " and ".join(card.description or card.name for card in cards)
    because = f", because the graphics card could not take it ({trouble})" if trouble else ""
    if layers == most:
        return f"Loaded on {names}."
    as_asked = options.gpu_layers != AUTO and not trouble
    if layers:
        more = f", which could not take more ({trouble})" if trouble else ", which has no room for more"
        return f"Loaded with {layers} of {most} layers on {names}{'' if as_asked else more}."
    if cards and not trouble and not as_asked:
        because = f", because {names} has no room for it ({_size(sum(card.free for card in cards))} free)"
    return f"Loaded on the processor, {hardware.in_words(hardware.threads(options.threads))}{because}."


def _caution(asked: Options, served: Options, fit: Fit) -> str:
    """What is less than was asked for, and what to expect."""
    said = ""
    if served.context_window < asked.context_window:
        said += (
            f" Its context window is {served.context_window:,} tokens instead of {asked.context_window:,}, because "
            f"only {_size(fit.free)} of memory are free."
        )
    if fit.verdict == "will not fit":
        said += (
            f" It needs {_size(fit.needed)} and {_size(fit.free)} are free, so it may be very slow: close other "
            "programs, or choose a smaller model."
        )
    return said


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
