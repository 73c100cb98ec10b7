"""The llama worker: a process of its own that hosts every loaded GGUF model and steps one at a time.

A crash in native code ends this process and nothing else. It ends itself when its standard input
closes, at once even in the middle of a step, and so never outlives its client. While it has something to do
it says so every second, between two steps, so that its client can tell slow from hung.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, NoReturn

import msgspec

from rlm_desktop.config import machine_locks
from rlm_desktop.errors import UserError
from rlm_desktop.models.llama import hardware, log
from rlm_desktop.models.llama.library import GgufModel
from rlm_desktop.models.llama.memory import fit
from rlm_desktop.models.llama.rotation import Rotation
from rlm_desktop.models.llama.scheduler import Scheduler
from rlm_desktop.models.llama.states import open_states
from rlm_desktop.models.llama.turn import Turn
from rlm_desktop.models.llama.waiting import Waiting
from rlm_desktop.models.llama.wire import (
    Alive,
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
from rlm_desktop.models.notices import ModelNotice

LINGER = 1.0
"""Seconds an idle worker keeps its turn, in case the next request comes at once."""
RETRY = 0.1
"""Seconds between two looks at whose turn it is."""
BEAT = 1.0
"""Seconds after which a busy worker that has nothing to report says that it lives."""


@dataclass(frozen=True)
class _Hosted:
    """A loaded model."""

    name: str
    model: GgufModel
    scheduler: Scheduler


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
        self._cancelled: set[int] = set()
        self._hosted: dict[str, _Hosted] = {}
        self._rotation = Rotation()
        self._waiting = Waiting(turn, self._emit)
        self._spoke = 0.0
        self._told_speed = 0.0
        self._generating: set[str] = set()

    def run(self) -> None:
        """Serve until standard input closes."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            self._receive()
            if not self._busy:
                self._fall_idle()
                self._turn.give_back()
                self._waiting.end(hosted.name for hosted in self._hosted.values())
                continue
            if self._my_turn():
                self._work()
                self._tell_speed()
            self._beat()

    @property
    def _busy(self) -> bool:
        return bool(self._loads) or any(hosted.scheduler.busy for hosted in self._hosted.values())

    def _listen(self) -> None:
        """Take commands in, whatever is computed meanwhile; a cancelled step or loading is cut off at once."""
        try:
            for line in self._commands:
                command = command_decoder.decode(line)
                if isinstance(command, Cancel):
                    self._cancelled.add(command.id)
                    for hosted in list(self._hosted.values()):
                        hosted.scheduler.interrupt(command.id)
                self._inbox.put(command)
        except msgspec.DecodeError as error:
            _give_up(f"A command could not be read: {error}")
        for hosted in list(self._hosted.values()):
            hosted.scheduler.close()
        os._exit(0)

    def _receive(self) -> None:
        """Take in the commands that came; with nothing to do, wait for one."""
        idle = not self._busy
        timeout = LINGER if idle else RETRY
        try:
            command = self._inbox.get(
                block=idle or self._waiting.going_on,
                timeout=None if idle and not self._turn.held else timeout,
            )
            if idle:
                self._told_speed = time.monotonic()
            while True:
                self._obey(command)
                command = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _obey(self, command: Command) -> None:
        match command:
            case Load():
                self._loads.append(command)
            case Count() | Complete() if command.model not in self._hosted:
                self._emit(Failed(command.id, "The model is not loaded.", "Ask again."))
            case Count():
                tokens = self._hosted[command.model].model.tokenize(command.text)
                self._emit(Counted(command.id, len(tokens)))
            case Complete():
                try:
                    self._hosted[command.model].scheduler.submit(command.id, command.request)
                except UserError as error:
                    self._emit(Failed(command.id, error.message, error.hint))
            case Cancel():
                self._cancelled.discard(command.id)
                self._loads = [load for load in self._loads if load.id != command.id]
                for hosted in self._hosted.values():
                    hosted.scheduler.cancel(command.id)
            case Unload():
                self._unload(command.model)

    def _my_turn(self) -> bool:
        """Whether this process may compute now; says who is waited for."""
        self._turn.pass_on()
        if self._turn.take():
            self._waiting.end(hosted.name for hosted in self._hosted.values())
            return True
        self._told_speed = time.monotonic()
        names = [hosted.name for hosted in self._hosted.values() if hosted.scheduler.busy]
        self._waiting.go_on({*names, *(load.name for load in self._loads)})
        return False

    def _work(self) -> None:
        if self._loads:
            self._load(self._loads.pop(0))
        else:
            self._rotation.step({path: hosted.scheduler for path, hosted in self._hosted.items()})

    def _load(self, load: Load) -> None:
        """Load a model, unless that is cancelled before it is done."""
        if load.model not in self._hosted:
            try:
                self._make_room(load)
                hosted = self._open(load)
            except UserError as error:
                self._not_loaded(load, error)
                return
            if load.id in self._cancelled:
                _close(hosted)
                self._emit(ModelNotice(load.name, "unloaded"))
                return
            self._hosted = {**self._hosted, load.model: hosted}
            self._emit(ModelNotice(load.name, "ready", hosted.model.placement, rate=1.0))
        self._emit(Loaded(load.id, self._hosted[load.model].model.window))

    def _open(self, load: Load) -> _Hosted:
        measuring = partial(self._measuring, load.name)
        model = GgufModel(Path(load.model), load.options, self._progress(load), measuring)
        states = open_states(load.options, partial(self._remark, load.name))
        return _Hosted(load.name, model, Scheduler(model, self._emit, states))

    def _not_loaded(self, load: Load, error: UserError) -> None:
        if load.id in self._cancelled:
            self._emit(ModelNotice(load.name, "unloaded"))
            return
        self._emit(ModelNotice(load.name, "failed", str(error)))
        self._emit(Failed(load.id, error.message, error.hint))

    def _make_room(self, load: Load) -> None:
        """Free the models nobody uses if this one might not fit beside them; a graphics card is always short."""
        idle = [path for path in load.idle if path in self._hosted]
        if idle and (hardware.gpu_offload() or fit(Path(load.model), load.options).verdict != "fits"):
            for path in idle:
                self._unload(path)

    def _unload(self, path: str) -> None:
        if hosted := self._hosted.get(path):
            self._hosted = {other: each for other, each in self._hosted.items() if other != path}
            _close(hosted)
            self._emit(ModelNotice(hosted.name, "unloaded"))

    def _progress(self, load: Load) -> Callable[[float], bool]:
        """Tells the client how far the loading is, and llama.cpp whether to go on with it."""
        told = -1

        def tell(rate: float) -> bool:
            nonlocal told
            if int(rate * 20) > told:
                told = int(rate * 20)
                self._emit(ModelNotice(load.name, "loading", f"Loading {load.name}: {rate:.0%}.", rate))
            self._beat()
            return load.id not in self._cancelled

        return tell

    def _measuring(self, name: str) -> None:
        text = f"Measuring the quickest way to run {name} on this computer (once)."
        self._emit(ModelNotice(name, "loading", text))

    def _remark(self, name: str, text: str) -> None:
        self._emit(ModelNotice(name, "ready", text, rate=1.0))

    def _tell_speed(self) -> None:
        """Once a second, how quickly each model computes."""
        if time.monotonic() - self._told_speed < BEAT:
            return
        self._told_speed = time.monotonic()
        for hosted in self._hosted.values():
            if hosted.scheduler.busy:
                speed = hosted.scheduler.speed
                self._generating.add(hosted.name)
                self._emit(
                    ModelNotice(hosted.name, "generating", reading=speed.prompt, writing=speed.completion)
                )

    def _fall_idle(self) -> None:
        """Nothing is computed any more."""
        for hosted in self._hosted.values():
            if hosted.name in self._generating:
                self._emit(ModelNotice(hosted.name, "ready", rate=1.0))
        self._generating.clear()

    def _beat(self) -> None:
        if time.monotonic() - self._spoke >= BEAT:
            self._emit(Alive())

    def _emit(self, reply: Reply) -> None:
        self._replies.write(encode(reply) + b"\n")
        self._replies.flush()
        self._spoke = time.monotonic()


def _close(hosted: _Hosted) -> None:
    hosted.scheduler.close()
    hosted.model.close()


def _give_up(why: str) -> NoReturn:
    """End the process with these last words; an ordinary end would stumble over the listening thread."""
    sys.stderr.write(f"{why}\n")
    sys.stderr.flush()
    os._exit(1)


def main() -> None:
    """Serve on standard input and output.

    Native libraries print on descriptor 1 as they please, so the replies get a descriptor of their own
    and descriptor 1 is pointed at standard error.
    """
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    log.capture()
    program = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        Worker(sys.stdin.buffer, replies, Turn(machine_locks(), program=program)).run()
    except UserError as error:
        _give_up(str(error))
    except BaseException:  # the boundary of the process
        _give_up(traceback.format_exc())


if __name__ == "__main__":
    main()
