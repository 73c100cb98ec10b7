"""The command line. ``rlm-desktop --help`` says what there is."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of the contract (0, 1, 2, 3 or 130)."""
    try:
        from rlm_desktop.cli.entry import enter  # a tenth of a second, in which Ctrl-C may come

        return enter(arguments)
    except KeyboardInterrupt:
        if sys.stderr:
            with contextlib.suppress(OSError):
                os.write(sys.stderr.fileno(), b"rlm-desktop: Stopped.\n")
        return INTERRUPTED
