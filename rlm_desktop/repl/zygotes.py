"""The process trees of an engine: REPLs over the same documents share one, and a child RLM lives in its parent's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from rlm_desktop.repl.confine import Confinement
from rlm_desktop.repl.context import Context
from rlm_desktop.repl.launch import Child
from rlm_desktop.repl.results import ReplLimits
from rlm_desktop.repl.zygote import Zygote


@dataclass(frozen=True)
class Ground:
    """What a tree stands on; see `Zygote.start`."""

    confinement: Confinement
    limits: ReplLimits
    scratch: Path
    python: str | None = None


class Zygotes:
    """Starts trees and finds those there are; each ends itself with the last REPL in it."""

    def __init__(self) -> None:
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
        if within is not None and within.has_room:
            return within, await within.child(context)
        async with self._turn:
            self._trees = {key: tree for key, tree in self._trees.items() if tree.has_room}
            tree = self._trees.get((context, ground))
            if tree is None:
                tree = self._trees[context, ground] = await Zygote.start(
                    ground.confinement, ground.limits, ground.scratch, ground.python
                )
            entered = asyncio.create_task(tree.child(context))
            await asyncio.sleep(0)  # from here on the tree knows of it, and does not end under it
        return tree, await entered
