"""A tree of processes in which REPLs share the memory of their documents: its first process seen from the host."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import tempfile
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rlm_desktop.errors import UserError
from rlm_desktop.processes import repl_command
from rlm_desktop.repl.confine import Confinement, bubblewrap
from rlm_desktop.repl.context import Context
from rlm_desktop.repl.control import ChildDiedError, Servant
from rlm_desktop.repl.launch import Child, send_documents
from rlm_desktop.repl.packages import shared_packages
from rlm_desktop.repl.protocol import Message
from rlm_desktop.repl.results import ReplLimits
from rlm_desktop.repl.scratch import remove

PROCESSES = 512
"""Processes and threads in one tree, where namespaces make them countable: elsewhere all those of a user count."""
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "PYTHONHASHSEED": "0",
    # Texts in pages of 2 MB: decoding 1 GB takes 0.13 s instead of 0.57 s, forking it 0.5 ms instead of 20 ms.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
_PATIENCE = 0.5
"""Seconds the first process has to end before it is killed."""


@dataclass
class _Held:
    """A holder, the task that gives it its documents, and how many REPLs use it."""

    holder: Servant
    loading: asyncio.Task[None]
    users: int = 0


class Zygote:
    """A started tree; make one with `start`. It is tied to the thread that started it.

    It ends itself when no REPL uses it any more.
    """

    def __init__(
        self, confinement: Confinement, limits: ReplLimits, folder: Path, command: tuple[str, ...]
    ) -> None:
        self._confinement = confinement
        self._limits = limits
        self._folder = folder
        self._first = Servant()
        self._held: dict[Context, _Held] = {}
        self._slots = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the tree
        host = 0 if confinement.bubblewrap else os.getpid()
        theirs = self._first.control.theirs
        try:
            self._process = subprocess.Popen(
                (*command, str(theirs.fileno()), str(host)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                cwd="/",
                env=ENVIRONMENT,
            )
        except OSError:
            self._first.control.close()
            self._errors.close()
            raise
        theirs.close()
        self._loop = asyncio.get_running_loop()
        self._exited = asyncio.Event()
        self._pidfd = os.pidfd_open(self._process.pid)
        self._loop.add_reader(self._pidfd, self._on_exit)

    @classmethod
    async def start(
        cls, confinement: Confinement, limits: ReplLimits, scratch: Path, python: str | None = None
    ) -> Zygote:
        """Start a tree.

        Args:
            confinement: What holds it.
            limits: What each REPL in it may use.
            scratch: Folder in which the tree gets one of its own; it is made if there is none.
            python: Another interpreter than the program's own.

        Raises:
            UserError: It does not start.
        """
        command = repl_command(python=python)
        if confinement.bubblewrap:
            packages = map(str, shared_packages())
            command = bubblewrap.command(confinement.bubblewrap, packages, limits.scratch_bytes) + command
        folder = _folder_in(scratch)
        try:
            zygote = cls(confinement, limits, folder, command)
        except OSError as error:
            await asyncio.to_thread(folder.rmdir)
            raise UserError(f"The interpreter {command[0]} cannot be started: {error.strerror}.") from error
        try:
            await zygote._first.ready()
            await zygote._first.control.send(zygote._boot())
            await zygote._first.ready()
        except ChildDiedError as error:
            said = await zygote._last_words()
            raise UserError(f"The REPL could not be started: {said or error}.") from error
        except BaseException:
            await asyncio.shield(zygote.close())
            raise
        return zygote

    def _boot(self) -> Message:
        readable: tuple[str, ...] = ()
        root = str(self._folder)
        if self._confinement.bubblewrap:
            readable, root = bubblewrap.readable(), bubblewrap.SCRATCH
        return {
            "landlock": self._confinement.landlock,
            "seccomp": self._confinement.seccomp,
            "root": root,
            "readable": readable,
            "packages": [str(folder) for folder in shared_packages()],
        }

    async def _last_words(self) -> str:
        """What the first process wrote before it ended."""
        await self._end()
        with self._errors as errors:
            errors.seek(0)
            return errors.read()[-2000:].decode(errors="replace").strip()

    def _on_exit(self) -> None:
        self._loop.remove_reader(self._pidfd)
        self._process.wait()
        self._exited.set()

    @property
    def has_room(self) -> bool:
        """Whether another REPL can live in it."""
        return self._first.alive and not (self._confinement.bubblewrap and self._slots == bubblewrap.SLOTS)

    def child(self, context: Context) -> Coroutine[Any, Any, Child]:
        """A REPL over this context, ready for cells once this is awaited; contexts that are equal are held once.

        From the call on the tree counts it, and does not end under it.

        Raises:
            UserError: A document cannot be read, or the processes do not start.
        """
        held = self._held.get(context)
        if held is None or not held.holder.alive:
            held = self._held[context] = _Held(
                holder := Servant(), asyncio.create_task(self._load(holder, context))
            )
        slot, self._slots = self._slots, self._slots + 1
        child = Child(
            partial(self._forget, held), None if self._confinement.bubblewrap else self._folder / str(slot)
        )
        held.users += 1
        return self._enter(held, context, slot, child)

    async def _enter(self, held: _Held, context: Context, slot: int, child: Child) -> Child:
        try:
            await asyncio.shield(held.loading)
            await self._keep(held.holder, slot, child)
        except ChildDiedError as error:
            await child.destroy()
            context.refuse_changed()
            raise UserError(f"The REPL could not be started: {error}.") from error
        except BaseException:
            await asyncio.shield(child.destroy())
            raise
        return child

    async def _load(self, holder: Servant, context: Context) -> None:
        with holder.control.theirs as theirs:
            await self._first.control.send({"kind": context.kind, "count": len(context)}, [theirs.fileno()])
        try:
            await send_documents(holder.control, context)
        except ChildDiedError:
            with contextlib.suppress(TimeoutError):  # what it said last tells more, if it has ended
                await asyncio.wait_for(holder.ready(), _PATIENCE)
            raise
        await holder.ready()

    async def _keep(self, holder: Servant, slot: int, child: Child) -> None:
        """Fork a keeper."""
        limits = asdict(self._limits) | {"processes": PROCESSES if self._confinement.bubblewrap else 0}
        folder = f"{bubblewrap.SCRATCH}/{slot}"
        on_disk = isinstance(child.scratch, Path)
        if isinstance(child.scratch, Path):
            child.scratch.mkdir()
            folder = str(child.scratch)
        order = {
            "limits": limits,
            "output_chars": self._limits.output_chars,
            "scratch": folder,
            "on_disk": on_disk,
        }
        with child.control.theirs as theirs:
            await holder.control.send(order, [theirs.fileno()])
        await child.begin()

    async def _forget(self, held: _Held) -> None:
        """A REPL has ended; so do its holder and the tree, if they hold nothing for another."""
        held.users -= 1
        if held.users:
            return
        self._held = {context: other for context, other in self._held.items() if other is not held}
        held.loading.cancel()
        await asyncio.wait([held.loading])
        held.holder.control.close()
        if not self._held:
            await self.close()

    async def close(self) -> None:
        """End every process and remove the scratch folders; may be called again."""
        for held in self._held.values():
            held.holder.control.close()
        await self._end()
        self._errors.close()

    async def _end(self) -> None:
        self._first.control.close()
        if not self._exited.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._exited.wait(), _PATIENCE)
        if not self._exited.is_set():
            self._process.kill()
            await self._exited.wait()
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        await asyncio.to_thread(remove, self._folder)


def _folder_in(scratch: Path) -> Path:
    """A folder for a tree."""
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="repl-", dir=scratch))
    except OSError as error:
        raise UserError(
            f"The REPL has no folder: {scratch} takes none ({error.strerror}).",
            "Make room there, then ask again.",
        ) from error
