"""Confinement on Linux: Landlock for files, seccomp for everything else, resource limits for the rest."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys

from rlm_desktop.repl.confine import landlock, seccomp
from rlm_desktop.repl.protocol import Message

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS, _SET_CHILD_SUBREAPER = 1, 4, 38, 36
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_READ_SEARCH = 1 << 2
_SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_FILES = (
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
)


def machine() -> str:
    """The processor's architecture."""
    return os.uname().machine


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _drop_capabilities() -> None:
    """Give up root's powers, save reading folders that another user owns (Landlock says which)."""
    number = _CAPSET.get(os.uname().machine)
    if os.geteuid() != 0 or number is None:
        return
    keep = struct.pack("6I", _CAP_DAC_READ_SEARCH, _CAP_DAC_READ_SEARCH, 0, 0, 0, 0)
    ctypes.CDLL(None).syscall(number, struct.pack("Ii", _CAPABILITY_VERSION_3, 0), keep)


def tie_to(parent: int) -> None:
    """Have this process told by ``SIGTERM``, for which the caller has a handler, when the one that started it is gone.

    Args:
        parent: Its number, 0 if it has none in here.
    """
    _prctl(_SET_PDEATHSIG, signal.SIGTERM)
    if parent and os.getppid() != parent:  # it went before we asked to be told
        os._exit(0)


def become_expendable() -> None:
    """Be nice, and be the first to go when memory runs out."""
    # There is no /proc in a namespace, where it was done before that was entered.
    with contextlib.suppress(FileNotFoundError), open("/proc/self/oom_score_adj", "w") as score:  # noqa: PTH123
        score.write("1000")
    os.nice(19)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _needs() -> list[str]:
    """What the interpreter must be able to read: its standard library and the folders of its shared libraries."""
    folders = {os.path.realpath(path) for path in sys.path}
    for path in [path for path in folders if "python" in os.path.basename(path)]:  # noqa: PTH119
        if (libraries := os.path.dirname(path)) not in _SYSTEM_LIBRARIES:  # noqa: PTH120
            folders.add(libraries)  # conda and others keep what _ssl needs there
    with contextlib.suppress(FileNotFoundError), open("/proc/self/maps") as maps:  # noqa: PTH123
        mapped = {line.split(maxsplit=5)[5].rstrip("\n") for line in maps if ".so" in line}
        folders |= {os.path.dirname(path) for path in mapped}  # noqa: PTH120
    return [*sorted(folders), *_FILES]


def confine_zygote(boot: Message) -> list[str]:
    """Confine this process and all it forks, for good. It may still fork, and end what it forked.

    Args:
        boot: Which walls there are, what can be read besides the interpreter, and the folder of all scratch folders.

    Returns:
        Every folder and file that can be read.

    Raises:
        OSError: The kernel refused a part; nothing may be run then.
    """
    readable = [path for path in (*_needs(), *boot["readable"], *boot["packages"]) if os.path.exists(path)]  # noqa: PTH110
    if boot["seccomp"]:
        _drop_capabilities()
        _prctl(_SET_DUMPABLE, 0)
        _prctl(_SET_NO_NEW_PRIVS, 1)
    if boot["landlock"]:
        landlock.restrict(readable, [boot["root"]])
    if boot["seccomp"]:
        seccomp.install(first_process=True)
    return readable


def confine_keeper(boot: Message) -> None:
    """Adopt what its descendants leave behind, and be left one scratch folder.

    Raises:
        OSError: The kernel refused.
    """
    _prctl(_SET_CHILD_SUBREAPER, 1)
    if boot["landlock"]:
        landlock.restrict(boot["readable"], [boot["scratch"]])


def be_seen() -> None:
    """Let the host see which files this process has open, as it sees them of every other process of its user.

    The cells of others do not: Landlock closes ``/proc`` to each, and lets none look into a process that it keeps in
    another folder. A cell sees its own checkpoint, which has nothing that it has not.
    """
    _prctl(_SET_DUMPABLE, 1)


def confine_cells(confined: bool) -> int:
    """Confine the process that will run cells; a fork is put to whoever holds the listener.

    Returns:
        The listener's descriptor, 0 where the kernel has none to give or the person runs without a sandbox.
    """
    if not confined:
        return 0
    with contextlib.suppress(seccomp.SeccompError):
        return seccomp.install(first_process=False, ask_before_fork=True)
    return seccomp.install(first_process=False)


def limit(address_space: int, limits: Message) -> None:
    """Set what a process that runs cells may use.

    Args:
        address_space: Bytes of it.
        limits: The fields of `results.ReplLimits`.
    """
    wanted = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_FSIZE: limits["scratch_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
    }
    if limits["processes"]:
        wanted[resource.RLIMIT_NPROC] = limits["processes"]
    for which, value in wanted.items():
        _soft, hard = resource.getrlimit(which)
        capped = value if hard == resource.RLIM_INFINITY else min(value, hard)
        grace = 1 if which == resource.RLIMIT_CPU else 0  # the soft limit says why by its signal
        resource.setrlimit(which, (max(capped - grace, 0), capped))
