"""The system's own packages that a Python package cannot bring: Qt's libraries, a font, ``ensurepip``.

Qt's wheel links against libraries of the desktop (EGL, fontconfig, XCB). Whether they are there is found by
loading what the window loads, not by asking a package manager.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from commands import CommandError, SetupError, run, say

WINDOW_PACKAGES = (
    "libegl1",
    "libgl1",
    "libglib2.0-0",
    "libdbus-1-3",
    "libfontconfig1",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "fonts-dejavu-core",
)
"""Debian's and Ubuntu's names of what Qt's window needs."""

_PROBE = """
import ctypes, pathlib, sys
from PySide6.QtCore import QLibraryInfo
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication
application = QApplication([])
if not QFontDatabase.families():
    sys.exit("no font is installed")
if "xcb" in sys.argv:
    plugins = pathlib.Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    ctypes.CDLL(str(plugins / "platforms" / "libqxcb.so"))
"""


def can_install() -> bool:
    """Whether this user may install system packages here without being asked anything."""
    return os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_command(packages: Sequence[str]) -> str:
    """What a person would type to install them."""
    return f"sudo apt-get install {shlex.join(packages)}"


def install(packages: Sequence[str], log: Path) -> None:
    """Install Debian packages; needs `can_install`.

    Raises:
        SetupError: The package manager refused.
    """
    say(f"Installing system packages: {' '.join(packages)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(["apt-get", "update"], log=log, env=quiet)
        run(["apt-get", "install", "--yes", "--no-install-recommends", *packages], log=log, env=quiet)
    except CommandError as error:
        last = error.lines[-1].strip() if error.lines else "no reason given"
        raise SetupError(
            f"The system packages could not be installed: {last}. The whole log is {log}."
        ) from error


def ensure_window_libraries(python: Path, log: Path, *, required: bool) -> bool:
    """See that Qt can open a window here, and install what is missing where that is allowed.

    Args:
        python: The environment's interpreter.
        log: File that gets the package manager's output.
        required: Whether to stop where the window cannot work; else it is only said.

    Returns:
        Whether the window can work.

    Raises:
        SetupError: Libraries are missing, required, and not installable by this user.
    """
    problem = _window_problem(python)
    if problem and can_install():
        install(WINDOW_PACKAGES, log)
        problem = _window_problem(python)
    if not problem:
        return True
    advice = f"The window needs system libraries: {problem}."
    if sys.platform == "linux":
        advice += f" Install them with: {install_command(WINDOW_PACKAGES)}"
    if required:
        raise SetupError(advice)
    say(f"Note: {advice}")
    return False


def _window_problem(python: Path) -> str:
    """What keeps Qt from working, empty if nothing does. X11's part counts only where there is a display."""
    platform = ["xcb"] if os.environ.get("DISPLAY") and sys.platform == "linux" else []
    probe = subprocess.run(
        [python, "-c", _PROBE, *platform],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode == 0:
        return ""
    said = probe.stderr.strip().splitlines()
    last = said[-1] if said else f"Qt ended with status {probe.returncode}"
    return last.partition("Error: ")[2].rstrip(".") or last.rstrip(".")
