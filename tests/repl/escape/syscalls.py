"""Every system call there is, in every way a processor knows to make one."""

from __future__ import annotations

import os

from rlm_desktop.repl.confine.syscalls import ALLOWED, ARCHITECTURES, CHECKED
from tests.repl.escape.attempt import STOPPED, Attempt, prints

_COLUMN = ARCHITECTURES[os.uname().machine][0]
_LISTED = {pair[_COLUMN] for table in (ALLOWED, CHECKED) for pair in table.values()} - {None}
_ENDING = {"exit", "exit_group", "rt_sigreturn", "pause", "ppoll"}
"""Calls that end or block whoever makes them, with the arguments of the sweep; each has an attempt of its own."""
_UPROBES = (335, 336)
"""uretprobe and uprobe: Linux asks no filter about them, and ends whoever calls them outside a probe (kernel/seccomp.c)."""
_CALL = (
    "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "def call(number, *arguments):\n"
    "    given = [*arguments, *[0] * (6 - len(arguments))]\n"
    "    result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, given))\n"
    "    return result, ctypes.get_errno() if result == -1 else 0\n"
)
_SWEEP = (
    f"{_CALL}through = {{n for n in $numbers if call(n, -1)[1] not in (1, 38)}}\n"
    "sorted(through - $listed), len(through & $listed) > $least"
)
_MACHINE_CODE = (
    "import ctypes, mmap\npage = mmap.mmap(-1, 4096, prot=7)\n"
    "def run(code):\n"
    "    page.seek(0); page.write(bytes.fromhex(code))\n"
    "    return ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()\n"
)


def _number(name: str) -> int | None:
    return ALLOWED[name][_COLUMN]


def _sweep(name: str, numbers: list[int], least: int) -> Attempt:
    code = _SWEEP.replace("$numbers", repr(numbers)).replace("$listed", repr(_LISTED))
    return Attempt(name, code.replace("$least", str(least)), prints("([], True)"), spoils=True)


def _on_intel() -> list[Attempt]:
    """The other ways in: numbers of the x32 ABI, and of i386 by its own instructions."""
    i386 = {"exit": 1, "fork": 2, "read": 3, "write": 4, "open": 5, "execve": 11, "getpid": 20, "ptrace": 26, "kill": 37, "socketcall": 102, "clone": 120, "mmap2": 192, "io_uring_setup": 425}  # fmt: skip
    return [
        _sweep("x32: every number", [2**30 + n for n in range(600)], -1),
        *(
            Attempt(f"i386: {name}", f"{_MACHINE_CODE}run('b8{number.to_bytes(4, 'little').hex()}cd80c3')", r"crash, restored: .*SIG(SYS|SEGV).*")
            for name, number in i386.items()
        ),
        Attempt("i386: getpid by sysenter", f"{_MACHINE_CODE}run('b8140000000f34c3')", r"crash, restored: .*SIG(SYS|SEGV|ILL).*"),
        Attempt("i386: a far return to 32 bits", f"{_MACHINE_CODE}run('6a23488d0503000000504 8cbb814000000cd80c3'.replace(' ', ''))", r"crash, restored: .*"),
        Attempt("machine code of its own: a socket", f"{_MACHINE_CODE}run('b829000000bf02000000be0100000031d20f05c3')", prints("-1")),
        Attempt("machine code of its own: x32", f"{_MACHINE_CODE}run('b82900004031ff0f05c3')", prints("-1")),
        Attempt("machine code of its own: a kill", f"{_MACHINE_CODE}run('b83e00000031ff31f60f05c3')", prints("-1")),
        *(Attempt(f"uprobes: {number}", f"{_CALL}call({number}, -1)[0]", r"(ok: -1|crash, restored: .*SIGILL.*)") for number in _UPROBES),
        Attempt("the old page of system calls", "import ctypes\nctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(0xffffffffff600000)(None) and 0", r"(ok|crash, restored): .*"),
    ]  # fmt: skip


ATTEMPTS = [
    _sweep(
        "every number", sorted(set(range(601)) - {_number(name) for name in _ENDING} - set(_UPROBES)), 100
    ),
    _sweep(
        "numbers that are none",
        [*range(601, 2000), *(2**n for n in range(12, 31)), 2**31 - 1, -1, -(2**31)],
        -1,
    ),
    Attempt("exit", f"{_CALL}call({_number('exit')}, 0)", r"crash, restored: .*"),
    Attempt("exit_group", f"{_CALL}call({_number('exit_group')}, 0)", r"crash, restored: .*"),
    Attempt("rt_sigreturn", f"{_CALL}call({_number('rt_sigreturn')})", r"crash, restored: .*"),
    Attempt("ppoll", f"{_CALL}call({_number('ppoll')}, 0, 0, 0)", STOPPED, seconds=0.1),
    *(
        [Attempt("pause", f"{_CALL}call({_number('pause')})", STOPPED, seconds=0.1)]
        if _number("pause")
        else []
    ),
    *(_on_intel() if os.uname().machine == "x86_64" else []),
]
