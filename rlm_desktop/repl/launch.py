"""One REPL child and its processes: start it, hear of its states, end what it runs, end it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO

from rlm_desktop.errors import UserError
from rlm_desktop.processes import repl_command
from rlm_desktop.repl.context import Context
from rlm_desktop.repl.guard import ForkGuard, is_listener
from rlm_desktop.repl.packages import shared_packages
from rlm_desktop.repl.protocol import MAX_PACKET_FDS, FrameError, Message, receive_packet, send_packet
from rlm_desktop.repl.results import ReplLimits
from rlm_desktop.repl.scratch import remove
from rlm_desktop.repl.wire import Added, Failed, Restored, State, control_message

_PATIENCE = 0.5
"""Seconds the first process has to end the others before it is killed itself."""
_DOCUMENTS = 16
"""Documents announced in one packet: their paths have to fit it, 4,096 bytes each at most."""

_MOST_NEWS = 100
"""Packets that may wait to be read; an honest child sends one for a cell."""


class ChildDiedError(Exception):
    """The child's first process has ended, or talks nonsense."""


def _spawn(
    command: tuple[str, ...], control: socket.socket, errors: IO[bytes], scratch: Path
) -> subprocess.Popen[bytes]:
    """Start the first process. It holds nothing of ours but the control socket, and a place to complain."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        pass_fds=(control.fileno(),),
        start_new_session=True,
        cwd="/",
        env={
            "LANG": "C.UTF-8",
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "MALLOC_ARENA_MAX": "2",
            "PYTHONHASHSEED": "0",
        },
    )


class Child:
    """A started child; make one with `start`. It is tied to the thread that started it."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, scratch: Path) -> None:
        self._process = process
        self._control = control
        self._scratch = scratch
        self._loop = asyncio.get_running_loop()
        self._exited = asyncio.Event()
        self._news: asyncio.Queue[State | Restored | Added | Failed | None] = asyncio.Queue()
        self._guard: ForkGuard | None = None
        self._ended = False
        self._ending: asyncio.Task[None] | None = None
        self._group = 0
        self._pidfd = os.pidfd_open(process.pid)
        control.setblocking(False)
        self._loop.add_reader(self._pidfd, self._on_exit)
        self._loop.add_reader(control, self._on_packet)

    @classmethod
    async def start(
        cls, context: Context, *, scratch: Path, limits: ReplLimits, confined: bool, python: str | None = None
    ) -> Child:
        """Start a child with this context; it is ready for cells when this returns.

        Args:
            context: What ``context`` will be.
            scratch: Folder in which the child gets one of its own.
            limits: What it may use.
            confined: Whether to confine it.
            python: Another interpreter than the program's own.

        Raises:
            UserError: A document cannot be read, or the child does not start.
        """
        own = Path(tempfile.mkdtemp(prefix="repl-", dir=scratch))
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = repl_command(str(theirs.fileno()), str(os.getpid()), python=python)
        with tempfile.TemporaryFile() as errors:
            try:
                with theirs:
                    process = _spawn(command, theirs, errors, own)
            except OSError as error:
                control.close()
                shutil.rmtree(own)
                raise UserError(
                    f"The interpreter {command[0]} cannot be started: {error.strerror}."
                ) from error
            child = cls(process, control, own)
            try:
                await child._prepare(context, limits, confined)
            except ChildDiedError as error:
                await child.destroy()
                errors.seek(0)
                said = errors.read()[-2000:].decode(errors="replace").strip()
                raise UserError(f"The REPL could not be started: {said or error}.") from error
            except BaseException:
                await asyncio.shield(child.destroy())
                raise
        return child

    async def _prepare(self, context: Context, limits: ReplLimits, confined: bool) -> None:
        boot = {
            "scratch": str(self._scratch),
            "confined": confined,
            "limits": asdict(limits),
            "output_chars": limits.output_chars,
            "packages": [str(folder) for folder in shared_packages()],
            "kind": context.kind,
            "count": len(context),
        }
        await self._send(boot)
        await self._send_documents(context)
        await self.next_state()

    async def _send_documents(self, context: Context) -> None:
        documents = context.open()
        while batch := list(_take(documents)):
            try:
                await self._send({"documents": [known for known, _fd in batch]}, [fd for _known, fd in batch])
            finally:
                for _known, fd in batch:
                    os.close(fd)

    async def add(self, context: Context) -> None:
        """Have the state append these documents to what it holds, all of them or none.

        Raises:
            UserError: One cannot be read.
            ChildDiedError: The child has ended, or has no room for them.
        """
        try:
            await self._send_documents(context)
        except UserError:
            await self._send({"add": False})
            raise
        await self._send({"add": True})
        while not isinstance(news := await self._next_news(), Added):
            pass
        if news.error:
            raise ChildDiedError(news.error)

    async def _send(self, message: Message, fds: list[int] | None = None) -> None:
        """Send a control packet, waiting for room while the child is busy decoding."""
        while True:
            try:
                send_packet(self._control, message, fds)
                return
            except BlockingIOError:
                await self._writable()
            except (BrokenPipeError, ConnectionResetError) as error:
                await self.next_state()  # what it said last tells more
                raise ChildDiedError(f"it ended: {error}") from error

    async def _writable(self) -> None:
        room = asyncio.Event()
        self._loop.add_writer(self._control, room.set)
        try:
            await room.wait()
        finally:
            self._loop.remove_writer(self._control)

    def _on_packet(self) -> None:
        try:
            packet = receive_packet(self._control)
            if packet is None:
                self._hang_up()
                return
            message, fds = packet
            self._adopt(message, fds)
        except BlockingIOError:
            return
        except (FrameError, OSError):
            self._hang_up()

    def _adopt(self, message: Message, fds: list[int]) -> None:
        """Believe a packet as far as the kernel confirms it."""
        listeners = [fd for fd in fds[:1] if message.get("type") == "state" and is_listener(fd)]
        for fd in fds[len(listeners) :]:
            os.close(fd)
        if listeners:
            if self._guard:
                self._guard.close()
            self._guard = ForkGuard(listeners[0])
        if self._news.qsize() >= _MOST_NEWS:
            raise FrameError("more news than there can be")
        news = control_message(message)
        if isinstance(news, State) and self._is_mine(news.pid):
            self._group = news.pid
        self._news.put_nowait(news)

    @property
    def alive(self) -> bool:
        """Whether it can run a cell."""
        return not self._ended

    def _hang_up(self) -> None:
        self._ended = True
        self._loop.remove_reader(self._control)
        self._news.put_nowait(None)

    def _on_exit(self) -> None:
        self._loop.remove_reader(self._pidfd)
        self._kill_group()  # the dead first process still holds the session's number, so this cannot hit a stranger
        self._process.wait()
        self._ended = True
        self._exited.set()
        self._news.put_nowait(None)

    def _is_mine(self, pid: int) -> bool:
        """Whether a process descends from the child's first: it alone is in its session, which none of them can leave."""
        try:
            return pid > 1 and pid != self._process.pid and os.getsid(pid) == self._process.pid
        except (OSError, OverflowError):
            return False

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._group and self._is_mine(self._group) and os.getpgid(self._group) == self._group:
                os.killpg(self._group, signal.SIGKILL)

    def lost_variables(self) -> bool:
        """Whether a fresh state has taken over since this was last asked."""
        lost = False
        while not self._news.empty():
            news = self._news.get_nowait()
            if not isinstance(news, State | Restored | Added):
                self._news.put_nowait(news)
                return lost
            lost = lost or (isinstance(news, State) and news.fresh)
        return lost

    async def run_cell(self, channel: socket.socket, checkpoint: bool) -> None:
        """Hand the state the channel of the next cell, to be run with or without a checkpoint.

        Raises:
            ChildDiedError: There is no state.
        """
        self.allow_fork(checkpoint)
        await self._send({"checkpoint": checkpoint}, [channel.fileno()])

    def allow_fork(self, allow: bool) -> None:
        """Approve the fork before a cell, or none once it runs."""
        if self._guard:
            self._guard.arm(allow)

    def kill_cell(self, pid: int) -> bool:
        """Kill the process of a cell if it lives; ``False`` if the number is not of one of this child's processes."""
        try:
            pidfd = os.pidfd_open(pid)  # from here on the number cannot come to mean another process
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            return False
        try:
            if not self._is_mine(pid):
                return False
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            return True
        finally:
            os.close(pidfd)

    def end(self) -> None:
        """Have the first process end every other and itself."""
        self._ended = True
        if not self._exited.is_set():
            self._process.terminate()

    async def next_state(self) -> State | Restored:
        """Who runs the next cell, once that has changed.

        Raises:
            ChildDiedError: The child has ended or could not start.
        """
        while isinstance(news := await self._next_news(), Added):
            pass
        return news

    async def _next_news(self) -> State | Restored | Added:
        news = await self._news.get()
        if news is None:
            self._news.put_nowait(None)
            raise ChildDiedError("it ended without a word")
        if isinstance(news, Failed):
            raise ChildDiedError(news.error)
        return news

    async def destroy(self) -> None:
        """End every process and remove the scratch folder, in about a second at most; may be called again."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end_everything())
        await asyncio.shield(self._ending)

    async def _end_everything(self) -> None:
        self.end()
        if not self._exited.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._exited.wait(), _PATIENCE)
        if not self._exited.is_set():
            self._process.kill()
            await self._exited.wait()
        self._loop.remove_reader(self._control)
        self._control.close()
        if self._guard:
            self._guard.close()
        os.close(self._pidfd)
        await asyncio.to_thread(remove, self._scratch)


def _take(documents: Iterator[tuple[Message, int]]) -> Iterator[tuple[Message, int]]:
    """The next few; if one cannot be opened those before it are closed."""
    taken: list[tuple[Message, int]] = []
    try:
        taken.extend(islice(documents, min(_DOCUMENTS, MAX_PACKET_FDS)))
    except BaseException:
        for _known, fd in taken:
            os.close(fd)
        raise
    return iter(taken)
