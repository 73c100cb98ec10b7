"""Confinement of the REPL child. Levels: ``none``, ``partial``, ``full``; only Linux has one so far.

``partial`` is Landlock and seccomp: no network, no files but the standard library and the scratch folder, no
programs, no other processes. What it leaves open is that cells can see which files exist (``stat``) and which
processes (``getpgid``); ``full`` will add namespaces.
"""

from __future__ import annotations

import sys


def available() -> tuple[str, str]:
    """The level this computer offers and a few words on why; changes nothing."""
    if sys.platform != "linux":
        return "none", f"there is no sandbox for {sys.platform}"
    from rlm_desktop.repl.confine import linux

    return linux.available()
