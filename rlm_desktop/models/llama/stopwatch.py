"""How quickly loaded models compute the three kinds of steps there are."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import llama_cpp

from rlm_desktop.models.llama.options import CPU_STEP
from rlm_desktop.models.llama.tuning import TOGETHER, Race, Speeds

ROUNDS = 3
"""Timed runs of each step, of which the quickest counts."""
LONG = 10.0
"""Seconds after which each step is timed once only."""
CALM = 0.85
"""Part of its threads' time that a process computes when no other wants the cores: threads wait without sleeping."""
_SHAPES = ((CPU_STEP,), (1,) * TOGETHER, (1,))
"""Tokens of each sequence in a step of a prompt, of replies together, and of one alone."""


def race(contexts: Sequence[Any], words: int, go_on: Callable[[], bool]) -> Race | None:
    """Time the same steps in each context, in turn, so that what else the computer does slows none more than another.

    Args:
        contexts: llama.cpp's handles of one with copies of the weights, and perhaps one with the mapped file, with `TOGETHER` sequences and steps of `CPU_STEP` tokens; empty afterwards.
        words: Tokens their models know.
        go_on: Asked between two steps.

    Returns:
        The speeds, or nothing if a step failed or it was called off.
    """
    batch = llama_cpp.llama_batch_init(CPU_STEP, 0, 1)
    best: dict[tuple[int, int], float] = {}
    wall, processor = time.perf_counter(), time.process_time()
    try:
        for number, shape in enumerate(_SHAPES):
            _fill(batch, shape, words)
            for lap in range(ROUNDS + (number == 0)):  # the first lap of all reads the weights from the disk
                if time.perf_counter() - wall > LONG and (0, number) in best:
                    break
                for index, context in enumerate(contexts):
                    seconds = _seconds(context, batch) if go_on() else 0.0
                    if not seconds:
                        return None
                    if lap or number:
                        best[index, number] = min(seconds, best.get((index, number), seconds))
    finally:
        llama_cpp.llama_batch_free(batch)
    used = (time.process_time() - processor) / (time.perf_counter() - wall)
    copies, *mapped = (
        Speeds(*(sum(shape) / best[index, number] for number, shape in enumerate(_SHAPES)))
        for index in range(len(contexts))
    )
    return Race(
        copies, mapped[0] if mapped else None, calm=used > CALM * llama_cpp.llama_n_threads(contexts[0])
    )


def _fill(batch: Any, shape: Sequence[int], words: int) -> None:
    """Fill a batch with so many tokens for each sequence, spread over the vocabulary as those of a text are."""
    batch.n_tokens = sum(shape)
    places = [(sequence, position) for sequence, count in enumerate(shape) for position in range(count)]
    for index, (sequence, position) in enumerate(places):
        batch.token[index] = index * 7919 % words
        batch.pos[index] = position
        batch.n_seq_id[index], batch.seq_id[index][0] = 1, sequence
        batch.logits[index] = position == shape[sequence] - 1


def _seconds(context: Any, batch: Any) -> float:
    """Seconds that a step takes in an empty context; 0 if it fails."""
    memory = llama_cpp.llama_get_memory(context)
    began = time.perf_counter()
    code = llama_cpp.llama_decode(context, batch)
    llama_cpp.llama_synchronize(context)
    seconds = time.perf_counter() - began
    llama_cpp.llama_memory_clear(memory, True)
    return seconds if code == 0 else 0.0
