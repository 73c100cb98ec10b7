"""How many layers of a model go on the graphics cards: pure arithmetic, so that it can be tested without a card."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence

from rlm_desktop.models.llama.hardware import Device
from rlm_desktop.models.llama.options import AUTO

MARGIN = 2**30
"""Bytes to leave free on a card, as llama.cpp's own ``--fit`` does: for the driver and for what estimates miss."""
SMALL_CARD = 8
"""Of a card with less than eight times that, an eighth is left free."""


def usable(devices: Sequence[Device], free_memory: int) -> list[Device]:
    """The cards llama.cpp takes (``llama_prepare_model_devices``): integrated ones only where there is no other.

    Args:
        devices: All there are.
        free_memory: Bytes that are free in the computer's own memory, beyond which no card can go that uses it.
    """
    discrete = [device for device in devices if device.kind == "gpu"]
    cards = discrete or [device for device in devices if device.kind == "igpu"]
    return [_bounded(card, free_memory) for card in cards]


def _bounded(card: Device, free_memory: int) -> Device:
    unknown = not (card.free or card.total)  # llama.cpp takes the computer's own memory then
    if not (card.shared or unknown):
        return card
    free = free_memory if unknown else min(card.free, free_memory)
    return Device(card.name, card.description, card.kind, free, card.total or free_memory)


def planned(asked: int, layers: Sequence[int], buffers: int, cards: Sequence[Device]) -> int:
    """How many layers to put on the cards: so many as are asked for, if that is not `AUTO`; see `offloaded`."""
    if asked == AUTO:
        return offloaded(layers, buffers, cards)
    return min(asked, len(layers)) if cards else 0


def offloaded(layers: Sequence[int], buffers: int, cards: Sequence[Device]) -> int:
    """The most layers that fit on the cards.

    Args:
        layers: Bytes each takes, in llama.cpp's order: the blocks, and last the output.
        buffers: Bytes of scratch space each card in use needs.
        cards: Those that are used, with what is free on each.

    Returns:
        A number as ``n_gpu_layers`` has it: of the last layers, so that 1 is the output alone.
    """
    if not any(card.free for card in cards):
        return 0
    rooms = [card.free - buffers - min(MARGIN, card.total // SMALL_CARD) for card in cards]
    for count in range(len(layers), 0, -1):
        parts = distributed(layers[len(layers) - count :], cards)
        if all(sum(part) <= room for part, room in zip(parts, rooms, strict=True) if part):
            return count
    return 0


def distributed(layers: Sequence[int], cards: Sequence[Device]) -> list[list[int]]:
    """The layers that come to each card: llama.cpp splits them, in order, by what is free (``load_tensors``)."""
    free = list(itertools.accumulate(card.free for card in cards))
    parts: list[list[int]] = [[] for _ in cards]
    for index, size in enumerate(layers):
        card = bisect.bisect_right([part / free[-1] for part in free], index / len(layers))
        parts[min(card, len(cards) - 1)].append(size)
    return parts


def attempts(planned: int) -> tuple[int, ...]:
    """What to try in turn: the planned layers, fewer after each failure, and at last the processor alone."""
    tries = (planned, planned * 3 // 4, planned // 2, planned // 4, 0)
    return tuple(dict.fromkeys(tries))
