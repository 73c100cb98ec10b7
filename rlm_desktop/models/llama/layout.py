"""Find out, at a model's first load on the processor, in which layout of its weights it is quicker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rlm_desktop.models.gguf import GgufHeader
from rlm_desktop.models.llama import hardware, tuning
from rlm_desktop.models.llama.memory import Fit, with_window
from rlm_desktop.models.llama.opener import Handle, Opener
from rlm_desktop.models.llama.options import CPU_STEP, Options

SMALLEST, LARGEST = 50_000_000, 6_000_000_000
"""Bytes of a file that is measured: a smaller model is quick anyway, a larger one would take minutes."""
WINDOW = 1024
"""Tokens of the context that is measured in."""


def repacked(
    path: Path,
    header: GgufHeader,
    options: Options,
    fit: Fit,
    opener: Opener,
    *,
    go_on: Callable[[], bool],
    on_measuring: Callable[[], None],
) -> bool:
    """Whether the processor is to get copies of the weights in an order of its own.

    Measured where nothing is known yet, if the model is small and leaves half of the free memory; llama.cpp's own
    choice where it is not, or where measuring fails.

    Args:
        path: The GGUF file.
        header: What it says of itself.
        options: How it is to be served.
        fit: What it needs and what is free.
        opener: What loads it.
        go_on: Asked now and then; measuring ends when it says no.
        on_measuring: Told before something is measured.
    """
    known = tuning.recall(path, threads=options.threads)
    if known and known.final(idle=hardware.idle()):
        return known.repack
    if not (SMALLEST <= header.size <= LARGEST and header.vocabulary and fit.needed < fit.free / 2):
        return True
    if not go_on():
        return True
    on_measuring()
    race = _measure(path, header.vocabulary, with_window(options, WINDOW), opener, go_on)
    if race is None:
        return True
    found = tuning.choose(race, known)
    tuning.remember(path, found, threads=options.threads)
    return found.repack


def _measure(
    path: Path, words: int, options: Options, opener: Opener, go_on: Callable[[], bool]
) -> tuning.Race | None:
    """Load it in both layouts, and have them compute in turn; nothing if that does not work."""
    opened: list[tuple[Handle, Handle]] = []
    try:
        for repack in (True, False):
            model = opener.load(path, 0, lambda _: go_on(), repack=repack)
            context = opener.context(model, options, tuning.TOGETHER, CPU_STEP) if model else None
            opened.append((model, context))
            if not context:
                return None
            if repack and not opener.repacked():
                break  # nothing in this file is copied, so there is only one layout
        return opener.race([context for _, context in opened], words, go_on)
    finally:
        for model, context in opened:
            opener.free(model, context)
