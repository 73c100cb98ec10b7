"""The REPL child: a first process that holds the documents, and forks of it that run cells.

The first process confines itself, decodes the documents, forks a state and waits; it never runs a cell. A state runs
cells one after the other, and forks before each: the parent waits as the checkpoint, the fork runs the cell. When the
cell ends, whether or not it raised, the fork is the new state and the checkpoint exits; when its process dies, the
checkpoint is the state again. When no state is left the first process forks a new one, without variables.

The start command is `processes.repl_command`; only the standard library and this package are imported.
"""

from __future__ import annotations

import codecs
import contextlib
import gc
import mmap
import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Any, NoReturn

from rlm_desktop.repl import cell, display
from rlm_desktop.repl.api import RESERVED, Api, CallError
from rlm_desktop.repl.channel import Channel, Printed
from rlm_desktop.repl.protocol import EXIT_MEMORY, Message, receive_packet, send_packet
from rlm_desktop.repl.records import Document


def main() -> NoReturn:
    """Run the first process: ``argv`` is the control descriptor and the host's process id."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, int(sys.argv[-2]))
    FirstProcess(control, int(sys.argv[-1])).run()


class Held:
    """Documents received so far."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.documents: list[Document] = []

    def take(self, described: list[dict[str, str]], fds: list[int]) -> None:
        """Decode the files behind these descriptors."""
        for known, fd in zip(described, fds, strict=True):
            text = decode(fd, known["encoding"], known["errors"])
            self.documents.append(Document(known["name"], known["path"], len(text), len(self.texts)))
            self.texts.append(text)


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
        null = os.open("/dev/null", os.O_RDWR)
        if boot["confined"]:
            linux.confine_first_process(boot["scratch"])
        os.dup2(null, 2)  # until here it took the traceback of a failed start
        os.close(null)

    def _load(self, boot: Message) -> Api:
        held = Held()
        while len(held.texts) < boot["count"]:
            packet, fds = self._next()
            held.take(packet["documents"], fds)
        return Api(held.texts[0] if boot["kind"] == "str" else held.texts, held.documents, _call)

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
        self._namespace = cell.make_namespace()
        self._stdout, self._stderr = Printed("stdout"), Printed("stderr")
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
                    self._run_cell(Channel(connection, self._boot["output_chars"]))
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
        if threading.active_count() > 1:
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
        order = channel.receive()
        self._api.history[:] = order["history"]
        self._api.install(self._namespace)
        sys.stdout, sys.stderr = self._stdout, self._stderr  # an earlier cell may have put others there
        Printed.channel = channel
        spare = [
            os.dup(0),
            os.dup(0),
        ]  # or a cell that uses up all descriptors leaves none for the next channel
        outcome = cell.run(order["code"], order["number"], self._namespace, self._stdout.write)
        for fd in spare:
            os.close(fd)
        self._api.take_answer()
        left = {"dropped": channel.dropped, "threads": threading.active_count() - 1}
        channel.send({"type": "done", **vars(outcome), **self._report(), **left})
        Printed.channel = None
        channel.close()

    def _report(self) -> dict[str, Any]:
        answer = self._api.answer
        try:
            content, ready = str(answer.get("content", "")), bool(answer.get("ready"))
        except Exception:
            content, ready = display.describe(answer.get("content")), False
        return {
            "ready": ready,
            "draft": display.clip(content, self._boot["output_chars"]),
            "variables": display.variables(self._namespace, RESERVED),
        }


def decode(fd: int, encoding: str, errors: str) -> str:
    """The whole of a file as text, without a second copy of its bytes; closes the descriptor.

    Character for character what ``bytes.decode`` gives: offsets the host speaks of count these characters.
    """
    try:
        if os.fstat(fd).st_size == 0:
            return ""
        with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as whole:
            skip = 0
            if encoding == "utf-8-sig":  # its decoder would copy all but the mark
                encoding = "utf-8"
                skip = len(codecs.BOM_UTF8) if bytes(whole[:3]) == codecs.BOM_UTF8 else 0
            with whole[skip:] as body:
                return str(body, encoding, errors)
    finally:
        os.close(fd)


def _call(api: str, args: dict[str, Any]) -> Any:
    """Put a call to the host through the channel of the running cell."""
    if Printed.channel is None:
        raise CallError("no cell is running")
    return Printed.channel.call(api, args)
