"""How much memory a GGUF model takes, estimated from its header before anything is loaded."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from rlm_desktop.models.gguf import GgufHeader, read_header
from rlm_desktop.models.llama import hardware
from rlm_desktop.models.llama.kv_size import CELLS, cache_bytes
from rlm_desktop.models.llama.options import CPU_STEP, Options

Verdict = Literal["fits", "tight", "will not fit"]
PROCESS = 120_000_000
"""Bytes of the worker itself: Python, libraries, the vocabulary, what threads keep apart."""
SPARE_SEQUENCES = 8
"""Sequences besides those at work, for what was computed and may be asked about again."""
_BLOCK = re.compile(r"blk\.(\d+)\.")


@dataclass(frozen=True)
class Fit:
    """What a model needs against what is free and what there is at all, in bytes."""

    needed: int
    free: int
    total: int

    @property
    def verdict(self) -> Verdict:
        """``tight`` leaves less than a tenth of what is free to everything else."""
        if self.needed > self.free:
            return "will not fit"
        return "tight" if self.needed > 0.9 * self.free else "fits"


@dataclass(frozen=True)
class Estimate:
    """What a model takes, in bytes.

    Attributes:
        blocks: Weights and cache of each layer.
        output: Weights of the output layer.
        rest: What stays with the processor, such as the embeddings.
        buffers: Scratch space of a step, on each device that computes.
        tied: Bytes of `rest` that a graphics card needs a copy of for the output layer.
    """

    blocks: tuple[int, ...]
    output: int
    rest: int
    buffers: int
    tied: int = 0

    @property
    def total(self) -> int:
        """All of it in one memory."""
        return sum(self.blocks) + self.output + self.rest + self.buffers

    @property
    def movable(self) -> tuple[int, ...]:
        """What each layer takes on a graphics card, in llama.cpp's order: the blocks, and last the output."""
        return (*self.blocks, self.output + self.tied)


def estimate(header: GgufHeader, options: Options, sequences: int, step: int = CPU_STEP) -> Estimate:
    """What a model takes.

    All experts of a mixture count, although a token needs few of them: a document needs them all.

    Args:
        header: What its file says.
        options: Its context window, and the type of its cache.
        sequences: Sequences its context has.
        step: Prompt tokens a step may have, besides one of each sequence.
    """
    weights, output = [0] * header.layers, 0
    for name, tensor in header.tensors.items():
        block = _BLOCK.match(name)
        if block and int(block[1]) < header.layers:
            weights[int(block[1])] += tensor.size
        elif name.startswith("output"):
            output += tensor.size
    cache = cache_bytes(header, options.context_window, options.cache_type, sequences)
    embeddings = header.tensors.get("token_embd.weight")
    outputs = 4 * header.vocabulary * sequences
    return Estimate(
        blocks=tuple(sum(pair) for pair in zip(weights, cache, strict=True)),
        output=output,
        rest=max(0, header.size - sum(weights) - output) + PROCESS,
        buffers=step_bytes(header, options.context_window, step + sequences) + outputs,
        tied=embeddings.size if embeddings and "output.weight" not in header.tensors else 0,
    )


def step_bytes(header: GgufHeader, context_window: int, tokens: int) -> int:
    """Scratch space of a step of so many tokens, in bytes.

    llama.cpp uses the space of one layer again for the next, so the widest stage counts: a layer, or the output with
    32 bits for each word of the vocabulary, reserved for every token. Measured at 146 tokens, which
    is 2 % less each time: 28.1 MiB (135M, 49,152 words) and 86.4 MiB (1.5B, 151,936 words).
    """
    width = header.number("embedding_length")
    experts = header.number("expert_used_count") * header.number("expert_feed_forward_length")
    output = 4 * tokens * (header.vocabulary + 2 * width)
    layer = 4 * tokens * (4 * width + 3 * max(header.number("feed_forward_length"), experts))
    masks = 2 if header.number("attention.sliding_window") else 1
    return max(output, layer + masks * 2 * tokens * context_window)


def largest_window(takes: Callable[[int], int], asked: int, room: int, floor: int) -> int:
    """The longest context window, in steps of 256 tokens, with which a model takes no more than there is room for.

    Args:
        takes: What it takes with a window of so many tokens, in bytes; more for a longer one.
        asked: The window that is wanted.
        room: Bytes there are.
        floor: The shortest that is of any use.

    Returns:
        Tokens; the floor, or what was asked for if that is less, when even that takes too much.
    """
    floor = min(asked, floor)
    windows: list[int] = [*range(floor, asked, CELLS), asked]
    fitting = bisect.bisect_right(windows, room, key=takes)
    return windows[max(0, fitting - 1)]


def sequences_for(header: GgufHeader, concurrency: int) -> int:
    """How many sequences a context needs to serve so many calls together; see `kv_memory`.

    One is there to save states from. Each has a twin if there is a sliding window. A recurrent state, which takes
    tens of megabytes a sequence, is not kept for those at rest.
    """
    spare = 1 if sum(cache_bytes(header, 0, "f16", 1)) else SPARE_SEQUENCES
    sequences = concurrency + spare + 1
    return 2 * sequences if header.number("attention.sliding_window") else sequences


def fit(path: Path, options: Options) -> Fit:
    """Whether a GGUF file fits in this computer's memory.

    Raises:
        UserError: The file is no usable GGUF.
    """
    header = read_header(path)
    needed = estimate(header, options, sequences_for(header, options.concurrency)).total
    return Fit(needed, hardware.free_memory(), hardware.total_memory())


def with_window(options: Options, context_window: int) -> Options:
    """The same options with another window."""
    return msgspec.structs.replace(options, context_window=context_window)
