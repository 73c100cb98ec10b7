"""The one crossing to the engine process: JSON lines over the pipes of a QProcess."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from rlm_desktop.config import Settings
from rlm_desktop.gui.last_words import LastWords
from rlm_desktop.gui.line_reader import LineReader, LineTooLongError
from rlm_desktop.gui.look.words import later
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.wire import PROTOCOL, EngineError, Nothing, Upward
from rlm_desktop.processes import own_command

Reply = TypeVar("Reply", bound=msgspec.Struct)
_GONE = EngineError("user", later("The engine is not running."), later("Restart it and try again."))
_CLOSING_MS = 5000
_SLICE = 0.004
"""Seconds that lines of the engine are taken in at a stretch: a frame of 60 Hz has 16 ms for everything."""


def engine_command(settings: Settings) -> tuple[str, ...]:
    """The command line that starts the engine of this program with these settings."""
    network = {None: (), True: ("--online",), False: ("--offline",)}
    return (
        *own_command("rlm_desktop", "engine", "--data-dir", str(settings.home)),
        *network[settings.online],
    )


class _Waiting(msgspec.Struct, frozen=True):
    """What to do with the answer of one command."""

    command: str
    reply: type[msgspec.Struct]
    done: Callable[[Any], object]
    failed: Callable[[EngineError], object]


class EngineClient(QObject):
    """Starts the engine, sends it commands and announces what it says.

    Attributes:
        last_words: What the engine wrote on its standard error.
        failed: The command that failed last.

    Signals:
        greeted: The engine is ready (`Hello`).
        happened: An event of a subscribed run and the rows it changed (`AnyEvent`, rows).
        noticed: A `Notice`.
        refused: A command without a handler of its own failed (`EngineError`).
        died: The engine ended without being asked to; one sentence.
        ended: The engine ended as `close` asked it to.
    """

    greeted = Signal(object)
    happened = Signal(object, object)
    noticed = Signal(object)
    refused = Signal(object)
    died = Signal(str)
    ended = Signal()

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = tuple(command)
        self._decoder = msgspec.json.Decoder(Upward)
        self._encoder = msgspec.json.Encoder()
        self._waiting: dict[int, _Waiting] = {}
        self._last_id = 0
        self._reader = LineReader()
        self._unread: deque[bytes] = deque()
        self._later = once(self, 0, lambda: self._work_off(_SLICE))
        self._closing = False
        self._complaint = ""
        self.last_words = LastWords()
        self.failed = ""
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._hear)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._trouble)

    @property
    def alive(self) -> bool:
        """Whether the engine runs and may be asked."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self) -> None:
        """Start the engine, or start it again after it died."""
        if self.alive:
            return
        self._reader, self._closing, self._complaint = LineReader(), False, ""
        self.last_words.forget()
        self._process.start(self._command[0], list(self._command[1:]))

    def request(
        self,
        command: str,
        reply: type[Reply],
        done: Callable[[Reply], object],
        failed: Callable[[EngineError], object] | None = None,
        **fields: object,
    ) -> None:
        """Send one command.

        Args:
            command: Its name.
            reply: The type of its answer.
            done: Called with the answer.
            failed: Called with the reason if it fails; by default `refused` announces it.
            fields: The command's fields; those that are ``None`` are left out.
        """
        on_failure = failed or self.refused.emit
        if not self.alive:
            self.failed = command
            on_failure(_GONE)
            return
        self._last_id += 1
        self._waiting[self._last_id] = _Waiting(command, reply, done, on_failure)
        given = {name: value for name, value in fields.items() if value is not None}
        self._process.write(self._encoder.encode({"id": self._last_id, "cmd": command, **given}) + b"\n")

    def close(self) -> None:
        """Ask the engine to end, make sure that it does, and announce `ended`."""
        if not self.alive:
            self.ended.emit()
            return
        self._closing = True
        self.request("shutdown", Nothing, lambda _: None, lambda _: None)
        self._process.closeWriteChannel()
        QTimer.singleShot(_CLOSING_MS, self, self._kill)

    def _kill(self) -> None:
        if self._closing and self.alive:
            self._process.kill()

    def _read(self) -> None:
        if self._unread:  # and the timer runs
            return
        self._work_off(_SLICE)

    def _work_off(self, seconds: float) -> None:
        """Take in what has come, for so long; what is left then waits until keys, clicks and paint have had their turn."""
        end = time.perf_counter() + seconds
        try:
            self._unread.extend(self._reader.feed(bytes(self._process.readAllStandardOutput().data())))
            while self._unread and time.perf_counter() < end:
                self._take(self._decoder.decode(self._unread.popleft()))
        except (LineTooLongError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._unread.clear()
            self._give_up(f"The engine said something this window does not understand: {error}.")
        finally:  # also where a handler fails: nobody else would read on
            if self._unread:
                self._later.start()

    def _take(self, said: Upward) -> None:
        if said.event is not None:
            self.happened.emit(said.event, said.rows)
        elif said.id is not None:
            self._answer(said.id, said)
        elif said.notice is not None:
            self.noticed.emit(said.notice)
        elif said.hello is not None:
            if said.hello.protocol != PROTOCOL:
                self._give_up(
                    f"The engine speaks protocol {said.hello.protocol} and this window protocol {PROTOCOL}; "
                    "install both from the same version."
                )
                return
            self.greeted.emit(said.hello)

    def _answer(self, number: int, said: Upward) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is None:
            return
        if said.error is not None:
            self.failed = waiting.command
            waiting.failed(said.error)
        else:
            waiting.done(msgspec.json.decode(said.ok or b"{}", type=waiting.reply))

    def _give_up(self, complaint: str) -> None:
        self._complaint = complaint
        self._process.kill()

    def _trouble(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._complaint = f"The engine could not be started: {self._process.errorString()}."
            self._over()

    def _hear(self) -> None:
        self.last_words.hear(bytes(self._process.readAllStandardError().data()))

    def _finished(self) -> None:
        self._later.stop()
        try:
            self._work_off(math.inf)
        finally:
            self._over()

    def _over(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            self.failed = one.command
            one.failed(_GONE)
        if self._closing:
            self.ended.emit()
        else:
            self.died.emit(self._complaint or "The engine stopped unexpectedly.")
