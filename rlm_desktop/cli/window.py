"""``rlm-desktop [PATH…]``: the window."""

from __future__ import annotations

from rlm_desktop import app
from rlm_desktop.cli.parser import Options


def run(options: Options) -> int:
    """Open the window with the paths."""
    return app.main([str(path) for path in options.paths], options.settings)
