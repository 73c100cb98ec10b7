"""``rlm-desktop [PATH…]``: the window."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path

from rlm_desktop.cli.options import Options
from rlm_desktop.cli.parser import COMMANDS
from rlm_desktop.errors import UsageError, UserError
from rlm_desktop.processes import DISPLAYS


def run(options: Options) -> int:
    """Open the window with the paths."""
    if options.paths:
        _require_no_misspelt_command(options.paths[0])
    _require_display()
    from rlm_desktop import app  # loads Qt, which a computer without a display may lack libraries for

    return app.main([str(path) for path in options.paths], options.settings)


def _require_no_misspelt_command(path: Path) -> None:
    """Refuse a bare word that is neither a command nor a file, rather than open a window on nothing.

    Raises:
        UsageError: It is neither.
    """
    word = str(path)
    if path.name != word or os.path.lexists(path):
        return
    close = difflib.get_close_matches(word, COMMANDS, 1)
    hint = f"Did you mean `{close[0]}`?" if close else "`rlm-desktop --help` lists the commands."
    raise UsageError(f"There is no command or file {word}.", hint)


def _require_display() -> None:
    """Refuse before Qt does, which would end the program with a core dump.

    Raises:
        UserError: There is no display.
    """
    if sys.platform == "linux" and not any(os.environ.get(name) for name in DISPLAYS):
        raise UserError(
            "There is no display to open a window on.",
            'Without one, `rlm-desktop ask PATH -q "…"` answers in the terminal.',
        )
