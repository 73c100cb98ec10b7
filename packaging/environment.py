"""Make ``.venv`` what the lock files say; instant when it already is.

Everything is installed at an exact version and checked by hash. Standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import llama_wheel
import locks
import system_libraries
from commands import Command, CommandError, SetupError, duration, run, say, silent

ROOT = locks.HERE.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "setup.log"
STAMP = VENV / "setup.stamp"
WINDOW_STAMP = VENV / "window.stamp"

_DOWNLOAD = re.compile(r"^\s*Downloading (\S+)-(\d[^-\s]*)(?:-\S+|\.tar\.gz) \((\d.*?[MG]B)\)")


def main(arguments: Sequence[str]) -> int:
    """Set up; the exit status."""
    parser = argparse.ArgumentParser(prog="setup_env.py", description="Set up the virtual environment.")
    parser.add_argument("--window", action="store_true", help="stop if the window's libraries are missing")
    options = parser.parse_args(arguments)
    try:
        set_up(window=options.window)
    except SetupError as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up interrupted; the next try goes on from here.", file=sys.stderr)
        return 130
    return 0


def set_up(*, window: bool) -> None:
    """Create and fill the environment if it is not as locked, then look at the window's libraries.

    Raises:
        SetupError: Something on this computer is missing; says what to do.
    """
    wanted = fingerprint()
    if not (PYTHON.exists() and _read(STAMP) == wanted):
        started = time.monotonic()
        create()
        install()
        STAMP.write_text(wanted, encoding="utf-8")
        say(f"The environment is ready ({duration(time.monotonic() - started)}).")
    display = f"{wanted} {os.environ.get('DISPLAY', '')}"
    if _read(WINDOW_STAMP) != display and system_libraries.ensure_window_libraries(
        PYTHON, LOG, required=window
    ):
        WINDOW_STAMP.write_text(display, encoding="utf-8")


def fingerprint() -> str:
    """Names everything the environment is made from: where, which Python, which packages, which processor."""
    parts = [str(ROOT), platform.python_version(), llama_wheel.folder().name]
    parts += [
        path.read_text(encoding="utf-8")
        for path in (locks.REQUIREMENTS, locks.LLAMA, ROOT / "pyproject.toml")
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def create() -> None:
    """Create ``.venv`` with this Python unless it is there, works and is of the same version."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if _works(version):
        return
    say(f"Creating {VENV} with Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "venv.log"  # .venv itself is about to be cleared
        command: Command = [sys.executable, "-m", "venv", "--clear", VENV]
        try:
            run(command, log=log)
        except CommandError as error:
            # Debian keeps ensurepip in a package of its own.
            package = f"python{version}-venv"
            if "ensurepip" not in "\n".join(error.lines):
                raise SetupError(
                    f"The virtual environment {VENV} cannot be created: {error.lines[-1:]}."
                ) from error
            if not system_libraries.can_install():
                advice = system_libraries.install_command([package])
                raise SetupError(f"This Python cannot create virtual environments. Run: {advice}") from error
            system_libraries.install([package], log)
            run(command, log=log)


def install() -> None:
    """Install pip as locked, then every package, the wheel of llama.cpp and the project itself."""
    pip: Command = [PYTHON, "-m", "pip", "--no-input", "install", "--progress-bar", "off"]
    LOG.unlink(missing_ok=True)
    say(f"Installing the locked packages (about 200 MB the first time). Log: {LOG}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder) / "pip.txt"
            own.write_text(locks.blocks(locks.REQUIREMENTS)["pip"], encoding="utf-8")
            run([*pip, "--require-hashes", "--requirement", own], log=LOG)
        locked: Command = [
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--requirement",
            locks.REQUIREMENTS,
        ]
        run([*pip, *locked], log=LOG, report=downloads)
        wheel = llama_wheel.kept() or llama_wheel.build(PYTHON)
        run([*pip, "--no-deps", "--no-index", "--force-reinstall", wheel], log=LOG)
        run([*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT], log=LOG)
    except CommandError as error:
        cause = next((line for line in reversed(error.lines) if "ERROR" in line), "pip ended with an error")
        raise SetupError(
            f"The packages could not be installed: {cause.removeprefix('ERROR: ').rstrip('.')}. "
            f"If the network is the reason, try again: what was fetched is kept. The whole log is {LOG}."
        ) from error


def downloads(line: str, elapsed: float) -> str:
    """Show the downloads worth waiting for, out of all that pip prints."""
    match = _DOWNLOAD.match(line)
    return f"  fetching {match[1]} {match[2]} ({match[3]})" if match else silent(line, elapsed)


def _works(version: str) -> bool:
    """Whether the environment's interpreter starts, has pip, and is of this version."""
    if not PYTHON.exists():
        return False
    code = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == version


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
