"""Run a program that fetches something and prints ``Progress N of M`` lines, as ``pip --progress-bar=raw`` does.

A process and not a thread: cancelling is ending it, at once, whatever it waits for.
"""

from __future__ import annotations

import asyncio
import re
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_NOT_REACHED = re.compile(
    r"connection|network|name or service|resolve host|name resolution|timed out|unreachable|no matching distribution",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\b(401|403)\b|gated|forbidden|unauthori[sz]ed", re.IGNORECASE)
_GRACE = 3.0


class FetchError(Exception):
    """The program failed.

    Args:
        reason: The last thing it called an error, or said.
        network: Whether it seems that the server could not be reached.
    """

    def __init__(self, reason: str, *, network: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.network = network

    @property
    def advice(self) -> str:
        """What to do about it."""
        if self.network:
            return "Check the network connection"
        if "no space left" in self.reason.lower():
            return "Free some room on the disk"
        if _REFUSED.search(self.reason):
            return "The server does not give it to everyone: see whether it wants an account or an agreement"
        return "Look into it"


async def run_fetcher(
    command: Sequence[str], on_bytes: Callable[[int, int], None], environment: Mapping[str, str]
) -> list[str]:
    """Run a program to its end; cancelling the task ends it.

    Args:
        command: Program and arguments.
        on_bytes: Told how many bytes of how many were received.
        environment: Its whole environment.

    Returns:
        What it printed last, at most 50 lines, without progress.

    Raises:
        FetchError: It failed.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        env=dict(environment),
        start_new_session=True,  # Ctrl-C is ours to handle: it cancels this task
    )
    said: deque[str] = deque(maxlen=50)
    try:
        if process.stdout is not None:
            async for raw in process.stdout:
                line = raw.decode("utf-8", "replace").strip()
                if found := _PROGRESS.fullmatch(line):
                    on_bytes(int(found[1]), int(found[2]))
                elif line:
                    said.append(line)
        await process.wait()
    finally:
        await _end(process)
    if process.returncode:
        errors = (
            [line for line in said if line.lower().startswith("error")]
            or list(said)[-1:]
            or ["it does not say why"]
        )
        raise FetchError(
            errors[-1].removeprefix("ERROR: ").rstrip("."),
            network=any(_NOT_REACHED.search(line) for line in said),
        )
    return list(said)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _GRACE)
    except TimeoutError:
        process.kill()
        await process.wait()
