"""Set up the virtual environment: ``python3 packaging/setup_env.py [--window]``.

This file only finds a Python that is new enough, so it is written to run on older ones too; `environment` does
the work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

MINIMUM = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3.14", "python3")


def newer_python() -> str | None:
    """Path of an installed Python that is new enough, under one of its usual names."""
    check = f"import sys; sys.exit(sys.version_info < {MINIMUM})"
    for name in NAMES:
        found = shutil.which(name)
        if found and subprocess.call([found, "-c", check], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


def main() -> int:
    """Set up with this Python, or with a newer one where this one is too old."""
    if sys.version_info >= MINIMUM:
        import environment

        return environment.main(sys.argv[1:])
    found = newer_python()
    if found:
        os.execv(found, [found, *sys.argv])  # noqa: S606
    print(
        f"Set-up stopped: this is Python {sys.version.split()[0]} and at least 3.11 is needed. Install python3.11 "
        "or newer, or name one: make PYTHON=/path/to/python3.11 ...",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
