"""One REPL and its processes, seen from the host: hear of its states, end what it runs, end it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from rlm_desktop.errors import UserError
from rlm_desktop.repl.context import Context
from rlm_desktop.repl.control import ChildDiedError, Control, Packet
from rlm_desktop.repl.guard import ForkGuard, is_listener
from rlm_desktop.repl.protocol import MAX_PACKET, MAX_PACKET_FDS, FrameError, Message, dumps
from rlm_desktop.repl.results import LOST, UNDONE
from rlm_desktop.repl.scratch import empty, remove
from rlm_desktop.repl.wire import Added, Failed, Ready, Restored, Running, State

_PATIENCE = 0.5
"""Seconds the keeper has to end the others before it is killed itself."""
_DESCRIBED = MAX_PACKET // 2
"""Bytes of a packet from which it announces no more documents: path and name of one take up to 48 KB as JSON."""
_SILENT = "it ended without a word"
_MOST_NEWS = 100
"""Packets that may wait to be read; an honest child sends one for a cell."""


async def send_documents(control: Control, context: Context) -> None:
    """Hand over the documents of a context.

    Raises:
        UserError: One cannot be read.
        ChildDiedError: The process has ended.
    """
    documents = context.open()
    while batch := _take(documents):
        try:
            await control.send({"documents": [known for known, _fd in batch]}, [fd for _known, fd in batch])
        finally:
            for _known, fd in batch:
                os.close(fd)


class Child:
    """A keeper and its states; made by `zygote.Zygote.child`.

    Args:
        forget: Called once when it has ended.
        scratch: Its scratch folder, to be removed at the end; ``None`` if it has none in our part of the file system.

    Attributes:
        scratch: The same; where there is no such path, a descriptor that the keeper sends.
        checkpoint: Whether there is a way back to before the cell that runs, or ran last.
        state: Number of the process that has the variables, 0 before there is one.
    """

    def __init__(self, forget: Callable[[], Awaitable[None]], scratch: Path | None) -> None:
        self.control = Control(self._hear)
        self.scratch: Path | int | None = scratch
        self.checkpoint = True
        self.state = 0
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._exited = asyncio.Event()
        self._heard = asyncio.Event()
        self._news: asyncio.Queue[State | Restored | Added | Failed | None] = asyncio.Queue()
        self._guard: ForkGuard | None = None
        self._ended = False
        self._ending: asyncio.Task[None] | None = None
        self._keeper = 0
        self._pidfd = -1
        self._runner = -1
        self._runner_is_to_die = False
        self._runs = False  # whether it runs the present cell, and not the one before
        self._begun = False  # whether it has said that it runs the present cell
        self._setback = ""

    async def begin(self) -> None:
        """Wait until it is ready for cells.

        Raises:
            ChildDiedError: It could not be started.
        """
        await self.next_state()

    async def add(self, context: Context) -> None:
        """Have the state append these documents to what it holds, all of them or none.

        Raises:
            UserError: One cannot be read.
            ChildDiedError: The child has ended, or has no room for them.
        """
        try:
            await send_documents(self.control, context)
        except UserError:
            await self.control.send({"add": False})
            raise
        await self.control.send({"add": True})
        if not isinstance(news := await self._next_news(), Added):
            self.end()  # the state that took over has none of them, and would say that it has all
            raise ChildDiedError(_SILENT)
        if news.error:
            raise ChildDiedError(news.error)

    def _hear(self, packet: Packet | None) -> None:
        """Believe a packet as far as the kernel confirms it."""
        if packet is None:
            self._ended = True
            self._heard.set()
            self._news.put_nowait(None)
            return
        if self._news.qsize() >= _MOST_NEWS:
            raise FrameError("more news than there can be")
        news, fds = packet.news, packet.fds
        if self._is_forged(packet):
            for fd in fds:
                os.close(fd)
            return
        if isinstance(news, State) and fds and is_listener(fds[-1]):
            if self._guard:
                self._guard.close()
            self._guard = ForkGuard(fds.pop())
        first = isinstance(news, Ready) and not self._keeper  # before anything else was run there
        if first and fds and self.scratch is None:
            self.scratch = fds.pop()
        for fd in fds:
            os.close(fd)
        match news:
            case Ready() if first:
                self._watch(packet.sender)
            case Running():
                self.checkpoint = news.checkpoint
                self.state, self._begun = packet.sender, True
                self._pass_over_news()
                self._heard.set()
                self._cell_runs(packet.sender)
            case Ready():
                pass
            case _:
                if not isinstance(news, Added):
                    self.state = packet.sender
                self._news.put_nowait(news)

    def _is_forged(self, packet: Packet) -> bool:
        """Whether it says what only another process has to say than the one that runs a cell or ran the last, or nobody."""
        if isinstance(packet.news, Running):
            return self._begun
        return self._begun and packet.sender == self.state and not isinstance(packet.news, Added)

    def _watch(self, keeper: int) -> None:
        try:
            self._pidfd = os.pidfd_open(keeper)
        except ProcessLookupError:
            self._exited.set()
            return
        self._keeper = keeper
        self._loop.add_reader(self._pidfd, self._on_exit)

    def _on_exit(self) -> None:
        self._loop.remove_reader(self._pidfd)
        self.kill_cell()  # the keeper has ended its states, unless it was killed itself
        self._ended = True
        self._exited.set()
        self._news.put_nowait(None)

    def _is_mine(self, pid: int) -> bool:
        """Whether a process is a state of this REPL: in the keeper's session, which none of them can leave."""
        try:
            return pid > 1 and pid != self._keeper and os.getsid(pid) == self._keeper
        except (OSError, OverflowError):
            return False

    @property
    def alive(self) -> bool:
        """Whether it can run a cell."""
        return not self._ended

    def setback(self) -> str:
        """What the cells will find other than the last of them left it, since this was last asked: a sentence or ``""``."""
        self._pass_over_news()
        said, self._setback = self._setback, ""
        return said

    def _pass_over_news(self) -> None:
        """Take what has come for what befell the last cell: when the next one runs, nothing of it is that one's."""
        while not self._news.empty():
            news = self._news.get_nowait()
            if not isinstance(news, State | Restored | Added):
                self._news.put_nowait(news)
                return
            if isinstance(news, State) and news.fresh:
                self._setback = LOST
            elif isinstance(news, Restored):
                self._setback = self._setback or UNDONE

    async def run_cell(self, channel: socket.socket, checkpoint: bool) -> None:
        """Hand the state the channel of the next cell, to be run with or without a checkpoint.

        Raises:
            ChildDiedError: There is no state.
        """
        self._runs = self._begun = self._runner_is_to_die = False
        self._heard.clear()
        self._allow_fork(checkpoint)
        await self.control.send({"checkpoint": checkpoint}, [channel.fileno()])

    async def commit(self) -> None:
        """Let the state before the cell go: from now on that after it counts.

        Raises:
            ChildDiedError: There is no state.
            TimeoutError: It never said that it ran the cell, which only one does that an earlier cell has changed.
        """
        async with asyncio.timeout(_PATIENCE):
            await self._heard.wait()  # said long ago, but the end of the cell came on another socket
        await self.control.send({"commit": True})

    def _allow_fork(self, allow: bool) -> None:
        """Approve the fork before a cell, or none once it runs."""
        if self._guard:
            self._guard.arm(allow)

    def _cell_runs(self, pid: int) -> None:
        """The kernel says which process runs the cell."""
        self._allow_fork(False)
        with contextlib.suppress(OSError):
            runner = os.pidfd_open(pid)  # from here on the number cannot come to mean another process
            if self._runs or not self._is_mine(pid):
                os.close(runner)
                return
            self._let_go_of_runner()
            self._runner, self._runs = runner, True
            if self._runner_is_to_die:
                self.kill_cell()

    def kill_cell(self) -> None:
        """Kill the process of the cell, now or as soon as it runs."""
        self._runner_is_to_die = True
        if self._runs:
            self._kill_runner()

    def kill_idler(self) -> None:
        """Kill the process that ran the last cell and ought to have begun this one; that before it may go on."""
        if not self._runs:
            self._kill_runner()

    def _kill_runner(self) -> None:
        if self._runner >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._runner, signal.SIGKILL)

    def _let_go_of_runner(self) -> None:
        if self._runner >= 0:
            os.close(self._runner)
            self._runner = -1

    def end(self) -> None:
        """Have the keeper end every other process and itself."""
        self._ended = True
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self._keeper and not self._exited.is_set():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

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
            raise ChildDiedError(_SILENT)
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
        if self._keeper and not self._exited.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._exited.wait(), _PATIENCE)
        if self._keeper and not self._exited.is_set():
            self._signal(signal.SIGKILL)
            await self._exited.wait()
        self.control.close()
        self._let_go_of_runner()
        if self._guard:
            self._guard.close()
        if self._pidfd >= 0:
            os.close(self._pidfd)
        if isinstance(self.scratch, int):  # in memory, which the tree keeps
            await asyncio.to_thread(empty, self.scratch)
        elif self.scratch:
            await asyncio.to_thread(remove, self.scratch)
        self.scratch = None
        await self._forget()


def _take(documents: Iterator[tuple[Message, int]]) -> list[tuple[Message, int]]:
    """The next few; if one cannot be opened those before it are closed."""
    taken: list[tuple[Message, int]] = []
    size = 0
    try:
        while len(taken) < MAX_PACKET_FDS and size < _DESCRIBED and (document := next(documents, None)):
            taken.append(document)
            size += len(dumps(document[0]))
    except BaseException:
        for _known, fd in taken:
            os.close(fd)
        raise
    return taken
