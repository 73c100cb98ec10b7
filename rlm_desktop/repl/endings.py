"""Why a process that runs cells ended, from its exit code."""

from __future__ import annotations

import signal

from rlm_desktop.events import CellStatus
from rlm_desktop.repl.protocol import EXIT_MEMORY

_CPU_TIME = getattr(signal, "SIGXCPU", None)
_KILLED = getattr(signal, "SIGKILL", None)
_FAULTS = {
    0xC0000005: "access violation",
    0xC0000017: "out of memory",
    0xC00000FD: "stack overflow",
    0xC0000409: "fatal error",
}
"""Exit codes of processes that Windows ended (NTSTATUS)."""


def cause(code: int | None) -> tuple[CellStatus, str]:
    """Status of the cell and one sentence on its end, if nobody killed it on purpose.

    Args:
        code: Its exit code, negative for the signal that ended it; ``None`` if nobody knows.
    """
    if code is None:
        return "crash", "The process of the cell died."
    if code in (EXIT_MEMORY, 0xC0000017):
        return "memory", "The cell used up the memory it may use."
    if code in _FAULTS:
        return "crash", f"The cell crashed the interpreter ({_FAULTS[code]})."
    if code >= 0:
        return "crash", f"The cell ended its process (exit code {code})."
    number = -code
    if number == _CPU_TIME:
        return "timeout", "The cell used up the CPU time it may use."
    if number == _KILLED:
        return "memory", "The system killed the cell, most likely because memory ran out."
    name = signal.Signals(number).name if number in signal.valid_signals() else f"signal {number}"
    return "crash", f"The cell crashed the interpreter ({name})."
