"""End child processes of asyncio without a race."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from asyncio.subprocess import Process


def kill(process: Process) -> None:
    """Kill a child at once; nothing happens if it has ended.

    ``Process.kill`` first polls the child, and so takes the exit status of one that has just ended away
    from asyncio, which then says "Unknown child process pid" (CPython 3.11, ``Popen.send_signal``).
    """
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.kill(process.pid, signal.SIGKILL)
