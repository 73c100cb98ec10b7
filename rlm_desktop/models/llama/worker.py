"""The llama worker: a process of its own that hosts every loaded GGUF model and steps one at a time.

A crash in native code ends this process and nothing else. It ends itself when its standard input
closes, at once even in the middle of a step, and so never outlives its client.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from rlm_desktop.config import machine_locks
from rlm_desktop.errors import UserError
from rlm_desktop.models.llama import log
from rlm_desktop.models.llama.library import GgufModel
from rlm_desktop.models.llama.scheduler import Scheduler
from rlm_desktop.models.llama.turn import Turn
from rlm_desktop.models.llama.wire import (
    Cancel,
    Command,
    Complete,
    Count,
    Counted,
    Failed,
    Load,
    Loaded,
    Reply,
    Unload,
    command_decoder,
    encode,
)
from rlm_desktop.models.notices import ModelNotice, ModelState

LINGER = 1.0
"""Seconds an idle worker keeps its turn, in case the next request comes at once."""
RETRY = 0.1
"""Seconds between two looks at whose turn it is."""


class Worker:
    """Hosts models and serves commands.

    Args:
        commands: Where they come from.
        replies: Where replies go.
        turn: This process's turn to compute.
    """

    def __init__(self, commands: BinaryIO, replies: BinaryIO, turn: Turn) -> None:
        self._commands = commands
        self._replies = replies
        self._turn = turn
        self._inbox: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._loads: list[Load] = []
        self._names: dict[str, str] = {}
        self._models: dict[str, GgufModel] = {}
        self._schedulers: dict[str, Scheduler] = {}
        self._waiting = False

    def run(self) -> None:
        """Serve until standard input closes."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            self._receive()
            if not self._busy:
                self._turn.give_back()
            elif self._my_turn():
                self._work()

    @property
    def _busy(self) -> bool:
        return bool(self._loads) or any(scheduler.busy for scheduler in self._schedulers.values())

    def _listen(self) -> None:
        for line in self._commands:
            command = command_decoder.decode(line)
            if isinstance(command, Cancel):
                for scheduler in list(self._schedulers.values()):
                    scheduler.interrupt(command.id)
            self._inbox.put(command)
        os._exit(0)

    def _receive(self) -> None:
        """Take in the commands that came; with nothing to do, wait for one."""
        idle = not self._busy
        timeout = LINGER if idle else RETRY
        try:
            command = self._inbox.get(
                block=idle or self._waiting, timeout=None if idle and not self._turn.held else timeout
            )
            while True:
                self._obey(command)
                command = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _obey(self, command: Command) -> None:
        match command:
            case Load():
                self._loads.append(command)
            case Count():
                tokens = self._models[command.model].tokenize(command.text)
                self._emit(Counted(command.id, len(tokens)))
            case Complete():
                try:
                    self._schedulers[command.model].submit(command.id, command.request)
                except UserError as error:
                    self._emit(Failed(command.id, error.message, error.hint))
            case Cancel():
                self._loads = [load for load in self._loads if load.id != command.id]
                for scheduler in self._schedulers.values():
                    scheduler.cancel(command.id)
            case Unload():
                if model := self._models.pop(command.model, None):
                    self._schedulers = {
                        path: each for path, each in self._schedulers.items() if path != command.model
                    }
                    model.close()

    def _my_turn(self) -> bool:
        """Whether this process may compute now; says who is waited for."""
        self._turn.pass_on()
        mine = self._turn.take()
        if mine == self._waiting:
            self._waiting = not mine
            self._tell_waiting()
        return mine

    def _tell_waiting(self) -> None:
        pid = self._turn.holder() if self._waiting else 0
        pid = 0 if pid == os.getpid() else pid  # it was just passed on, and the next has not signed yet
        who = f"process {pid}" if pid else "another process"
        text = f"Waiting for {who}, which is using a model on this computer." if self._waiting else ""
        state: ModelState = "waiting" if self._waiting else "ready"
        for name in {*self._names.values(), *(load.name for load in self._loads)}:
            self._emit(ModelNotice(name, state, text, pid=pid))

    def _work(self) -> None:
        if self._loads:
            self._load(self._loads.pop(0))
        for scheduler in self._schedulers.values():
            if scheduler.busy:
                scheduler.step()

    def _load(self, load: Load) -> None:
        try:
            if load.model not in self._models:
                model = GgufModel(Path(load.model), load.options, self._progress(load.name))
                self._models[load.model] = model
                self._schedulers = {**self._schedulers, load.model: Scheduler(model, self._emit)}
                self._names[load.model] = load.name
        except UserError as error:
            self._emit(ModelNotice(load.name, "failed", str(error)))
            self._emit(Failed(load.id, error.message, error.hint))
            return
        model = self._models[load.model]
        self._emit(ModelNotice(load.name, "ready", model.placement, rate=1.0))
        self._emit(Loaded(load.id, model.window))

    def _progress(self, name: str) -> Callable[[float], None]:
        told = -1

        def tell(rate: float) -> None:
            nonlocal told
            if int(rate * 20) > told:
                told = int(rate * 20)
                self._emit(ModelNotice(name, "loading", f"Loading {name}: {rate:.0%}.", rate))

        return tell

    def _emit(self, reply: Reply) -> None:
        self._replies.write(encode(reply) + b"\n")
        self._replies.flush()


def main() -> None:
    """Serve on standard input and output.

    Native libraries print on descriptor 1 as they please, so the replies get a descriptor of their own
    and descriptor 1 is pointed at standard error.
    """
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    log.capture()
    Worker(sys.stdin.buffer, replies, Turn(machine_locks())).run()


if __name__ == "__main__":
    main()
