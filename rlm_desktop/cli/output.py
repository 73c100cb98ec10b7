"""Standard output and standard error: safe for the terminal that shows them, and safe to lose.

What is printed comes from documents and models, so control characters never reach a terminal. Standard output is
what a command is for: losing it is an `OutputLostError`. What is said aside, on standard error, may be lost
without harm: when nobody reads it any more, the work goes on.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import IO, NoReturn, TextIO, cast

from rich.console import Console
from rich.text import Text

from rlm_desktop.cli.words import printable

_UNESCAPED = re.compile("[\x7f-\x9f]")
"""The control characters that `json.dumps` leaves as they are."""


class OutputLostError(Exception):
    """Standard output cannot be written any more.

    Args:
        cause: What the system said.

    Attributes:
        unread: Whether the reader of a pipe has seen enough, which is no failure.
    """

    def __init__(self, cause: OSError) -> None:
        super().__init__(f"Standard output cannot be written: {cause.strerror}. Send it somewhere else.")
        self.unread = isinstance(cause, BrokenPipeError)


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Leave the decision to the caller; rich itself would end the program."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class _Aside(io.TextIOBase):
    """A stream whose end is no reason to stop."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._terminal = bool(stream and stream.isatty())

    def write(self, text: str) -> int:
        """Write if the stream can still be written."""
        if self._stream:
            with _discarding(self._stream):
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if the stream can still be written."""
        if self._stream:
            with _discarding(self._stream):
                self._stream.flush()

    def isatty(self) -> bool:
        """Whether the stream was a terminal to begin with: rich must end what it began on one."""
        return self._terminal


def say(line: str | Text = "") -> None:
    """Print on standard output; a `Text` is one line, which only a terminal cuts to its width.

    Raises:
        OutputLostError: Standard output cannot be written.
    """
    with _standard_output():
        if isinstance(line, Text) and (console := _Console(highlight=False)).is_terminal:
            print_line(console, line)
        else:
            print(printable(str(line)))


def say_json(document: object) -> None:
    """Print one JSON document on standard output.

    Raises:
        OutputLostError: Standard output cannot be written.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2)
    with _standard_output():
        print(_UNESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def pour(pieces: Iterable[str]) -> None:
    """Write a document on standard output as it is, in UTF-8; whoever wrote it made it safe to show.

    Raises:
        OutputLostError: Standard output cannot be written.
    """
    for piece in pieces:
        with _standard_output():
            if sys.stdout:
                sys.stdout.buffer.write(piece.encode("utf-8", "replace"))


def aside(line: str | Text) -> None:
    """Print on standard error, if anybody still reads it."""
    print(printable(str(line)), file=_Aside(sys.stderr), flush=True)


def aside_console() -> Console:
    """A console on standard error that draws nothing more once nobody reads it."""
    return _Console(file=cast("IO[str]", _Aside(sys.stderr)), highlight=False)


def flush() -> None:
    """Write what standard output still holds back.

    Raises:
        OutputLostError: Standard output cannot be written.
    """
    with _standard_output():
        if sys.stdout:
            sys.stdout.flush()


def settle() -> None:
    """Leave nothing that Python's own flush at the end could fail on, which would change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if stream:
            with _discarding(stream):
                stream.flush()


@contextlib.contextmanager
def _standard_output() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _discard(sys.stdout)
        raise OutputLostError(error) from error


@contextlib.contextmanager
def _discarding(stream: TextIO) -> Iterator[None]:
    try:
        yield
    except OSError:
        _discard(stream)


def _discard(stream: TextIO) -> None:
    """Send what is still to be written to nowhere, as Python's documentation advises under SIGPIPE."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def print_line(console: Console, line: Text) -> None:
    """Print a line on a console, which by itself wraps it whatever the line says (it joins it to others first)."""
    shown = line.copy()
    shown.plain = printable(line.plain)
    console.print(shown, no_wrap=line.no_wrap, overflow=line.overflow)
