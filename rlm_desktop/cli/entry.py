"""From the arguments to the exit code: the one place that turns failures into sentences."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import OutputLostError, aside, flush, say_json, settle
from rlm_desktop.cli.parser import parse
from rlm_desktop.errors import UsageError, UserError

FAILED, USAGE = 1, 2


def enter(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of the contract (0, 1, 2 or 3; Ctrl-C is the caller's)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    code = 0
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        flush()
    except OutputLostError as lost:
        if not lost.unread:
            aside(f"rlm-desktop: {lost}")
            code = code or FAILED
    finally:
        settle()
    return code


def _run(arguments: Sequence[str]) -> int:
    options = Options()
    try:
        parse(arguments, options)
        return options.command(options)
    except SystemExit:  # argparse has printed help, or what is wrong
        flush()
        raise
    except UserError as error:
        aside(f"rlm-desktop: {error}")
        if options.json:
            say_json({"status": "failed", "error": {"message": error.message, "hint": error.hint}})
        return USAGE if isinstance(error, UsageError) else FAILED
