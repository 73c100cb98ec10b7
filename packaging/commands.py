"""Run the set-up's commands: say what happens, keep the whole output in a log, show the part worth reading.

Standard library only, as all of the set-up: it runs before anything is installed.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

QUIET_SECONDS = 15.0
"""A command that prints nothing for this long is reported as still running."""

Command = Sequence[str | os.PathLike[str]]
"""A program and its arguments."""

Report = Callable[[str, float], str]
"""Turns a line of output (empty: a quiet spell) and the seconds so far into a line to show, or nothing."""


class SetupError(Exception):
    """Setting up cannot go on: one sentence of what happened and one of what to do."""


class CommandError(Exception):
    """A command ended with an error; ``lines`` is everything it printed."""

    def __init__(self, command: Sequence[str], status: int, lines: list[str]) -> None:
        super().__init__(f"{command[0]} ended with status {status}")
        self.status = status
        self.lines = lines


def say(text: str) -> None:
    """One line about what is being done."""
    print(text, flush=True)


def duration(seconds: float) -> str:
    """Seconds as a person says them: ``45 s``, ``3 min 05 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def silent(line: str, elapsed: float) -> str:
    """The report of a command that has nothing to show but that it is still there."""
    return "" if line else f"  still busy after {duration(elapsed)}"


def run(
    command: Command,
    *,
    log: Path,
    report: Report = silent,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a command to its end, appending its output to ``log``.

    Raises:
        CommandError: It ended with another status than 0.
        SetupError: It could not be started.
    """
    words = [os.fspath(word) for word in command]
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise SetupError(f"{words[0]} cannot be started: {error.strerror}.") from error
    with process, log.open("a", encoding="utf-8") as record:
        assert process.stdout is not None
        record.write(f"$ {' '.join(words)}\n")
        lines = _show(process.stdout, record, report)
    if process.returncode:
        raise CommandError(words, process.returncode, lines)


def _show(output: IO[str], record: IO[str], report: Report) -> list[str]:
    """Pass every line to the log and to the report until the output ends; all lines."""
    arriving: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(output, arriving), daemon=True)
    reader.start()
    started = time.monotonic()
    lines: list[str] = []
    while True:
        try:
            line = arriving.get(timeout=QUIET_SECONDS)
        except queue.Empty:
            line = ""
        if line is None:
            break
        if line:
            lines.append(line)
            record.write(line + "\n")
        shown = report(line, time.monotonic() - started)
        if shown:
            say(shown)
    reader.join()
    return lines


def _read(output: IO[str], arriving: queue.Queue[str | None]) -> None:
    for line in output:
        if line.strip():
            arriving.put(line.rstrip())
    arriving.put(None)
