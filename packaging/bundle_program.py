"""The bundle's program: the command line, and with ``-m MODULE`` every process that the program starts of itself."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import MutableMapping

from rlm_desktop.processes import MODULES


def forget_the_loader(environment: MutableMapping[str, str]) -> None:
    """Leave the environment as the person had it, so that a browser started from here finds its own libraries.

    The bundle's loader points the linker at the bundle and starts itself anew; the linker has read that by now.
    """
    for name in [name for name in environment if name.startswith("_PYI_")]:
        del environment[name]
    environment.pop("LD_LIBRARY_PATH", None)
    if before := environment.pop("LD_LIBRARY_PATH_ORIG", None):
        environment["LD_LIBRARY_PATH"] = before


def main() -> int:
    """Run the command line, or the module that was asked for."""
    forget_the_loader(os.environ)
    if sys.argv[1:2] != ["-m"]:
        from rlm_desktop.cli import main as command_line

        return command_line()
    module = sys.argv[2] if len(sys.argv) > 2 else ""
    if module not in MODULES:
        print(f"rlm-desktop: {module!r} is none of its processes: {', '.join(MODULES)}.", file=sys.stderr)
        return 2
    del sys.argv[1:3]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
