"""System calls a cell may make, by architecture: (x86_64, aarch64), ``None`` where there is none.

Numbers are from ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h`` of Linux 6.12.
What is not listed is refused: anything that opens a socket, runs a program, signals another process,
changes rights, owners or times of a file (Landlock does not cover those), or raises a limit.
"""

from __future__ import annotations

from typing import Final

ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column in the tables below and ``AUDIT_ARCH_*`` number, by ``os.uname().machine``."""

ALLOWED: Final[dict[str, tuple[int | None, int | None]]] = {
    # descriptors and files; which files, Landlock decides
    "read": (0, 63), "write": (1, 64), "open": (2, None), "close": (3, 57), "stat": (4, None),
    "fstat": (5, 80), "lstat": (6, None), "lseek": (8, 62), "pread64": (17, 67), "pwrite64": (18, 68),
    "readv": (19, 65), "writev": (20, 66), "access": (21, None), "dup": (32, 23), "dup2": (33, None),
    "sendfile": (40, 71), "flock": (73, 32), "fsync": (74, 82), "fdatasync": (75, 83),
    "ftruncate": (77, 46), "getdents": (78, None), "getcwd": (79, 17), "chdir": (80, 49),
    "fchdir": (81, 50), "rename": (82, None), "mkdir": (83, None), "rmdir": (84, None),
    "creat": (85, None), "link": (86, None), "unlink": (87, None), "symlink": (88, None),
    "readlink": (89, None), "umask": (95, 166), "statfs": (137, 43), "fstatfs": (138, 44),
    "getdents64": (217, 61), "fadvise64": (221, 223), "openat": (257, 56), "mkdirat": (258, 34),
    "newfstatat": (262, 79), "unlinkat": (263, 35), "renameat": (264, 38), "linkat": (265, 37),
    "symlinkat": (266, 36), "readlinkat": (267, 78), "faccessat": (269, 48), "fallocate": (285, 47),
    "dup3": (292, 24), "preadv": (295, 69), "pwritev": (296, 70), "renameat2": (316, 276),
    "copy_file_range": (326, 285), "statx": (332, 291), "close_range": (436, 436),
    "faccessat2": (439, 439),
    # waiting; pipes, and the sockets the host gave
    "poll": (7, None), "pipe": (22, None), "select": (23, None), "sendto": (44, 206),
    "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212), "shutdown": (48, 210),
    "getsockname": (51, 204), "getpeername": (52, 205), "getsockopt": (55, 209),
    "epoll_create": (213, None), "epoll_wait": (232, None), "epoll_ctl": (233, 21),
    "pselect6": (270, 72), "ppoll": (271, 73), "epoll_pwait": (281, 22), "eventfd2": (290, 19),
    "epoll_create1": (291, 20), "pipe2": (293, 59), "epoll_pwait2": (441, 441),
    # memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "mremap": (25, 216), "madvise": (28, 233), "membarrier": (324, 283),
    # signals and timers of this process itself
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "pause": (34, None), "getitimer": (36, 102), "alarm": (37, None), "setitimer": (38, 103),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128),
    # threads, time, and what a process may know of itself
    "sched_yield": (24, 124), "nanosleep": (35, 101), "getpid": (39, 172), "exit": (60, 93),
    "wait4": (61, 260), "uname": (63, 160), "gettimeofday": (96, 169), "getrlimit": (97, 163),
    "getrusage": (98, 165), "sysinfo": (99, 179), "times": (100, 153), "getuid": (102, 174),
    "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173),
    "getpgrp": (111, None), "getgroups": (115, 158), "getpgid": (121, 155), "getsid": (124, 156),
    "getpriority": (140, 141), "sched_getparam": (143, 121), "sched_getscheduler": (145, 120),
    "arch_prctl": (158, None), "gettid": (186, 178), "time": (201, None), "futex": (202, 98),
    "sched_getaffinity": (204, 123), "set_tid_address": (218, 96), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "exit_group": (231, 94),
    "set_robust_list": (273, 99), "getcpu": (309, 168), "getrandom": (318, 278), "rseq": (334, 293),
    "futex_waitv": (449, 449),
}  # fmt: skip

CHECKED: Final[dict[str, tuple[int, int]]] = {
    "ioctl": (16, 29), "clone": (56, 220), "fcntl": (72, 25),
    "prctl": (157, 167), "unshare": (272, 97), "prlimit64": (302, 261), "clone3": (435, 435),
}  # fmt: skip
"""Allowed with certain arguments only; see `seccomp`."""

FIRST_PROCESS: Final[dict[str, tuple[int, int]]] = {
    "kill": (62, 129), "setpgid": (109, 154), "setrlimit": (160, 164), "seccomp": (317, 277),
    "clone": (56, 220), "prctl": (157, 167), "prlimit64": (302, 261), "setsid": (112, 157),
    "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446),
}  # fmt: skip
"""Allowed in addition to the processes that fork states of the REPL and never run a cell."""
