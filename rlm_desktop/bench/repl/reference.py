"""The reference's REPL as the bench sees it: ``LocalREPL`` of the package ``rlms``, in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from rlm_desktop.bench.foreign_process import ForeignProcess, open_process
from rlm_desktop.bench.repl import wire

NAME = "rlms LocalREPL"
MODULE = "rlm_desktop.bench.repl.reference_process"
MISSING = "rlms is not installed, so it is left out; `pip install 'rlm-desktop[bench]'` brings it."


def installed() -> bool:
    """Whether there is a reference to be measured."""
    return find_spec("rlm") is not None


@asynccontextmanager
async def open_reference(scratch: Path) -> AsyncIterator[Reference]:
    """Start its process.

    Args:
        scratch: A folder for the copies it makes of texts.
    """
    hint = "Uninstall rlms to leave it out."
    variables = {"TMPDIR": str(scratch), "PYTHONUTF8": "1"}
    async with open_process(NAME, hint, MODULE, replies=wire.reply_decoder, **variables) as process:
        yield Reference(process)


class Reference:
    """Its process.

    Attributes:
        pid: The number of it.
    """

    def __init__(self, process: ForeignProcess[wire.Reply]) -> None:
        self.pid = process.pid
        self._process = process

    async def get_ready(self) -> None:
        """Have it import what it is made of.

        Raises:
            UserError: It cannot be imported.
        """
        await self._ask(wire.Prepare())

    async def load(self, path: Path, characters: int) -> float:
        """Seconds from the path of a text to a REPL that can tell how many characters it has.

        Raises:
            UserError: It could not be loaded, or is not what was given.
        """
        loaded = await self._ask(wire.Load(str(path)))
        if not isinstance(loaded, wire.Loaded) or loaded.characters != characters:
            raise self._process.failure(f"did not find {characters:,} characters")
        return loaded.seconds

    async def run(self, code: str, times: int) -> tuple[float, ...]:
        """Seconds of each run of a cell.

        Raises:
            UserError: It failed.
        """
        ran = await self._ask(wire.Run(code, times))
        if not isinstance(ran, wire.Ran):
            raise self._process.failure("did not run a cell")
        return ran.seconds

    async def _ask(self, command: wire.Command) -> wire.Reply:
        reply = await self._process.ask(command)
        if isinstance(reply, wire.Failed):
            raise self._process.failure(f"failed: {reply.message}")
        return reply
