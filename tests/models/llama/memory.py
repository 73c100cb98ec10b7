"""Memories that keep which token every cell of every sequence stands for, as llama.cpp's do."""

from collections.abc import Sequence

import numpy as np

from rlm_desktop.models.llama.prefix_cache import State


class Cell:
    """One cell; sequences that share a beginning hold the same ones."""

    def __init__(self, token: int) -> None:
        self.token = token


class Cells:
    """A memory whose sequences can be cut, and copied in part."""

    sharing = True

    def __init__(self, sequences: int) -> None:
        self.rows: list[list[Cell]] = [[] for _ in range(sequences)]

    def copy(self, source: int, target: int, end: int) -> bool:
        assert not self.rows[target]
        assert len(self.rows[source]) >= end
        self.rows[target] = self.rows[source][:end]
        return True

    def cut(self, sequence: int, start: int) -> bool:
        assert start <= len(self.rows[sequence])
        if not self.sharing and start not in {0, len(self.rows[sequence])}:
            return False
        del self.rows[sequence][start:]
        return True

    def save(self, sequence: int, end: int) -> State:
        assert self.sharing or end == len(self.rows[sequence])
        return np.array(self.tokens(sequence)[:end], np.int32).view(np.uint8)

    def load(self, sequence: int, state: State) -> bool:
        assert not self.rows[sequence]
        self.compute(sequence, state.view(np.int32).tolist())
        return True

    def compute(self, sequence: int, tokens: Sequence[int]) -> None:
        self.rows[sequence].extend(map(Cell, tokens))

    def tokens(self, sequence: int) -> list[int]:
        return [cell.token for cell in self.rows[sequence]]

    @property
    def used(self) -> int:
        return len({id(cell) for row in self.rows for cell in row})


class RecurrentCells(Cells):
    """A memory that is one state for a whole sequence, which can be forgotten but not cut."""

    sharing = False


class Kept:
    """States that are kept in a dictionary."""

    def __init__(self) -> None:
        self.states: dict[tuple[int, ...], State] = {}

    def longest(self, prompt: Sequence[int]) -> int:
        return max((n for n in range(1, len(prompt)) if tuple(prompt[:n]) in self.states), default=0)

    def get(self, tokens: Sequence[int]) -> State | None:
        return self.states.get(tuple(tokens))

    def put(self, tokens: Sequence[int], state: State) -> None:
        assert state.view(np.int32).tolist() == list(tokens)
        self.states[tuple(tokens)] = state

    def close(self) -> None:
        pass
