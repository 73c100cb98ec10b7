"""What goes into the REPL host and what comes out of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from rlm_desktop.events import CellStatus, Progress


@dataclass(frozen=True)
class ReplLimits:
    """What the processes of one REPL may use.

    Attributes:
        memory_bytes: Memory for a cell's own data, besides the documents and three copies of them.
        cpu_seconds: CPU time of one cell.
        output_chars: Characters kept of what a cell prints; the rest is counted.
        scratch_bytes: Size of the scratch folder; at least that of the documents, so that any part of them fits.
        open_files: Descriptors of one process.
    """

    memory_bytes: int = 2 * 2**30
    cpu_seconds: int = 600
    output_chars: int = 2_000_000
    scratch_bytes: int = 256 * 2**20
    open_files: int = 256


class RecordedCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A call of a cell and what came of it; see `journal`.

    Attributes:
        api: Its name.
        args: Hash of its arguments.
        value: Its result.
        failure: Why there is none, if there is none.
    """

    api: str
    args: str
    value: Any = None
    failure: str | None = None


@dataclass(frozen=True)
class CellResult:
    """How a cell ended.

    Attributes:
        status: ``ok``, or why it did not run to its end.
        output: Everything it printed and the value of its last expression, in order.
        error: Last line of the traceback, or what ended the cell; may speak of lost variables.
        traceback: Traceback through the cell's own frames, with its source lines.
        seconds: Wall-clock seconds, calls included.
        restored: Whether the variables are those from before the cell.
        host_calls: Prompts, passages and searches put to the host.
        failed_calls: How many of them failed.
        answer: The final answer, once the cell has given it.
        draft: What ``answer["content"]`` holds, ready or not.
        variables: Type, size and a preview of each of the user's variables.
        checkpoint: Whether there was a way back to before the cell.
        threads: Threads it left alive; the next cell has no way back then.
        own_seconds: Seconds without those in which its calls were answered.
        calls: What it asked and was told, searches aside, in the order of asking.
        setback: What befell the variables before it; in ``error`` as well.
    """

    status: CellStatus
    output: str
    seconds: float
    error: str = ""
    traceback: str = ""
    restored: bool = False
    host_calls: int = 0
    failed_calls: int = 0
    answer: str | None = None
    draft: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    checkpoint: bool = True
    threads: int = 0
    own_seconds: float = 0.0
    calls: tuple[RecordedCall, ...] = ()
    setback: str = ""

    def after(self, setback: str) -> CellResult:
        """The same, of a cell before which this befell the variables, if anything did."""
        return replace(self, error=f"{self.error} {setback}".strip(), setback=setback) if setback else self


LOST = "Every variable of earlier cells was lost."
UNDONE = "What the cell before did was undone: its process died when it had just ended."


class CallFailure(Exception):  # noqa: N818 - it is a result, not a mistake
    """A handler could not answer a call; the cell sees the text as a value or an exception of its own."""


Handler = Callable[[str, dict[str, Any]], Awaitable[object]]
"""Answers a call: its name and validated arguments to something JSON can express.

``llm_query`` and ``rlm_query`` give ``{"text"}`` or ``{"error"}`` for each prompt, ``find`` and ``grep`` passages, ``read`` a
reading for each passage. `CallFailure` fails the call; any other exception ends the cell and is raised by ``execute``.
"""
OnOutput = Callable[[str, str], None]
"""Receives each piece of output as it is printed: ``stdout`` or ``stderr``, and the text."""
OnProgress = Callable[[Progress], None]
"""Receives how far a cell says it has come."""
