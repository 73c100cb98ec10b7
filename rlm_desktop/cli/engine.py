"""``rlm-desktop engine``: the engine process that the window starts."""

from __future__ import annotations

from rlm_desktop.cli.options import Options
from rlm_desktop.engine.server import main


def run(options: Options) -> int:
    """Serve the front end on standard input and output."""
    return main(options.settings)
