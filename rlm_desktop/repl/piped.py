"""The host's side of a solo child: start it, hand it cells and documents through its pipes, end it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO

import msgspec
import psutil

from rlm_desktop.errors import UserError
from rlm_desktop.processes import kill, repl_command
from rlm_desktop.repl.context import Context, ContextFile
from rlm_desktop.repl.packages import shared_packages
from rlm_desktop.repl.protocol import FrameError, FrameReader, Message, frame
from rlm_desktop.repl.results import ReplLimits
from rlm_desktop.repl.wire import Added

_PIECE = 1 << 18
_PATIENCE = 5.0
"""Seconds the pipes of a killed child have to close; what it started itself may hold them open."""
ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
_NEEDED = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT")
"""What Windows itself needs of the environment."""


class PipedChild:
    """A started child; make one with `start`. For a cell it is the `conversation.Line`."""

    def __init__(self, process: Process, scratch: Path) -> None:
        self._process = process
        self._scratch = scratch

    @classmethod
    async def start(
        cls, context: Context, *, scratch: Path, limits: ReplLimits, python: str | None
    ) -> PipedChild:
        """Start a child with this context; it is ready for cells when this returns.

        Args:
            context: What ``context`` will be.
            scratch: Its own folder, empty.
            limits: What it may use.
            python: Another interpreter than the program's own.

        Raises:
            UserError: A document cannot be read, or the child does not start.
        """
        command = repl_command(module="solo", python=python)
        with tempfile.TemporaryFile() as errors, tempfile.TemporaryDirectory(dir=scratch.parent) as spool:
            documents = await asyncio.to_thread(_describe, context, Path(spool))
            boot = {
                "boot": True,
                "scratch": str(scratch),
                "limits": asdict(limits),
                "packages": [str(folder) for folder in shared_packages()],
                "kind": context.kind,
                "documents": documents,
            }
            try:
                child = cls(await _spawn(command, errors, scratch), scratch)
            except OSError as error:
                raise UserError(
                    f"The interpreter {command[0]} cannot be started: {error.strerror}."
                ) from error
            try:
                if problem := await child._order(boot):
                    context.refuse_changed()
                    errors.seek(0)
                    said = errors.read()[-2000:].decode(errors="replace").strip()
                    raise UserError(f"The REPL could not be started: {said or problem}.")
            except BaseException:
                await asyncio.shield(child.end())
                raise
        return child

    async def add(self, files: Sequence[ContextFile]) -> str:
        """Have the child append these documents, all or none; returns why it could not.

        Raises:
            UserError: One cannot be read, or changed meanwhile.
        """
        context = Context("list", tuple(files))
        problem = await self._order({"documents": _describe(context, self._scratch)})
        if problem:
            context.refuse_changed()
        return problem

    async def _order(self, order: Message) -> str:
        """Have documents read; returns what was wrong."""
        reader = FrameReader()
        try:
            await self.send([frame(order)])
            while data := await self.receive():
                for message in reader.feed(data):
                    return msgspec.convert(message, Added).error
        except (OSError, FrameError, msgspec.ValidationError) as error:
            return str(error)
        return "it ended without a word"

    @property
    def alive(self) -> bool:
        """Whether it can run a cell."""
        return self._process.returncode is None

    async def receive(self) -> bytes:
        """Some bytes of it; empty when it has ended."""
        assert self._process.stdout
        return await self._process.stdout.read(_PIECE)

    async def send(self, pieces: Sequence[bytes]) -> None:
        """Send all bytes of all of them; they are on their way even if the wait for room is cancelled."""
        assert self._process.stdin
        for piece in pieces:
            self._process.stdin.write(piece)
        await self._process.stdin.drain()

    def take_file(self) -> None:
        """There are none in a pipe."""

    def close(self) -> None:
        """A cell has ended, the pipes stay."""

    def memory(self) -> int:
        """Bytes in memory of it and what it has started: on Windows it may be started by a launcher itself."""
        return sum(map(_resident, self._family()))

    def _family(self) -> list[psutil.Process]:
        try:
            first = psutil.Process(self._process.pid)
            return [first, *first.children(recursive=True)]
        except psutil.Error:
            return []

    def kill(self) -> None:
        """Kill it, and what its cells have started."""
        if self._process.returncode is not None:
            return
        if sys.platform == "win32":
            for process in self._family()[1:]:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            kill(self._process)
        else:
            self._kill_group()

    def _kill_group(self) -> None:
        """It leads a session, and so a group, of its own, whose number is no other's while one of them lives."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self) -> int | None:
        """Kill it and wait for its end; returns its exit code, negative for a signal, as asyncio gives it."""
        self.kill()
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while await self._process.stdout.read(_PIECE):
                    pass
                await self._process.wait()
        return self._process.returncode

    async def ended(self) -> int | None:
        """How it ended, once it has hung up: a moment for the system to say so, then `end`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE / 10):
                await self._process.wait()
        self._kill_group()
        return await self.end()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


async def _spawn(command: tuple[str, ...], errors: IO[bytes], scratch: Path) -> Process:
    """Start it with a place to complain, out of reach of the terminal's signals, in an environment of our own."""
    folder = str(scratch)
    environment = ENVIRONMENT | {"HOME": folder, "TMPDIR": folder}
    flags = 0
    if sys.platform == "win32":
        environment |= {"USERPROFILE": folder, "TEMP": folder, "TMP": folder}
        environment |= {name: os.environ[name] for name in _NEEDED if name in os.environ}
        flags = (
            subprocess.CREATE_NO_WINDOW
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        )
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=errors,
        limit=_PIECE,
        cwd=folder,
        env=environment,
        creationflags=flags,
        start_new_session=sys.platform != "win32",
    )


def _describe(context: Context, spool: Path) -> list[dict[str, str]]:
    """For each document, in order, what the child has to know of it and the file to read it from.

    Raises:
        UserError: A file cannot be read.
    """
    described = []
    for file in context.files:
        _check(file.path)
        known = {"name": file.name, "path": file.path, "encoding": file.encoding, "errors": "replace"}
        described.append({**known, "file": file.path})
    for index, text in enumerate(context.texts):
        path = spool / str(index)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        known = {"name": f"text {index}", "path": "", "encoding": "utf-8", "errors": "surrogatepass"}
        described.append({**known, "file": str(path)})
    return described


def _check(path: str) -> None:
    try:
        if os.path.isfile(path):  # noqa: PTH113 - a pipe would not open
            with open(path, "rb"):  # noqa: PTH123
                return
        os.stat(path)  # noqa: PTH116 - says why there is none
    except OSError as error:
        raise UserError(
            f"The document {path} cannot be read: {error.strerror}.", "Check the file, then ask again."
        ) from error
    raise UserError(f"{path} is not a file.", "Open a text file or a folder.")


async def empty_folder(folder: Path) -> None:
    """Make a folder anew, empty."""

    def anew() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)

    await asyncio.to_thread(anew)
