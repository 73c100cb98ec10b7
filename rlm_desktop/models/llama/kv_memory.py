"""A model's memory of its sequences: what can be shared, cut, saved and restored, by its kind.

Attention remembers every token, so a sequence can be cut anywhere and a part of it shared. A recurrent state
remembers a sequence as a whole. A sliding window lets go of tokens that its sequence no longer sees: llama.cpp
takes such cells for others even when all are kept (``swa_full``), but not those of two sequences; so here every
sequence of such a model has a twin that holds the same cells. ``tests/models/llama/test_llama_cpp.py`` holds on
to each of these facts.
"""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp
import numpy as np

from rlm_desktop.models.llama.prefix_cache import State


class KvMemory:
    """The memory of a llama.cpp context.

    Args:
        model: The llama.cpp model.
        context: Its context.
        sequences: Sequences the context has.

    Attributes:
        sequences: Sequences that can be used.
        divisible: Whether a sequence can be cut, and a part of it shared.
    """

    def __init__(self, model: Any, context: Any, sequences: int) -> None:
        self._context = context
        self._memory = llama_cpp.llama_get_memory(context)
        self._window = int(llama_cpp.llama_model_n_swa(model))
        self._all = sequences // 2 if self._window else sequences
        self.sequences = self._all - 1
        self.divisible = not (
            llama_cpp.llama_model_is_recurrent(model) or llama_cpp.llama_model_is_hybrid(model)
        )

    def ids(self, sequence: int) -> tuple[int, ...]:
        """llama.cpp's names of a sequence: its own and its twin's."""
        return (sequence, sequence + self._all) if self._window else (sequence,)

    def copy(self, source: int, target: int, end: int) -> bool:
        """Let an empty sequence share the first tokens of another; whether they are all still there."""
        for name in self.ids(target):
            llama_cpp.llama_memory_seq_cp(self._memory, source, name, 0, end)
        if self._sees_all(target, end):
            return True
        self.cut(target, 0)
        return False

    def cut(self, sequence: int, start: int) -> bool:
        """Forget the tokens of a sequence from a position on; whether that was possible (from 0 it always is)."""
        if start and not self._sees_all(sequence, start):
            return False
        done = [llama_cpp.llama_memory_seq_rm(self._memory, name, start, -1) for name in self.ids(sequence)]
        return all(done)

    def save(self, sequence: int, end: int) -> State | None:
        """The state of the first tokens of a sequence, or of all of them where it cannot be cut.

        Returns:
            ``None`` if they are not all there any more.
        """
        source = self.sequences if self.divisible else sequence
        if self.divisible and not self.copy(sequence, source, end):
            return None
        state = np.empty(llama_cpp.llama_state_seq_get_size(self._context, source), np.uint8)
        llama_cpp.llama_state_seq_get_data(self._context, _address(state), state.nbytes, source)
        if self.divisible:
            self.cut(source, 0)
        return state

    def load(self, sequence: int, state: State) -> bool:
        """Fill an empty sequence with a state; one that is not of this model leaves it empty."""
        taken = llama_cpp.llama_state_seq_set_data(self._context, _address(state), state.nbytes, sequence)
        if not taken or taken != state.nbytes:
            self.cut(sequence, 0)
            return False
        for twin in self.ids(sequence)[1:]:
            llama_cpp.llama_memory_seq_cp(self._memory, sequence, twin, 0, -1)
        return True

    def _sees_all(self, sequence: int, end: int) -> bool:
        """Whether a sequence remembers all that its next token at a position would look at."""
        if not self._window or not end:
            return True
        first = int(llama_cpp.llama_memory_seq_pos_min(self._memory, sequence))
        return 0 <= first <= max(0, end - self._window + 1)


def _address(state: State) -> Any:
    return state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
