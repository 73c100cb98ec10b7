"""What to expect of a model on this computer before it is loaded: whether it fits, where it computes, how quickly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from rlm_desktop.models.gguf import GgufHeader, read_header
from rlm_desktop.models.llama import gpu_plan, hardware, tuning
from rlm_desktop.models.llama.memory import Fit, Verdict, estimate, sequences_for
from rlm_desktop.models.llama.options import CPU_STEP, GPU_STEP, Options


class Outlook(msgspec.Struct, frozen=True):
    """What to expect of a model.

    Attributes:
        verdict: Whether it fits in the memory that is free now.
        needed: Bytes it needs, on the processor's side and on the cards together.
        free: Bytes that are free, on both.
        total: Bytes there are, on both.
        place: Where it computes, in a few words; empty when the file is not here to be asked.
        speed: How quickly, in a few words; empty until that was measured at its first load.
    """

    verdict: Verdict
    needed: int
    free: int
    total: int
    place: str = ""
    speed: str = ""

    def __str__(self) -> str:
        return f"{self.verdict} ({self.needed / 1e9:.1f} GB of {self.free / 1e9:.1f} GB free)"

    @property
    def impossible(self) -> bool:
        """Whether there is too little memory even with nothing else running."""
        return self.needed > self.total


def outlook(path: Path, options: Options, cards: Sequence[hardware.Device]) -> Outlook:
    """What to expect of a GGUF file.

    Raises:
        UserError: It is no usable GGUF.
        OSError: It is not there.
    """
    status = path.stat()
    header = _header(path, status.st_size, status.st_mtime_ns)
    sequences = sequences_for(header, options.concurrency)
    needs = estimate(header, options, sequences, GPU_STEP)
    layers = gpu_plan.planned(options.gpu_layers, needs.movable, needs.buffers, cards)
    if not layers:
        needs = estimate(header, options, sequences, CPU_STEP)
    measured = tuning.recall(path, threads=options.threads) if not layers else None
    return _with_cards(
        needs.total,
        cards,
        place=_place(layers, len(needs.movable), cards, hardware.threads(options.threads)),
        speed=str(measured) if measured else "",
    )


def expected(needed: int, cards: Sequence[hardware.Device]) -> Outlook:
    """What to expect of a model that is said to need so many bytes, before its file is here."""
    return _with_cards(needed, cards)


def _with_cards(
    needed: int, cards: Sequence[hardware.Device], *, place: str = "", speed: str = ""
) -> Outlook:
    own = [card for card in cards if not card.shared]
    free = hardware.free_memory() + sum(card.free for card in own)
    total = hardware.total_memory() + sum(card.total for card in own)
    return Outlook(Fit(needed, free, total).verdict, needed, free, total, place, speed)


def _place(layers: int, most: int, cards: Sequence[hardware.Device], threads: int) -> str:
    names = " and ".join(card.description or card.name for card in cards)
    if not layers:
        full = f"; {names} has no room for it" if cards else ""
        return f"the processor, {hardware.in_words(threads)}{full}"
    return f"{names}, {f'{layers} of {most} layers' if layers < most else 'all layers'}"


@lru_cache(maxsize=32)
def _header(path: Path, _size: int, _mtime_ns: int) -> GgufHeader:
    """The header of a file, read again only when it has changed: a large vocabulary takes a tenth of a second."""
    return read_header(path)
