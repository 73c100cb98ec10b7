"""A seccomp filter that lets a process make the listed system calls and no other."""

from __future__ import annotations

import ctypes
import os
import struct
from dataclasses import dataclass

from rlm_desktop.repl.confine.syscalls import ALLOWED, ARCHITECTURES, CHECKED, FIRST_PROCESS

# include/uapi/linux/seccomp.h and bpf_common.h
_ALLOW = 0x7FFF0000
_NOTIFY = 0x7FC00000
_KILL_PROCESS = 0x80000000
_REFUSE = 0x00050001  # EPERM
_UNKNOWN = 0x00050026  # ENOSYS: the C library then uses the older call
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_NEW_LISTENER = 8
_LOAD, _JUMP, _EQUAL, _AND, _RETURN = 0x20, 0x05, 0x15, 0x54, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_THREAD_FLAGS = (0x3D0F00, 0x7D0F00)  # pthread_create of glibc and of musl
_FORK_FLAGS = (0x1200011, 0x11)  # fork of glibc and of musl
# Isatty, window size, bytes to read, blocking mode, close-on-exec; FIOASYNC and FIOSETOWN send signals.
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Duplicate, flags, locks, pipe size, seals; F_SETOWN and F_SETSIG would signal any process of this user.
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032, 1034)
_PRCTLS = (15, 16)  # the thread's name
_CLONE_THREAD = 0x10000  # nothing can be unshared by it; it fails in a process of several threads


class SeccompError(OSError):
    """The kernel refused the filter."""


@dataclass(frozen=True)
class _Test:
    """Holds when the masked half of an argument is one of the values."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    high: bool = False


@dataclass(frozen=True)
class _Rule:
    """What becomes of a system call whose arguments pass every test."""

    call: str
    tests: tuple[_Test, ...]
    action: int = _ALLOW


def _rules(fork_action: int) -> tuple[_Rule, ...]:
    own_limit = (_Test(0, (0,)), _Test(2, (0,)), _Test(2, (0,), high=True))
    return (
        _Rule("clone", (_Test(0, _THREAD_FLAGS + _FORK_FLAGS),), fork_action),
        _Rule("clone3", (), _UNKNOWN),
        _Rule("ioctl", (_Test(1, _IOCTLS),)),
        _Rule("fcntl", (_Test(1, _FCNTLS),)),
        _Rule("prctl", (_Test(0, _PRCTLS),)),
        _Rule("prlimit64", own_limit),
        _Rule("unshare", (_Test(0, (_CLONE_THREAD,)), _Test(0, (0,), high=True))),
    )


def _op(code: int, k: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, k)


def _compile_rule(rule: _Rule, column: int) -> list[bytes]:
    body: list[bytes] = [_op(_RETURN, rule.action)]
    for test in reversed(rule.tests):
        offset = _ARGUMENTS + 8 * test.argument + 4 * test.high
        count = len(test.values)
        body = [
            _op(_LOAD, offset),
            _op(_AND, test.mask),
            *(_op(_EQUAL, value, if_true=count - i) for i, value in enumerate(test.values)),
            _op(_JUMP, len(body)),
            *body,
        ]
    # A failed test lands behind the body, where the number has to be loaded again for the next rule.
    return [_op(_EQUAL, CHECKED[rule.call][column], if_false=len(body)), *body, _op(_LOAD, _NUMBER)]


def program(machine: str, *, first_process: bool, ask_before_fork: bool = False) -> bytes:
    """The filter as BPF instructions.

    Args:
        machine: ``x86_64`` or ``aarch64``. Numbers of the x32 ABI equal none listed and are refused.
        first_process: Whether it is for the process that prepares states and never runs a cell.
        ask_before_fork: Whether a fork or a new thread is put to the holder of the filter's listener.

    Raises:
        KeyError: There is no table for this architecture.
    """
    column, arch = ARCHITECTURES[machine]
    names = ALLOWED | FIRST_PROCESS if first_process else ALLOWED
    numbers = [number for pair in names.values() if (number := pair[column]) is not None]
    ops = [_op(_LOAD, _ARCH), _op(_EQUAL, arch, if_true=1), _op(_RETURN, _KILL_PROCESS), _op(_LOAD, _NUMBER)]
    for number in numbers:
        ops += [_op(_EQUAL, number, if_false=1), _op(_RETURN, _ALLOW)]
    for rule in _rules(_NOTIFY if ask_before_fork else _ALLOW):
        ops += _compile_rule(rule, column)
    return b"".join([*ops, _op(_RETURN, _REFUSE)])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _seccomp(operation: int, flags: int, argument: object) -> int:
    number = FIRST_PROCESS["seccomp"][ARCHITECTURES[os.uname().machine][0]]
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(number, operation, flags, argument))
    if result < 0:
        code = ctypes.get_errno()
        raise SeccompError(code, os.strerror(code))
    return result


def available() -> bool:
    """Whether this kernel takes filters on this architecture."""
    if os.uname().machine not in ARCHITECTURES:
        return False
    try:
        _seccomp(_GET_ACTION_AVAIL, 0, ctypes.byref(ctypes.c_uint32(_REFUSE & 0x7FFF0000)))
    except SeccompError:
        return False
    return True


def install(*, first_process: bool, ask_before_fork: bool = False) -> int:
    """Put the calling thread and all it starts behind the filter, for good; needs ``no_new_privs``.

    Returns:
        The listener's descriptor if forks are to be asked for, otherwise 0.

    Raises:
        SeccompError: The kernel refused it.
    """
    code = program(os.uname().machine, first_process=first_process, ask_before_fork=ask_before_fork)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_ = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    return _seccomp(_SET_MODE_FILTER, _NEW_LISTENER if ask_before_fork else 0, ctypes.byref(filter_))
