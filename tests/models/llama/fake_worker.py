"""A worker without a model, to be run as a process: it does what the file or the prompt it is given says.

A directive is a word, and a number of lives after which it is heeded no longer: ``die 1`` kills the first process
and lets the second answer. Each process adds a line to ``lives`` in its folder, each command one to ``commands``.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from rlm_desktop.models.llama.wire import (
    Alive,
    Complete,
    Count,
    Counted,
    Delta,
    Done,
    Load,
    Loaded,
    Reply,
    command_decoder,
    encode,
)
from rlm_desktop.models.notices import ModelNotice, Speed

OUT = os.fdopen(os.dup(1), "wb", buffering=0)
FOLDER = Path(sys.argv[1])


def say(reply: Reply) -> None:
    OUT.write(encode(reply) + b"\n")


def note(name: str, text: str) -> int:
    """Add a line to a file; the number of its lines."""
    with (FOLDER / name).open("a") as file:
        file.write(text + "\n")
    return len((FOLDER / name).read_text().splitlines())


def sleep_for_ever() -> None:
    while True:
        time.sleep(60)


def do(directive: str, call: int, life: int) -> None:
    """What a directive says, unless this process lives too late for it."""
    word, _, lives = directive.partition(" ")
    if lives and life > int(lives):
        return
    match word:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "tear":
            OUT.write(b'{"kind":"delta","id":')
            os.kill(os.getpid(), signal.SIGKILL)
        case "fail":
            sys.stderr.write("Traceback:\n  somewhere\nValueError: out of cheese\n")
            sys.stderr.flush()
            os._exit(3)
        case "hang":
            sleep_for_ever()
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "close":
            OUT.close()
            os.close(1)
            sleep_for_ever()
        case "garble":
            OUT.write(b"\x00\xffgarbage\n")
            sleep_for_ever()
        case "misshape":
            OUT.write(b'{"kind":"done","id":1}\n')
            sleep_for_ever()
        case "flood":
            OUT.write(b"x" * (2**24 + 2))
            sleep_for_ever()
        case "stray":
            say(Delta(call + 1000, "for nobody"))
            sleep_for_ever()
        case "chatter":
            for _ in range(64):
                os.write(2, b"x" * 2**16)
        case "plod":
            for _ in range(30):
                say(Alive())
                time.sleep(0.05)


def main() -> None:
    life = note("lives", str(os.getpid()))
    for line in sys.stdin.buffer:
        command = command_decoder.decode(line)
        note("commands", json.dumps({"command": type(command).__name__, **json.loads(line)}))
        match command:
            case Load():
                do(Path(command.model).read_text(), command.id, life)
                say(ModelNotice(command.name, "ready"))
                say(Loaded(command.id, 64))
            case Count():
                do(command.text, command.id, life)
                say(Counted(command.id, len(command.text)))
            case Complete():
                directive = command.request.messages[-1].content
                say(Delta(command.id, f"life {life}"))
                do(directive, command.id, life)
                if directive != "wait":
                    say(Done(command.id, f"life {life}", "stop", 3, 2, 1, {}, Speed()))


main()
