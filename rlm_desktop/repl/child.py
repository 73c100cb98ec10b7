"""The REPL child: a first process that holds the documents, and forks of it that run cells.

The first process confines itself, decodes the documents, forks a state and waits; it never runs a cell. A state runs
cells one after the other, and forks before each: the parent waits as the checkpoint, the fork runs the cell. When the
cell ends, whether or not it raised, the fork is the new state and the checkpoint exits; when its process dies, the
checkpoint is the state again. When no state is left the first process forks a new one, without variables.

The start command is `processes.repl_command`; only the standard library and this package are imported.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import signal
import socket
import sys
from types import FrameType
from typing import NoReturn

from rlm_desktop.repl import extras
from rlm_desktop.repl.api import Api
from rlm_desktop.repl.channel import Channel, SocketConnection
from rlm_desktop.repl.documents import Held
from rlm_desktop.repl.notebook import Notebook, call, say
from rlm_desktop.repl.protocol import EXIT_MEMORY, Message, receive_packet, send_packet


def main() -> NoReturn:
    """Run the first process: ``argv`` is the control descriptor and the host's process id."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, int(sys.argv[-2]))
    FirstProcess(control, int(sys.argv[-1])).run()


class FirstProcess:
    """Confined holder of the documents; parent, directly or by adoption, of every state."""

    def __init__(self, control: socket.socket, host: int) -> None:
        self._control = control
        self._host = host
        self._state = 0

    def run(self) -> NoReturn:
        """Prepare, then keep a state alive until told to end."""
        try:
            boot = self._next()[0]
            self._confine(boot)
            api = self._load(boot)
        except (OSError, LookupError, ValueError, MemoryError) as error:
            send_packet(self._control, {"type": "failed", "error": f"{type(error).__name__}: {error}"[:2000]})
            sys.exit(1)
        gc.collect()
        gc.freeze()  # or the collector would touch, and so copy, the pages shared with every fork
        fresh = False
        while True:
            self._mend_control()
            self._fork_state(boot, api, fresh)
            self._wait()
            fresh = True

    def _next(self) -> tuple[Message, list[int]]:
        packet = receive_packet(self._control)
        if packet is None:
            sys.exit(0)
        return packet

    def _confine(self, boot: Message) -> None:
        from rlm_desktop.repl.confine import linux

        signal.signal(signal.SIGTERM, self._end)
        linux.become_expendable(self._host)
        self._size = os.open("/proc/self/statm", os.O_RDONLY)
        os.chdir(boot["scratch"])
        extras.install(boot["packages"])
        null = os.open("/dev/null", os.O_RDWR)
        if boot["confined"]:
            linux.confine_first_process(boot["scratch"], boot["packages"])
        os.dup2(null, 2)  # until here it took the traceback of a failed start
        os.close(null)

    def _load(self, boot: Message) -> Api:
        held = Held()
        while len(held.texts) < boot["count"]:
            packet, fds = self._next()
            held.take(packet["documents"], fds)
        return Api(held.texts[0] if boot["kind"] == "str" else held.texts, held.documents, call, say)

    def _mend_control(self) -> None:
        """Have the control socket wait again, which every state shares and any cell can spoil; end if one has shut it."""
        self._control.setblocking(True)
        with contextlib.suppress(BlockingIOError):
            if not self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                sys.exit(0)

    def _fork_state(self, boot: Message, api: Api, fresh: bool) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        self._state = os.fork()
        if self._state == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        else:
            with contextlib.suppress(ProcessLookupError):  # it may be gone already
                os.setpgid(self._state, self._state)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if self._state == 0:
            State(self._control, boot, api).start(self._size, fresh)

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


class State:
    """The process whose variables are those of the REPL, in between cells."""

    def __init__(self, control: socket.socket, boot: Message, api: Api) -> None:
        self._control = control
        self._boot = boot
        self._api = api
        self._notebook = Notebook(api, boot["output_chars"])
        self._done: int | None = None
        self._arriving, self._full = Held(), ""

    def start(self, statm: int, fresh: bool) -> NoReturn:
        """Confine this process for cells and serve them."""
        from rlm_desktop.repl.confine import linux

        try:
            os.setpgid(0, 0)
            limits = self._boot["limits"]
            used = int(os.pread(statm, 100, 0).split()[0]) * mmap.PAGESIZE
            os.close(statm)
            # A cell may hold three copies of the context (lowered, split, joined) besides what it may use anyway.
            memory = 4 * used + limits["memory_bytes"]
            linux.limit(memory, limits["cpu_seconds"], limits["file_bytes"], limits["open_files"])
            sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
            listener = linux.confine_cells(self._boot["confined"])
        except OSError as error:
            send_packet(self._control, {"type": "failed", "error": str(error)})
            os._exit(1)
        state = {"type": "state", "pid": os.getpid(), "fresh": fresh}
        send_packet(self._control, state, [listener] if listener else [])
        if listener:
            os.close(listener)
        self._serve()

    def _serve(self) -> NoReturn:
        while True:
            packet = receive_packet(self._control)
            if packet is None:
                os._exit(0)
            if "checkpoint" not in packet[0]:
                self._receive(*packet)
                continue
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, packet[1][0])
            try:
                if not packet[0]["checkpoint"] or self._checkpoint(connection):
                    self._run_cell(Channel(SocketConnection(connection), self._boot["output_chars"]))
            except MemoryError:
                os._exit(EXIT_MEMORY)
            except OSError:  # the host hung up, or the cell closed what it was not given
                os._exit(1)
            self._commit()

    def _receive(self, packet: Message, fds: list[int]) -> None:
        """Take documents that come in the course of a session, all or none."""
        try:
            if "documents" in packet and not self._full:
                self._arriving.take(packet["documents"], fds)
                return
        except (OSError, LookupError, ValueError, MemoryError) as error:
            self._full = f"{type(error).__name__}: {error}"[:2000]
        if "documents" in packet:
            for fd in fds:
                with contextlib.suppress(OSError):
                    os.close(fd)
            return
        if packet["add"]:
            if not self._full:
                self._api.add(self._arriving.texts, self._arriving.documents)
            send_packet(self._control, {"type": "added", "error": self._full})
        self._arriving, self._full = Held(), ""

    def _checkpoint(self, connection: socket.socket) -> bool:
        """Fork before a cell. ``True`` in the process that is to run it; ``False`` in the checkpoint, once it died.

        A process with more than one thread cannot be forked whole: its cell runs without a checkpoint.
        """
        if self._notebook.threads.left:
            return True
        alive, done = os.pipe()
        try:
            child = os.fork()
        except OSError:
            os.close(alive)
            os.close(done)
            return True
        if child == 0:
            os.close(alive)
            self._done = done
            return True
        os.close(done)
        connection.close()
        if os.read(alive, 1):
            os._exit(0)  # the fork is the state now, and the first process adopts it
        os.close(alive)
        _pid, status = os.waitpid(child, 0)
        send_packet(self._control, {"type": "restored", "status": status})
        return False

    def _commit(self) -> None:
        """Let the checkpoint go: this process is the state."""
        if self._done is not None:
            os.write(self._done, b"1")
            os.close(self._done)
            self._done = None

    def _run_cell(self, channel: Channel) -> None:
        channel.send({"type": "started", "pid": os.getpid(), "checkpoint": self._done is not None})
        self._notebook.run(channel, channel.receive())
