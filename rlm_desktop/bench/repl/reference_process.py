"""The process of the reference's REPL: does with it what a person who calls it would, and ends with its input."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from rlm_desktop.bench.repl import wire


class Result(Protocol):
    """What a cell gives there."""

    stdout: str
    stderr: str


class LocalRepl(Protocol):
    """What is used of ``rlm.environments.local_repl.LocalREPL``."""

    def execute_code(self, code: str) -> Result:
        """Run a cell."""
        ...

    def cleanup(self) -> None:
        """Remove its folder."""
        ...


def main() -> None:
    """Serve on standard input and output; the replies get a descriptor of their own, whatever is printed."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve: _Serve | None = None
    for line in sys.stdin.buffer:
        try:
            serve = serve or _Serve()
            reply = serve(wire.command_decoder.decode(line))
        except Exception as error:  # the process boundary: what the peer raises is told as its sentence
            reply = wire.Failed(f"{type(error).__name__}: {error}")
        replies.write(wire.encode(reply) + b"\n")
        replies.flush()


class _Serve:
    def __init__(self) -> None:
        from rlm.environments.local_repl import LocalREPL

        self._make: Callable[..., LocalRepl] = LocalREPL
        self._repl: LocalRepl | None = None

    def __call__(self, command: wire.Command) -> wire.Reply:
        if isinstance(command, wire.Prepare):
            return wire.Prepared()
        if isinstance(command, wire.Load):
            return self._load(command)
        return wire.Ran(tuple(self._run(command.code) for _ in range(command.times)))

    def _load(self, command: wire.Load) -> wire.Loaded:
        started = time.perf_counter()
        with Path(command.path).open() as file:
            self._repl = self._make(context_payload=file.read())
        result = self._repl.execute_code("print(len(context))")
        seconds = time.perf_counter() - started
        if result.stderr:
            raise RuntimeError(result.stderr.strip())
        return wire.Loaded(seconds, int(result.stdout))

    def _run(self, code: str) -> float:
        if self._repl is None:
            raise TypeError("a cell came before any text")
        started = time.perf_counter()
        result = self._repl.execute_code(code)
        seconds = time.perf_counter() - started
        if result.stderr:
            raise RuntimeError(result.stderr.strip())
        return seconds


if __name__ == "__main__":
    main()
