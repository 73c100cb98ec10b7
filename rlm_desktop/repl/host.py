"""The parent's side of the REPL: run cells in a confined child, survive whatever they do."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rlm_desktop.errors import UserError
from rlm_desktop.events import SandboxLevel
from rlm_desktop.repl import confine
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.results import CallFailure, CellResult, Handler, OnOutput, OnProgress, ReplLimits

if TYPE_CHECKING:
    from rlm_desktop.repl.zygotes import Zygotes

__all__ = [
    "CallFailure",
    "CellResult",
    "Context",
    "ContextFile",
    "Handler",
    "OnOutput",
    "OnProgress",
    "Repl",
    "ReplLimits",
    "sandbox_level",
]


def sandbox_level() -> tuple[SandboxLevel, str]:
    """The level of confinement this computer offers, and what it rests on or what is missing; see `confine`."""
    return confine.available()


class Repl(ABC):
    """A Python in which cells are run one after the other; make one with `start`.

    Attributes:
        level: How far its cells are confined.
    """

    level: SandboxLevel

    @staticmethod
    async def start(
        context: Context,
        *,
        scratch: Path,
        handler: Handler,
        limits: ReplLimits,
        allow_unconfined: bool = False,
        level: SandboxLevel | None = None,
        fork: bool = sys.platform == "linux",
        zygotes: Zygotes | None = None,
        beside: Repl | None = None,
        python: str | None = None,
    ) -> Repl:
        """Start a REPL and give it the context.

        Args:
            context: What the model is to explore.
            scratch: An existing folder; the REPL gets a folder of its own in it.
            handler: Answers the calls of cells.
            limits: What the REPL may use.
            allow_unconfined: Whether to go on where no sandbox can be had.
            level: Less confinement than the computer offers.
            fork: Whether a failed cell is undone by going back to a fork of the process, or else by running the
                cells before it again.
            zygotes: The process trees of the engine, in which REPLs over the same documents share their memory.
            beside: The REPL whose cell asks for this one; it is then a fork in the same tree.
            python: Another interpreter than the program's own, to run the cells; no namespaces are made for it.

        Raises:
            UserError: There is no sandbox, a document cannot be read, or the REPL does not start.
        """
        confinement = confine.offered() if fork else confine.Confinement(why="there is no fork to go back to")
        if python is not None and confinement.level == "full":
            level = level or "partial"
        if level is not None:
            confinement = confinement.at(level)
        if confinement.level == "none" and not allow_unconfined:
            raise UserError(
                f"Cells cannot be run safely on this computer: {confinement.why}.",
                "Pass --allow-unconfined to run the model's code without a sandbox.",
            )
        if not fork:
            from rlm_desktop.repl.replaying import ReplayingRepl

            return await ReplayingRepl.begin(
                context, scratch=scratch, handler=handler, limits=limits, python=python
            )
        from rlm_desktop.repl.forking import ForkingRepl

        return await ForkingRepl.begin(
            context,
            confinement,
            scratch=scratch,
            handler=handler,
            limits=limits,
            zygotes=zygotes,
            beside=beside,
            python=python,
        )

    @abstractmethod
    def serve(self, handler: Handler) -> None:
        """Let another handler answer the calls of the cells to come."""

    @abstractmethod
    def set_history(self, history: Sequence[object]) -> None:
        """What ``history`` holds from the next cell on; anything JSON can express."""

    @abstractmethod
    async def add(self, files: Sequence[ContextFile]) -> None:
        """Append documents to ``context``, which is a list from now on, and to ``documents``; variables stay.

        Raises:
            UserError: A document cannot be read, and nothing was added.
        """

    @abstractmethod
    async def execute(
        self,
        code: str,
        *,
        timeout: float,  # noqa: ASYNC109 - it is the cell's own time, which asyncio.timeout cannot count
        on_output: OnOutput | None = None,
        on_progress: OnProgress | None = None,
        checkpoint: bool = True,
    ) -> CellResult:
        """Run one cell.

        Cancelling the awaiting task kills the cell and restores the variables from before it.

        Args:
            code: Its source.
            timeout: Seconds it may take, without those in which its calls are answered.
            on_output: Told of what it prints, as it comes.
            on_progress: Told how far it says it has come.
            checkpoint: Whether to keep a way back to before it.

        Raises:
            UserError: The child had died and cannot be started again.
            Exception: What the handler raised; the cell is undone.
        """

    @abstractmethod
    async def close(self) -> None:
        """End every process of the REPL and remove its scratch folder; may be called again."""
