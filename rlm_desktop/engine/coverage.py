"""How much of each document the models of a run were shown, and so which were never looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Literal

import msgspec

from rlm_desktop.events import RunStarted, RunState

Part = Literal["none", "part", "whole"]


class Share(msgspec.Struct, frozen=True):
    """One document: ``read`` of its ``characters``."""

    name: str
    path: str
    read: int
    characters: int

    @property
    def part(self) -> Part:
        """How much of it that is."""
        if not self.read:
            return "none"
        return "whole" if self.read >= self.characters else "part"


def shares(state: RunState, lengths: Sequence[int | None]) -> list[Share]:
    """What was read of each document, in their order.

    Args:
        state: The run.
        lengths: Characters of each document; where nobody knows, its bytes stand in, which are at least as many.
    """
    if state.start is None:
        return []
    read = Counter[int]()
    for one in state.seen:
        read[one.document] += one.end - one.start
    return [
        Share(name, source.path, min(read[index], total), total)
        for index, (name, source, total) in enumerate(
            (name, source, source.size if length is None else length)
            for name, source, length in zip(names_of(state.start), state.start.sources, lengths, strict=True)
        )
    ]


def names_of(start: RunStarted) -> list[str]:
    """Short names of the documents of a run: what comes below the folder a person opened, or the file's own name.

    Of several folders each name begins with its folder's.
    """
    roots = [(PurePath(path).parts, PurePath(path).name) for path in start.paths]
    return [_name(PurePath(source.path), roots) for source in start.sources]


def _name(path: PurePath, roots: Sequence[tuple[tuple[str, ...], str]]) -> str:
    for parts, label in roots:
        if path.parts[: len(parts)] == parts and len(path.parts) > len(parts):
            below = "/".join(path.parts[len(parts) :])
            return f"{label}/{below}" if len(roots) > 1 else below
    return path.name
