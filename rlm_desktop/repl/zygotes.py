"""The process trees of an engine: REPLs over the same documents share one, and a child RLM lives in its parent's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rlm_desktop.repl.confine import Confinement
from rlm_desktop.repl.context import Context
from rlm_desktop.repl.results import ReplLimits

if TYPE_CHECKING:  # they need what only some systems have
    from rlm_desktop.repl.launch import Child
    from rlm_desktop.repl.zygote import Zygote


@dataclass(frozen=True)
class Ground:
    """What a tree stands on; see `Zygote.start`."""

    confinement: Confinement
    limits: ReplLimits
    scratch: Path
    python: str | None = None


class Zygotes:
    """Starts trees and finds those there are; each ends itself with the last REPL in it.

    Args:
        scratch: Folder for those of all trees, which outlives every one of them; without it REPLs share a tree only
            if they were given the same folder.
    """

    def __init__(self, scratch: Path | None = None) -> None:
        self._scratch = scratch
        self._trees: dict[tuple[Context, Ground], Zygote] = {}
        self._turn = asyncio.Lock()

    async def child(
        self, context: Context, ground: Ground, within: Zygote | None = None
    ) -> tuple[Zygote, Child]:
        """A REPL over a context, and the tree it is in.

        Args:
            context: What it explores.
            ground: What its tree stands on, if a new one is needed.
            within: The tree it should be in, if there is room.

        Raises:
            UserError: A document cannot be read, or the processes do not start.
        """
        from rlm_desktop.repl.zygote import Zygote

        if within is not None and within.has_room:
            return within, await within.child(context)
        if self._scratch:
            ground = replace(ground, scratch=self._scratch)
        async with self._turn:
            self._trees = {key: tree for key, tree in self._trees.items() if tree.has_room}
            tree = self._trees.get((context, ground))
            if tree is None:
                tree = self._trees[context, ground] = await Zygote.start(
                    ground.confinement, ground.limits, ground.scratch, ground.python
                )
            entered = tree.child(context)
        return tree, await entered
