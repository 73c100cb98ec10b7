"""The filter itself, run by a small interpreter of BPF, for both architectures."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.repl.confine import seccomp, syscalls

ALLOW, NOTIFY, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x7FC00000, 0x50001, 0x50026, 0x80000000
MACHINES = list(syscalls.ARCHITECTURES)


def verdict(program: bytes, number: int, arguments: tuple[int, ...] = (), arch: int = 0) -> int:
    """What a filter says of a system call."""
    words = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number, arch, 0, *words)
    at = accumulator = 0
    while True:
        code, if_true, if_false, k = struct.unpack_from("HBBI", program, 8 * at)
        at += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("I", data, k)
            case 0x54:
                accumulator &= k
            case 0x15:
                at += if_true if accumulator == k else if_false
            case 0x05:
                at += k
            case 0x06:
                return int(k)
            case _:
                raise AssertionError(f"no such instruction: {code:#x}")


def ask(
    machine: str, number: int, *arguments: int, first_process: bool = False, ask_before_fork: bool = True
) -> int:
    program = seccomp.program(machine, first_process=first_process, ask_before_fork=ask_before_fork)
    return verdict(program, number, arguments, syscalls.ARCHITECTURES[machine][1])


@given(st.sampled_from(MACHINES), st.integers(0, 2**32 - 1), st.tuples(*[st.integers(0, 2**64 - 1)] * 6))
def test_only_what_is_listed_is_allowed(machine: str, number: int, arguments: tuple[int, ...]) -> None:
    column = syscalls.ARCHITECTURES[machine][0]
    listed = {pair[column] for pair in syscalls.ALLOWED.values()}
    checked = {pair[column] for pair in syscalls.CHECKED.values()}
    said = ask(machine, number, *arguments)
    if number in listed:
        assert said == ALLOW
    elif number not in checked:
        assert said == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_another_architecture_is_the_end(machine: str) -> None:
    program = seccomp.program(machine, first_process=False)
    assert verdict(program, 0, arch=0x40000003) == KILL


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("clone", (0x3D0F00,), NOTIFY),
        ("clone", (0x1200011,), NOTIFY),
        ("clone", (0x11,), NOTIFY),
        ("clone", (0x10000011,), EPERM),
        ("clone", (0x3D0F00 | 0x10000000,), EPERM),
        ("clone3", (), ENOSYS),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), EPERM),
        ("fcntl", (0, 1030), ALLOW),
        ("fcntl", (0, 8), EPERM),
        ("fcntl", (0, 10), EPERM),
        ("prctl", (15,), ALLOW),
        ("prctl", (1,), EPERM),
        ("prlimit64", (0, 9, 0), ALLOW),
        ("prlimit64", (0, 9, 1), EPERM),
        ("prlimit64", (1, 9, 0), EPERM),
        ("prlimit64", (0, 9, 1 << 32), EPERM),
    ],
)
def test_arguments_are_checked(machine: str, name: str, arguments: tuple[int, ...], expected: int) -> None:
    number = syscalls.CHECKED[name][syscalls.ARCHITECTURES[machine][0]]
    assert ask(machine, number, *arguments) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_the_first_process_may_fork_and_kill_but_not_run_programs(machine: str) -> None:
    column = syscalls.ARCHITECTURES[machine][0]
    for name, pair in syscalls.FIRST_PROCESS.items():
        assert ask(machine, pair[column], 0x1200011, first_process=True) == ALLOW, name
    assert ask(machine, (59, 221)[column], first_process=True) == EPERM  # execve
    assert ask(machine, (41, 198)[column], first_process=True) == EPERM  # socket


@pytest.mark.parametrize("column", [0, 1])
def test_no_number_stands_for_two_calls(column: int) -> None:
    numbers = [pair[column] for table in (syscalls.ALLOWED, syscalls.CHECKED) for pair in table.values()]
    known = [number for number in numbers if number is not None]
    assert len(known) == len(set(known))
