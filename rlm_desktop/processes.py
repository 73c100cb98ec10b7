"""Start the processes of this program, from a checkout, a wheel or a bundle, and end them without a race."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # asyncio takes longer to import than some of these processes live
    from asyncio.subprocess import Process

MODULES = (
    "rlm_desktop",
    "rlm_desktop.bench.inference.child",
    "rlm_desktop.bench.repl.reference_process",
    "rlm_desktop.bench.store.feeder",
    "rlm_desktop.documents.scan_process",
    "rlm_desktop.gui.live_probe",
    "rlm_desktop.gui.probe",
    "rlm_desktop.models.llama.probe",
    "rlm_desktop.models.llama.worker",
    "rlm_desktop.models.sources.hub_fetch",
    "pip",
)
"""What runs as a process of its own, besides the REPL; a bundle carries these and runs no other."""
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""Environment variables of which a window on Linux needs one."""
PROGRAM = "rlm-desktop"
REPL_PROGRAM = "rlm-desktop-repl"
"""The bundle's second program, beside the first: an interpreter with the REPL child in it and nothing else of ours."""
KEY_PREFIX = "RLM_DESKTOP_KEY_"
"""What the environment variables of our own keys begin with."""
_KEYS = re.compile(rf".*_(API|ADMIN)_KEY|{KEY_PREFIX}.*", re.IGNORECASE)
_PACKAGES = Path(__file__).parents[1]
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from rlm_desktop.repl.{module} import main; sys.path.pop(0); main()"
)


def bundled() -> bool:
    """Whether this is the frozen program of a bundle, which comes with its own interpreter."""
    return bool(getattr(sys, "frozen", False))


def own_command(module: str, *arguments: str) -> tuple[str, ...]:
    """The command line that runs one of `MODULES` as ``python -m`` does; a bundle's program understands ``-m`` itself.

    The current folder is not on the module path: a ``json.py`` in a folder of documents must not be run.
    """
    if module not in MODULES:
        raise ValueError(f"{module} is not one of the program's processes")
    safe_path = () if bundled() else ("-P",)
    return (sys.executable, *safe_path, "-m", module, *arguments)


def own_name() -> str:
    """What a person calls this process: ``rlm-desktop ask``; the engine is the window's."""
    words = {"engine": "the window", **{word: f"{PROGRAM} {word}" for word in ("ask", "bench", "doctor")}}
    return next((words[word] for word in sys.argv[1:] if word in words), PROGRAM)


def child_environment(**variables: str) -> dict[str, str]:
    """The environment of a process of ours: this one's without any provider's key, and these variables.

    No child speaks to a remote model; what a child does not have it cannot lose in a core dump.
    """
    kept = {name: value for name, value in os.environ.items() if not _KEYS.fullmatch(name)}
    return kept | variables


def repl_command(
    *arguments: str, module: Literal["child", "solo"] = "child", python: str | None = None
) -> tuple[str, ...]:
    """The command line of a REPL child: isolated and without ``site``.

    It is to be started in an environment of the host's own making, of whose settings Python heeds one: with
    ``PYTHONHASHSEED`` sets have the same order whenever the same cells are run again.

    Args:
        arguments: What the child's ``main`` reads.
        module: Which child.
        python: Another interpreter than the own one.
    """
    if bundled() and python is None:  # built with the same switches
        return (str(Path(sys.executable).with_name(REPL_PROGRAM)), module, *arguments)
    interpreter = python or os.path.realpath(
        sys.executable
    )  # not the link in .venv, which a sandbox does not have
    isolated = (interpreter, "-P", "-s", "-S", "-X", "utf8")
    return (*isolated, "-c", _BOOT.format(module=module), str(_PACKAGES), *arguments)


def repl_sources() -> tuple[str, ...]:
    """What a REPL child imports of ours; nothing in a bundle, whose second program contains it."""
    package = _PACKAGES / "rlm_desktop"
    return () if bundled() else (str(package / "__init__.py"), str(package / "repl"))


def kill(process: Process) -> None:
    """Kill a child at once; nothing happens if it has ended.

    ``Process.kill`` first polls the child, and so takes the exit status of one that has just ended away
    from asyncio, which then says "Unknown child process pid" (CPython 3.11, ``Popen.send_signal``).
    """
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.kill(process.pid, signal.SIGKILL)
