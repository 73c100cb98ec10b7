"""Which sequence of the KV cache serves which request, so that shared beginnings are computed once.

All sequences share one pool of cells (llama.cpp's unified KV cache). Copying a prefix from one
sequence to another costs no cells: both then point at the same ones. Finished sequences keep their
tokens until the room is needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Memory(Protocol):
    """The part of llama.cpp's memory interface that is used here."""

    def copy(self, source: int, target: int, end: int) -> None:
        """Let ``target`` share the first ``end`` tokens of ``source``."""

    def cut(self, sequence: int, start: int) -> None:
        """Forget the tokens of a sequence from ``start`` on."""


@dataclass
class Slot:
    """One sequence.

    Attributes:
        sequence: Its id in llama.cpp.
        tokens: The tokens whose state is in memory.
        cells: Identity of the cell that holds each of them; shared ones appear in several slots.
        limit: Tokens it may grow to, while it is busy.
        busy: Whether a request is using it.
        keep: Whether it holds a growing conversation, which is dropped last.
        used: When it was last used, for dropping the oldest first.
    """

    sequence: int
    tokens: list[int] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    limit: int = 0
    busy: bool = False
    keep: bool = False
    used: int = 0


class PrefixCache:
    """Hands out sequences to requests.

    Args:
        sequences: How many there are.
        cells: Tokens the memory holds.
        memory: Where the tokens' state is.
        sharing: Whether a prefix can be cut or copied; recurrent models cannot.
    """

    def __init__(self, sequences: int, cells: int, memory: Memory, *, sharing: bool = True) -> None:
        self.slots = [Slot(sequence) for sequence in range(sequences)]
        self._total = cells
        self._memory = memory
        self._sharing = sharing
        self._cell = itertools.count()
        self._clock = itertools.count(1)

    def admit(self, prompt: Sequence[int], max_tokens: int, *, keep: bool = False) -> Slot | None:
        """A sequence for a request, holding as much of the prompt as is already computed.

        At least the prompt's last token is left to compute, because its output is needed.

        Args:
            prompt: Tokens of the prompt.
            max_tokens: Most tokens that will be generated after it.
            keep: Whether it is a growing conversation.

        Returns:
            The sequence, or ``None`` while there is no room: try again when a request has finished.
        """
        limit = len(prompt) + max_tokens
        donor, common = self._longest(prompt)
        if not self._make_room(limit - common, donor) and not (donor and self._make_room(limit, None)):
            return None
        common = common if donor and len(donor.tokens) >= common else 0
        slot = self._choose(donor, common)
        if slot is None:
            return None
        if slot is not donor or not common:
            self._clear(slot)
            if donor and common:
                self._memory.copy(donor.sequence, slot.sequence, common)
                slot.tokens, slot.cells = donor.tokens[:common], donor.cells[:common]
        elif len(slot.tokens) > common:
            self._cut(slot, common)
        slot.busy, slot.limit, slot.keep, slot.used = True, limit, keep, next(self._clock)
        return slot

    def extend(self, slot: Slot, tokens: Sequence[int]) -> None:
        """Note that tokens of a sequence were computed."""
        slot.tokens.extend(tokens)
        slot.cells.extend(next(self._cell) for _ in tokens)

    def release(self, slot: Slot) -> None:
        """A request is done with its sequence; its tokens stay until the room is needed."""
        slot.busy, slot.limit, slot.used = False, 0, next(self._clock)

    def free_cells(self) -> int:
        """Cells nobody holds and no busy sequence has claimed."""
        held: set[int] = set()
        held.update(*(slot.cells for slot in self.slots))
        claimed = sum(slot.limit - len(slot.tokens) for slot in self.slots if slot.busy)
        return self._total - len(held) - claimed

    def _longest(self, prompt: Sequence[int]) -> tuple[Slot | None, int]:
        """The slot that shares the longest beginning with a prompt."""
        best, common = None, 0
        for slot in self.slots if self._sharing else ():
            same = common_prefix(slot.tokens, prompt[:-1])
            if same > common:
                best, common = slot, same
        return best, common

    def _make_room(self, cells: int, spared: Slot | None) -> bool:
        """Drop idle sequences, the oldest first, until so many cells are free."""
        while self.free_cells() < cells:
            idle = [slot for slot in self.slots if not slot.busy and slot.tokens and slot is not spared]
            if not idle:
                return False
            self._clear(min(idle, key=lambda slot: (slot.keep, slot.used)))
        return True

    def _choose(self, donor: Slot | None, common: int) -> Slot | None:
        """A continued sequence goes on where it is; otherwise an empty one, otherwise the oldest idle one."""
        if donor and not donor.busy and common == len(donor.tokens):
            return donor
        idle = [slot for slot in self.slots if not slot.busy]
        return min(idle, key=lambda slot: (bool(slot.tokens), slot.keep, slot.used), default=None)

    def _clear(self, slot: Slot) -> None:
        self._cut(slot, 0)
        slot.keep = False

    def _cut(self, slot: Slot, start: int) -> None:
        self._memory.cut(slot.sequence, start)
        del slot.tokens[start:], slot.cells[start:]


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many items two sequences share at their beginning."""
    size = min(len(first), len(second))
    if first[:size] == second[:size]:
        return size
    return next(at for at in range(size) if first[at] != second[at])
