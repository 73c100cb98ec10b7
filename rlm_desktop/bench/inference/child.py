"""The process of a foreign peer: loads it, serves what it is told, and ends with its standard input."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from rlm_desktop.bench.inference import wire
from rlm_desktop.config import machine_locks
from rlm_desktop.errors import UserError
from rlm_desktop.models.llama.turn import Turn
from rlm_desktop.models.llama.waiting import Waiting

RETRY = 0.2
"""Seconds between two looks whether it is this program's turn."""
Serve = Callable[[wire.Command], wire.Reply]


def main() -> None:
    """Serve on standard input and output.

    Native libraries print on descriptor 1 as they please, so the replies get a descriptor of their own
    and descriptor 1 is pointed at standard error.
    """
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    commands: queue.SimpleQueue[wire.Command] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, commands), daemon=True).start()
    turn = Turn(machine_locks(), program=sys.argv[1])

    def tell(reply: wire.Reply) -> None:
        replies.write(wire.encode(reply) + b"\n")
        replies.flush()

    serve: Serve = _refuse
    while True:
        command = commands.get()
        try:
            if isinstance(command, wire.Open):
                if command.peer != "tokens":
                    _take_turn(turn, tell)
                about, serve = _open(command)
                reply: wire.Reply = wire.Opened(about)
            else:
                reply = serve(command)
        except UserError as error:
            reply = wire.Failed(str(error))
        except Exception as error:  # the process boundary: what a peer raises is told as its sentence
            reply = wire.Failed(f"{type(error).__name__}: {error}")
        tell(reply)


def _take_turn(turn: Turn, tell: Callable[[wire.Reply], None]) -> None:
    """Wait until no other program computes with llama.cpp; the turn ends with this process."""
    waiting = Waiting(turn, lambda notice: tell(wire.Waits(notice.text)))
    while not turn.take():
        waiting.go_on(["the bench"])
        time.sleep(RETRY)


def _refuse(command: wire.Command) -> wire.Reply:
    raise TypeError(f"{type(command).__name__} came before any model was opened")


def _listen(stdin: BinaryIO, commands: queue.SimpleQueue[wire.Command]) -> None:
    """Take commands in until nobody can give any more; then end at once, whatever is being computed."""
    for line in stdin:
        commands.put(wire.command_decoder.decode(line))
    os._exit(0)


def _open(command: wire.Open) -> tuple[str, Serve]:
    """Load a peer; each is imported only when it is asked for."""
    if command.peer == "tokens":
        from rlm_desktop.bench.inference import vocabulary

        return vocabulary.load(command)
    if command.peer == "xllamacpp":
        from rlm_desktop.bench.inference import server

        return server.load(command)
    from rlm_desktop.bench.inference import sequential

    return sequential.load(command)


if __name__ == "__main__":
    main()
