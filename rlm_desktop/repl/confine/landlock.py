"""Landlock: a process gives up every file but those it names, and TCP, for good.

https://docs.kernel.org/userspace-api/landlock.html. It does not cover metadata (``stat``), nor changes of rights, owners
and times; the seccomp filter refuses the latter.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_RIGHTS = 0x1 | 0x2 | 0x4 | 1 << 14 | 1 << 15  # those that make sense on what is no folder
_EXECUTE, _MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK, _IOCTL_DEV = 1 << 0, 1 << 6, 1 << 9, 1 << 11, 1 << 15
_NEVER = _EXECUTE | _MAKE_CHAR | _MAKE_SOCK | _MAKE_BLOCK | _IOCTL_DEV


class LandlockError(OSError):
    """The kernel refused a rule."""


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise LandlockError(code, os.strerror(code))
    return result


def abi() -> int:
    """The version this kernel speaks, 0 when it has none or it is switched off."""
    try:
        return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    except LandlockError:
        return 0


def _handled(version: int) -> int:
    """Every file right known to this version: 13 at first, then refer, truncate and device ioctl."""
    return (1 << (13 + (version >= 2) + (version >= 3) + (version >= 5))) - 1


def _attributes(version: int) -> bytes:
    network = 0b11 if version >= 4 else 0  # bind and connect, TCP
    scoped = 0b11 if version >= 6 else 0  # abstract sockets and signals stay inside
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    return struct.pack("QQQ", _handled(version), network, scoped)[:size]


def _allow(ruleset: int, path: str, rights: int) -> None:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib is not worth its import in the child
            rights &= _FILE_RIGHTS
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, fd), 0)
    finally:
        os.close(fd)


def restrict(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Keep read access to the first paths and full access to the second, below them too.

    Nothing may be executed. ``no_new_privs`` must be set.

    Raises:
        LandlockError: The kernel refused it.
        OSError: A path cannot be opened.
    """
    version = abi()
    attributes = _attributes(version)
    ruleset = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR)
        for path in writable:
            _allow(ruleset, path, _handled(version) & ~_NEVER)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
