"""The REPL child where there is no ``fork``: one process runs every cell, and two pipes lead to the host.

The pipes are what was its standard input and output; both are put out of the reach of what cells print and read.
Frames (`protocol`) come in on one and go out on the other: first the ``boot``, then cells and documents to add. A
thread reads, so that the process ends with its host whatever a cell is doing.

The start command is `processes.repl_command`; only the standard library and this package are imported.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from queue import SimpleQueue
from typing import Any, NoReturn

from rlm_desktop.repl import extras
from rlm_desktop.repl.api import Api
from rlm_desktop.repl.channel import Channel
from rlm_desktop.repl.documents import Held
from rlm_desktop.repl.notebook import Notebook, call, say
from rlm_desktop.repl.protocol import EXIT_MEMORY, FrameReader, Message, frame

_NICE = 19


def main() -> NoReturn:
    """Boot, then run cells until the host hangs up."""
    pipes = Pipes()
    boot, turn = pipes.next()
    held = Held()
    error = _settle(boot) or _load(held, boot["documents"])
    turn.sendall(frame({"type": "added", "error": error}))
    if error:
        sys.exit(1)
    _point_at_nothing(2)  # until here it took the traceback of a failed start
    context = held.texts[0] if boot["kind"] == "str" else held.texts
    Solo(pipes, Api(context, held.documents, call, say), boot["limits"]).serve()


def _settle(boot: Message) -> str:
    try:
        os.chdir(boot["scratch"])
        extras.install(boot["packages"])
        if hasattr(os, "nice"):
            os.nice(_NICE)
        os.umask(0o077)
    except OSError as error:
        return str(error)
    return ""


def _load(held: Held, documents: list[dict[str, str]]) -> str:
    """Read documents from their files; returns what was wrong with one."""
    known: dict[str, str] = {}
    try:
        for known in documents:
            held.take([known], [os.open(known["file"], os.O_RDONLY | getattr(os, "O_BINARY", 0))])
    except OSError as error:
        return f"{known['file']}: {error.strerror}"
    except (LookupError, ValueError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"[:2000]
    return ""


def _point_at_nothing(*standard: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in standard:
        os.dup2(null, fd)
    os.close(null)


class Turn:
    """A cell's turn on the pipes: the connection of its channel."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._inbox: SimpleQueue[Message | None] = SimpleQueue()
        self._sending = threading.Lock()
        self._over = False

    def put(self, message: Message) -> None:
        """A reply of the host has come."""
        self._inbox.put(message)

    def receive(self) -> list[Message]:
        """Wait for a reply."""
        message = self._inbox.get()
        if message is None:
            self._inbox.put(None)  # for the next thread that waits
            raise ConnectionError("the cell has ended")
        return [message]

    def sendall(self, data: bytes) -> None:
        """Write all of it, unless the cell has ended."""
        with self._sending:
            if self._over:
                raise ConnectionError("the cell has ended")
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._out, rest) :]

    def close(self) -> None:
        """The cell has ended: its threads neither send nor receive any more."""
        with self._sending:
            self._over = True
        self._inbox.put(None)


class Pipes:
    """The two pipes, kept from what cells do with standard input and output."""

    def __init__(self) -> None:
        self._in, self._out = os.dup(0), os.dup(1)
        if sys.platform == "win32":
            import msvcrt

            for fd in (self._in, self._out):
                msvcrt.setmode(fd, os.O_BINARY)
        _point_at_nothing(0, 1)
        sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
        self._orders: SimpleQueue[tuple[Message, Turn]] = SimpleQueue()
        threading.Thread(target=self._read, name="host", daemon=True).start()

    def next(self) -> tuple[Message, Turn]:
        """Wait for an order, and the turn it opens."""
        return self._orders.get()

    def _read(self) -> None:
        """Hand orders to the process and replies to the cell that asked; end the process when the host hangs up."""
        status = 1
        reader, turn = FrameReader(), Turn(self._out)
        try:
            while data := os.read(self._in, 1 << 18):
                for message in reader.feed(data):
                    if "id" in message:
                        turn.put(message)
                    else:
                        turn = Turn(self._out)
                        self._orders.put((message, turn))
            status = 0
        except MemoryError:
            status = EXIT_MEMORY
        finally:
            os._exit(status)


class Solo:
    """Serves orders one after the other."""

    def __init__(self, pipes: Pipes, api: Api, limits: dict[str, int]) -> None:
        self._pipes = pipes
        self._api = api
        self._output_chars = limits["output_chars"]
        self._budget = _limit(limits)
        self._notebook = Notebook(api, self._output_chars)

    def serve(self) -> NoReturn:
        """Run cells, take documents."""
        while True:
            order, turn = self._pipes.next()
            try:
                if "documents" in order:
                    turn.sendall(frame({"type": "added", "error": self._add(order["documents"])}))
                    continue
                self._budget.renew()
                self._notebook.run(Channel(turn, self._output_chars), order)
            except MemoryError:
                os._exit(EXIT_MEMORY)
            except OSError:  # the host hung up, or the cell closed what it was not given
                os._exit(1)

    def _add(self, documents: list[dict[str, str]]) -> str:
        arriving = Held()
        error = _load(arriving, documents)
        if not error:
            self._api.add(arriving.texts, arriving.documents)
        return error


class Budget:
    """CPU seconds of a cell, where the system can count them."""

    def __init__(self, resource: Any, seconds: int) -> None:
        self._resource = resource
        self._seconds = seconds

    def renew(self) -> None:
        """Give the next cell its own."""
        if self._resource is None:
            return
        used = self._resource.getrusage(self._resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + self._seconds
        _set(self._resource, "RLIMIT_CPU", most)


def _limit(limits: dict[str, int]) -> Budget:
    """Set what this process may use, where the system has such limits: Windows has none."""
    try:
        import resource
    except ImportError:
        return Budget(None, 0)
    used = _size(resource)
    # A cell may hold three copies of the context (lowered, split, joined) besides what it may use anyway.
    _set(resource, "RLIMIT_AS", 4 * used + limits["memory_bytes"])
    _set(resource, "RLIMIT_FSIZE", limits["scratch_bytes"])
    _set(resource, "RLIMIT_NOFILE", limits["open_files"])
    _set(resource, "RLIMIT_CORE", 0)
    return Budget(resource, limits["cpu_seconds"])


def _size(resource: Any) -> int:
    """Bytes of this process, virtual ones where the system tells, or the most it had in memory."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123
            return int(statm.read().split()[0]) * int(resource.getpagesize())
    except OSError:
        most = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return most if sys.platform == "darwin" else most * 1024


def _set(resource: Any, name: str, value: int) -> None:
    """Lower a limit; the hard one stays, so that it can be set anew."""
    which = getattr(resource, name, None)
    if which is None:
        return
    _soft, hard = resource.getrlimit(which)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
        resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
