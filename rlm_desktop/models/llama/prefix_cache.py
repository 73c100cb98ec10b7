"""Which sequence of the KV cache serves which request, so that no token is computed twice.

What a prompt begins with is looked for in two places: in the KV cache, where copying a beginning from one
sequence to another costs no cells, and among the states kept on disk. Finished sequences keep their tokens
until the room is needed, but not many of them: attention looks at every cell in use, if only to see that it
is another sequence's, and a state comes back from the disk's cache in less time than one token takes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rlm_desktop.models.llama.cell_tree import CellTree, Run

State = npt.NDArray[np.uint8]
"""The KV state of a sequence, as llama.cpp writes it."""
WORTH_LOADING = 32
"""Tokens a state must save beyond what is in memory; loading one takes the time of about one token."""
WORTH_PARKING = 256
"""Tokens a conversation must have to be kept on disk when its room is needed."""


class Memory(Protocol):
    """The part of llama.cpp's memory interface that is used here."""

    def copy(self, source: int, target: int, end: int) -> bool:
        """Let ``target``, which is empty, share the first ``end`` tokens of ``source``; whether that could be."""

    def cut(self, sequence: int, start: int) -> bool:
        """Forget the tokens of a sequence from ``start`` on; whether that was possible (from 0 it always is)."""

    def save(self, sequence: int, end: int) -> State | None:
        """The state of the first ``end`` tokens, or of all where a sequence cannot be cut, if they are there."""

    def load(self, sequence: int, state: State) -> bool:
        """Fill an empty sequence; one that does not fit leaves it empty."""


class States(Protocol):
    """States that outlive their sequence; `states.StateFolder` keeps them on disk."""

    def longest(self, prompt: Sequence[int]) -> int:
        """Tokens of the longest beginning of a prompt, short of the whole, whose state is kept; 0 for none."""

    def get(self, tokens: Sequence[int]) -> State | None:
        """The state of exactly these tokens, if it is still there and whole."""

    def put(self, tokens: Sequence[int], state: State) -> None:
        """Keep a state."""

    def close(self) -> None:
        """Finish what was begun."""


class NoStates:
    """Nothing is kept."""

    def longest(self, prompt: Sequence[int]) -> int:  # noqa: ARG002
        """None is."""
        return 0

    def get(self, tokens: Sequence[int]) -> None:
        """None is."""

    def put(self, tokens: Sequence[int], state: State) -> None:
        """Forget it."""

    def close(self) -> None:
        """Nothing was begun."""


@dataclass
class Slot:
    """One sequence.

    Attributes:
        sequence: Its id in llama.cpp.
        limit: Tokens it may grow to, while it is busy.
        prompt: Tokens of the prompt it last served.
        busy: Whether a request is using it.
        keep: Whether it holds a growing conversation, which is dropped last.
    """

    sequence: int
    limit: int = 0
    prompt: int = 0
    busy: bool = False
    keep: bool = False


class PrefixCache:
    """Hands out sequences to requests.

    Args:
        sequences: How many there are.
        cells: Tokens the memory holds.
        memory: Where the tokens' state is.
        states: Where states are kept that the memory has no room for.
        sharing: Whether a sequence can be cut, and a part of it copied; recurrent memory cannot.
        idle: Cells that sequences at rest may hold.
    """

    def __init__(
        self,
        sequences: int,
        cells: int,
        memory: Memory,
        states: States,
        *,
        sharing: bool = True,
        idle: int | None = None,
    ) -> None:
        self.slots = [Slot(sequence) for sequence in range(sequences)]
        self._cells = cells
        self._memory = memory
        self._states = states
        self._sharing = sharing
        self._idle = cells if idle is None else idle
        self._tree = CellTree(sequences)
        self._clock = itertools.count(1)

    def length(self, slot: Slot) -> int:
        """Tokens whose state a sequence holds."""
        return self._tree.length(slot.sequence)

    def known(self, prompt: Sequence[int]) -> int:
        """Tokens at the beginning of a prompt that need not be computed."""
        return max(self._resident(prompt)[1], self._states.longest(prompt))

    def admit(self, prompt: Sequence[int], max_tokens: int, *, keep: bool = False) -> Slot | None:
        """A sequence for a request, holding as much of the prompt as is known.

        At least the prompt's last token is left to compute, because its output is needed.

        Args:
            prompt: Tokens of the prompt.
            max_tokens: Most tokens that will be generated after it.
            keep: Whether it is a growing conversation.

        Returns:
            The sequence, or ``None`` while there is no room: try again when a request has finished.
        """
        limit = len(prompt) + max_tokens
        run, common = self._resident(prompt)
        stored = self._states.longest(prompt)
        if stored >= common + WORTH_LOADING:
            slot = self._loaded(prompt[:stored], limit)
        elif common:
            slot = self._continued(self._tree.split(run, common), limit, keep=keep)
        else:
            slot = self._empty(limit)
        if slot is not None:
            slot.busy, slot.limit, slot.prompt, slot.keep = True, limit, len(prompt), keep
            self._touch(slot)
        return slot

    def extend(self, slot: Slot, tokens: Sequence[int]) -> None:
        """Note that tokens of a sequence were computed."""
        self._tree.append(slot.sequence, tokens)

    def take_back(self, slot: Slot) -> list[int]:
        """A step of a sequence did not happen; it holds again what it held before.

        Returns:
            Tokens that must be computed again, as the memory could not be cut back to just after them.
        """
        length = self._tree.length(slot.sequence)
        if self._sharing and self._memory.cut(slot.sequence, length):
            return []
        tokens = self._tree.tokens(slot.sequence)
        self._clear(slot)
        return tokens

    def forget(self) -> None:
        """Drop everything that is not in use."""
        for slot in self._idle_slots():
            slot.keep = False
            self._clear(slot)

    def keep_state(self, slot: Slot, end: int) -> None:
        """Keep the state of the first tokens of a sequence, unless it is kept already."""
        tokens = self._tree.tokens(slot.sequence)[:end]
        if self._states.longest([*tokens, -1]) < end:
            state = self._memory.save(slot.sequence, end)
            if state is not None:
                self._states.put(tokens, state)

    def release(self, slot: Slot) -> None:
        """A request is done with its sequence; its tokens stay until the room is needed."""
        slot.busy, slot.limit = False, 0
        self._touch(slot)
        while self._resting() > self._idle and (leaf := self._oldest()):
            self._evict(leaf)

    def free_cells(self) -> int:
        """Cells nobody holds and no busy sequence has claimed."""
        claimed = sum(slot.limit - self.length(slot) for slot in self.slots if slot.busy)
        return self._cells - self._tree.size - claimed

    def _resident(self, prompt: Sequence[int]) -> tuple[Run, int]:
        """The longest beginning of a prompt that another sequence can go on from."""
        run, common = self._tree.match(prompt[:-1])
        if self._sharing:
            return run, common
        whole = (one for one in run.path() if one.end <= common and self._resting_at(one))
        run = next(whole, run)
        return (run, run.end) if run.end <= common and self._resting_at(run) else (run, 0)

    def _resting_at(self, run: Run) -> Slot | None:
        """A sequence at rest that ends with a run, and can go on from there as it is."""
        return next((s for s in self._idle_slots() if self._tree.tail(s.sequence) is run), None)

    def _conversation(self, run: Run) -> Slot | None:
        """The conversation that goes on after a run: what its last reply left there is of no use any more."""
        idle = (slot for slot in self._idle_slots() if slot.sequence in run.sequences)
        return next((slot for slot in idle if slot.keep and slot.prompt <= run.end), None)

    def _idle_slots(self) -> list[Slot]:
        return [slot for slot in self.slots if not slot.busy]

    def _continued(self, run: Run, limit: int, *, keep: bool) -> Slot | None:
        """A sequence that goes on after a run."""
        if not self._make_room(limit - run.end, run):
            return None
        slot = self._resting_at(run) or (self._conversation(run) if keep else None) or self._vacant(run)
        if slot is None:
            return None
        if self._tree.tail(slot.sequence) is not run:
            self._go_back(slot, run)
        whole = self._tree.tail(slot.sequence) is run
        return slot if whole or self._make_room(limit, None) else None

    def _go_back(self, slot: Slot, run: Run) -> None:
        """Let a sequence end with a run, if the memory can: it is empty otherwise."""
        donors = run.sequences - {slot.sequence}
        if slot.sequence in run.sequences and (not donors or slot.keep):
            self._cut(slot, run.end)
            return
        self._clear(slot)
        if self._memory.copy(min(donors), slot.sequence, run.end):
            self._tree.share(slot.sequence, run)

    def _loaded(self, tokens: Sequence[int], limit: int) -> Slot | None:
        """A sequence with a state from the disk; an empty one if the state turns out to be unusable."""
        slot = self._empty(limit)
        if slot is not None:
            state = self._states.get(tokens)
            if state is not None and self._memory.load(slot.sequence, state):
                self._tree.append(slot.sequence, tokens)
        return slot

    def _empty(self, limit: int) -> Slot | None:
        if not self._make_room(limit, None):
            return None
        slot = self._vacant(None)
        if slot is not None:
            self._clear(slot)
        return slot

    def _vacant(self, spared: Run | None) -> Slot | None:
        """A sequence to be taken for something else: an empty one, or else the one that is missed least."""

        def missed(slot: Slot) -> tuple[bool, bool, bool, int]:
            tail = self._tree.tail(slot.sequence)
            sole = len(tail.sequences) == 1 and not tail.children
            only = spared is not None and spared.sequences == {slot.sequence}
            return (only, sole and slot.keep, sole, tail.used)

        return min(self._idle_slots(), key=missed, default=None)

    def _make_room(self, cells: int, spared: Run | None) -> bool:
        """Drop what sequences at rest hold, the oldest first, until so many cells are free."""
        while self.free_cells() < cells:
            leaf = self._oldest(spared)
            if leaf is None:
                return False
            self._evict(leaf)
        return True

    def _oldest(self, spared: Run | None = None) -> Run | None:
        """The run that can be dropped and is missed least: no other goes on from it, and nobody uses it."""
        busy = {slot.sequence for slot in self.slots if slot.busy}
        kept = {slot.sequence for slot in self.slots if slot.keep}
        leaves = [
            run
            for run in self._tree.runs()
            if not run.children and run is not spared and not run.sequences & busy
        ]
        return min(leaves, key=lambda run: (bool(run.sequences & kept), run.used), default=None)

    def _resting(self) -> int:
        """Cells that only sequences at rest hold."""
        busy = {slot.sequence for slot in self.slots if slot.busy}
        return sum(len(run.tokens) for run in self._tree.runs() if not run.sequences & busy)

    def _evict(self, leaf: Run) -> None:
        for sequence in sorted(leaf.sequences):
            slot = self.slots[sequence]
            self._cut(slot, leaf.start if self._sharing else 0)

    def _touch(self, slot: Slot) -> None:
        now = next(self._clock)
        for run in self._tree.tail(slot.sequence).path():
            run.used = now

    def _clear(self, slot: Slot) -> None:
        self._cut(slot, 0)
        slot.keep = False

    def _cut(self, slot: Slot, start: int) -> None:
        """Let a sequence hold less; a conversation at rest goes to the disk before."""
        if slot.keep and not slot.busy and start < slot.prompt <= self.length(slot):
            if slot.prompt >= WORTH_PARKING:
                self.keep_state(slot, slot.prompt if self._sharing else self.length(slot))
            slot.keep = False
        if not self._memory.cut(slot.sequence, start):
            start = 0
            self._memory.cut(slot.sequence, start)
        self._tree.cut(slot.sequence, start)
