from __future__ import annotations

import signal

import pytest

from rlm_desktop.repl.endings import cause
from rlm_desktop.repl.protocol import EXIT_MEMORY


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        (None, "crash", "died"),
        (0, "crash", "exit code 0"),
        (3, "crash", "exit code 3"),
        (EXIT_MEMORY, "memory", "memory it may use"),
        (-signal.SIGXCPU, "timeout", "CPU time"),
        (-signal.SIGKILL, "memory", "system killed"),
        (-signal.SIGSEGV, "crash", "SIGSEGV"),
        (-200, "crash", "signal 200"),
        (0xC0000005, "crash", "access violation"),
        (0xC0000017, "memory", "memory it may use"),
        (0xC00000FD, "crash", "stack overflow"),
    ],
)
def test_why_a_process_ended(code: int | None, status: str, said: str) -> None:
    found, sentence = cause(code)
    assert found == status
    assert said in sentence


def test_where_there_are_no_such_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_desktop.repl.endings._CPU_TIME", None)
    monkeypatch.setattr("rlm_desktop.repl.endings._KILLED", None)
    assert cause(1) == ("crash", "The cell ended its process (exit code 1).")
