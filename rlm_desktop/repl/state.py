"""A state of the REPL: the process whose variables are those of the REPL, and which runs its cells.

It forks before each cell: the parent waits as the checkpoint, the fork runs the cell. When the cell ends, whether or
not it raised, the fork is the new state and the checkpoint exits; when its process dies, the checkpoint is the state
again. When no state is left the keeper forks a new one, without variables.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from typing import NoReturn

from rlm_desktop.repl.api import Api
from rlm_desktop.repl.channel import Channel, SocketConnection
from rlm_desktop.repl.documents import Held
from rlm_desktop.repl.handover import Shelf
from rlm_desktop.repl.notebook import Notebook
from rlm_desktop.repl.protocol import EXIT_MEMORY, Message, receive_packet, send_packet

_INTERPRETER = 256 * 2**20
"""Address space of an interpreter with nothing in it, generously: 30 MB, with numpy 130 MB."""


class State:
    """The process whose variables are those of the REPL, in between cells."""

    def __init__(self, control: socket.socket, boot: Message, api: Api) -> None:
        self._control = control
        self._boot = boot
        self._api = api
        self._notebook = Notebook(api, boot["output_chars"])
        self._done: int | None = None
        self._arriving, self._full = Held(), ""

    def start(self, fresh: bool) -> NoReturn:
        """Confine this process for cells and serve them."""
        from rlm_desktop.repl.confine import linux

        try:
            os.setpgid(0, 0)
            limits = self._boot["limits"]
            # A cell may hold three copies of the context (lowered, split, joined) besides what it may use anyway.
            memory = _INTERPRETER + 4 * self._api.size() + limits["memory_bytes"]
            linux.limit(memory, limits)
            if self._boot["on_disk"]:
                linux.be_seen()
            sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
            listener = linux.confine_cells(self._boot["seccomp"])
            # Refused while other REPLs of this user have too many descriptors under way.
            send_packet(self._control, {"type": "state", "fresh": fresh}, [listener] if listener else [])
        except (OSError, MemoryError) as error:
            send_packet(self._control, {"type": "failed", "error": str(error)})
            os._exit(1)
        if listener:
            os.close(listener)
        self._serve()

    def _serve(self) -> NoReturn:
        while True:
            self._control.setblocking(
                True
            )  # every state shares it, and any cell can have it wait for nothing
            packet = receive_packet(self._control)
            if packet is None:
                os._exit(0)
            if "checkpoint" not in packet[0]:
                self._receive(*packet)
                continue
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, packet[1][0])
            try:
                if not packet[0]["checkpoint"] or self._checkpoint(connection):
                    shelf = Shelf(connection, self._boot["scratch"])
                    self._run_cell(Channel(SocketConnection(connection), self._boot["output_chars"], shelf))
            except MemoryError:
                os._exit(EXIT_MEMORY)
            except OSError:  # the host hung up, or the cell closed what it was not given
                os._exit(1)

    def _receive(self, packet: Message, fds: list[int]) -> None:
        """Take the host's word that a cell has counted; or documents that come late, all or none."""
        if "commit" in packet:
            self._commit()
            return
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
        send_packet(self._control, {"type": "running", "checkpoint": self._done is not None})
        self._notebook.run(channel, channel.receive())
