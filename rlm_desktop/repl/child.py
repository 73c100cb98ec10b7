"""The processes of the REPL that never run a cell; started by `zygote` on the host's side.

The *zygote* comes first: it confines itself and forks holders. A *holder* decodes the documents of one context, once,
and forks a keeper for each REPL that explores them. A *keeper* makes a session of its own, out of which nothing below
it can get, and keeps a state alive in it: a fork that runs cells (`state`). All of them share the memory of the documents.

The start command is `processes.repl_command`; only the standard library and this package are imported.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
from types import FrameType
from typing import NoReturn

from rlm_desktop.repl import extras, wakening
from rlm_desktop.repl.api import Api
from rlm_desktop.repl.documents import Held
from rlm_desktop.repl.notebook import call, say
from rlm_desktop.repl.protocol import Message, receive_packet, send_packet
from rlm_desktop.repl.state import State


def main() -> NoReturn:
    """Run the zygote: ``argv`` is the control descriptor and the host's process id, 0 if it cannot be seen from here."""
    if sys.argv[-1] == "try":
        sys.exit(0)
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, int(sys.argv[-2]))
    Zygote(control).run(int(sys.argv[-1]))


class _Process:
    """One of these processes: it obeys the packets of its control socket and ends with it, or with its parent."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def _next(self) -> tuple[Message, list[int]]:
        packet = receive_packet(self._control)
        if packet is None:
            sys.exit(0)
        return packet

    def _forked(self, control: int) -> socket.socket | None:
        """Fork. In the new process, its own control socket; ``None`` in this one."""
        from rlm_desktop.repl.confine import linux

        parent = os.getpid()
        if os.fork():
            os.close(control)
            return None
        linux.tie_to(parent)
        self._control.close()
        return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, control)

    def _fail(self, error: BaseException) -> NoReturn:
        send_packet(self._control, {"type": "failed", "error": f"{type(error).__name__}: {error}"[:2000]})
        sys.exit(1)


class Zygote(_Process):
    """Holds nothing."""

    def run(self, host: int) -> NoReturn:
        """Confine this process, and fork a holder whenever it is told to."""
        send_packet(self._control, {"type": "ready"})
        boot = self._next()[0]
        try:
            self._confine(boot, host)
        except OSError as error:
            self._fail(error)
        send_packet(self._control, {"type": "ready"})
        while True:
            packet, (fd,) = self._next()
            if control := self._forked(fd):
                Holder(control).run(boot, packet)

    def _confine(self, boot: Message, host: int) -> None:
        from rlm_desktop.repl.confine import linux

        signal.signal(signal.SIGTERM, lambda _signal, _frame: os._exit(0))
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # its forks leave no zombies
        linux.tie_to(host)
        linux.become_expendable()
        extras.install(boot["packages"])
        wakening.install()
        null = os.open("/dev/null", os.O_RDWR)
        boot["readable"] = linux.confine_zygote(boot)
        os.dup2(null, 2)  # until here it took the traceback of a failed start
        os.close(null)


class Holder(_Process):
    """Holds the documents of one context, decoded."""

    def run(self, boot: Message, order: Message) -> NoReturn:
        """Take the documents, and fork a keeper whenever it is told to."""
        held = Held()
        try:
            while len(held.texts) < order["count"]:
                packet, fds = self._next()
                held.take(packet["documents"], fds)
        except (OSError, LookupError, ValueError, MemoryError) as error:
            self._fail(error)
        gc.collect()
        gc.freeze()  # or the collector would touch, and so copy, the pages shared with every fork
        send_packet(self._control, {"type": "ready"})
        while True:
            packet, (fd,) = self._next()
            if control := self._forked(fd):
                context = held.texts[0] if order["kind"] == "str" else held.texts
                Keeper(control, boot | packet, Api(context, held.documents, call, say)).run()


class Keeper(_Process):
    """Leader of a session; parent, directly or by adoption, of every state in it."""

    def __init__(self, control: socket.socket, boot: Message, api: Api) -> None:
        super().__init__(control)
        self._boot = boot
        self._api = api
        self._state = 0

    def run(self) -> NoReturn:
        """Keep a state alive until told to end."""
        try:
            self._prepare()
            folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            self._fail(error)
        send_packet(
            self._control, {"type": "ready"}, [folder]
        )  # the host may have no other way to look into it
        os.close(folder)
        fresh = False
        while True:
            self._mend_control()
            self._fork_state(fresh)
            self._wait()
            fresh = True

    def _prepare(self) -> None:
        from rlm_desktop.repl.confine import linux

        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        linux.confine_keeper(self._boot)
        folder = self._boot["scratch"]
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(LANG="C.UTF-8", HOME=folder, TMPDIR=folder)

    def _mend_control(self) -> None:
        """Have the control socket wait again, which every state shares and any cell can spoil; end if one has shut it."""
        self._control.setblocking(True)
        with contextlib.suppress(BlockingIOError):
            if not self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                sys.exit(0)

    def _fork_state(self, fresh: bool) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        self._state = os.fork()
        if self._state == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        else:
            with contextlib.suppress(ProcessLookupError):  # it may be gone already
                os.setpgid(self._state, self._state)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if self._state == 0:
            State(self._control, self._boot, self._api).start(fresh)

    def _wait(self) -> None:
        """Return when every process of the state is gone."""
        try:
            while True:
                os.wait()
        except ChildProcessError:
            return

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        """End every other process, then this one. None can leave the group: `setpgid` is refused to states."""
        if self._state:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._state, signal.SIGKILL)
            self._wait()
        os._exit(0)
