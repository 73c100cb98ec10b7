"""The command line. ``rlm-desktop --help`` says what there is."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence

from rlm_desktop.cli.parser import parse
from rlm_desktop.errors import UsageError, UserError

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of the contract (0, 1, 2, 3 or 130)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        return options.command(options)
    except UserError as error:
        print(f"rlm-desktop: {error}", file=sys.stderr)
        if getattr(options, "json", False):
            print(json.dumps({"status": "failed", "error": {"message": error.message, "hint": error.hint}}))
        return USAGE if isinstance(error, UsageError) else FAILED
    except KeyboardInterrupt:
        print("rlm-desktop: Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stderr.close()
        return 0
