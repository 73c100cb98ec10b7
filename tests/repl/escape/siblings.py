"""Power over the other processes of the tree: sibling states, those that fork them, and what is theirs."""

from hashlib import sha256

from tests.repl.escape.attempt import REFUSED, Attempt, prints
from tests.repl.escape.forged import SOCKETS

_TARGETS = """
import ctypes, fcntl, os, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
others = {'sibling': $sibling, 'its keeper': $keeper, 'its holder': $holder, 'zygote': $zygote, 'own keeper': os.getsid(0), 'checkpoint': os.getppid()}
page = ctypes.create_string_buffer(4096)
def call(number, *arguments):
    if libc.syscall(number, *(a if isinstance(a, ctypes.Array) else ctypes.c_long(a) for a in arguments)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def enter(namespace):
    fd = os.open(namespace, os.O_RDONLY)
    try: call(308, fd, 0)
    finally: os.close(fd)
def vector(address): return ctypes.create_string_buffer(address.to_bytes(8, 'little') + (64).to_bytes(8, 'little'))
def refused(act, pid, how=(PermissionError, FileNotFoundError)):
    try: act(pid)
    except how: return True
    return False
"""
"""Who else there is, and whether something done to each of them is refused."""

_ACTS = {
    "killed": "os.kill(pid, 9)",
    "asked to end": "os.kill(pid, 15)",
    "stopped": "os.kill(pid, signal.SIGSTOP)",
    "their groups killed": "os.killpg(pid, 9)",
    "their threads killed": "call(234, pid, pid, 9)",
    "a signal queued": "call(129, pid, 15, page)",
    "a descriptor of them": "os.pidfd_open(pid)",
    "traced": "call(101, 16, pid, 0, 0)",
    "seized": "call(101, 0x4206, pid, 0, 0)",
    "their memory read": "call(310, pid, vector(ctypes.addressof(page)), 1, vector(id(context)), 1, 0)",
    "their memory written": "call(311, pid, vector(ctypes.addressof(page)), 1, vector(id(context)), 1, 0)",
    "their memory as a file": "open('/proc/%d/mem' % pid, 'rb', buffering=0).read(1)",
    "their maps": "open('/proc/%d/maps' % pid).read()",
    "their descriptors": "os.listdir('/proc/%d/fd' % pid)",
    "what is beside their folder": "os.listdir('/proc/%d/cwd/..' % pid)",
    "their weight": "os.setpriority(os.PRIO_PROCESS, pid, 19)",
    "the weight of their group": "os.setpriority(os.PRIO_PGRP, pid, 19)",
    "their limits": "resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, 1))",
    "their processors": "os.sched_setaffinity(pid, {0})",
    "their schedule": "os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))",
    "a place in their group": "os.setpgid(0, pid)",
    "their place in a group": "os.setpgid(pid, os.getpgid(0))",
    "signals at their expense": "fcntl.fcntl(0, fcntl.F_SETOWN, pid)",
    "signals of a socket": "fcntl.ioctl(0, 0x8901, pid.to_bytes(4, 'little'))",
    "compared": "call(312, os.getpid(), pid, 2, 0, 0)",
    "their locks": "call(274, pid, page, page)",
    "their pages moved": "call(256, pid, 1, page, page)",
    "their disk's turn": "call(251, 1, pid, 0x6000)",
    "their capabilities": "call(125, ctypes.create_string_buffer((0x20080522).to_bytes(4, 'little') + pid.to_bytes(4, 'little')), page)",
    "their namespaces": "enter('/proc/%d/ns/pid' % pid)",
}  # fmt: skip
_CLAIM = """
(control,) = controls
def claim(pid, uid, gid): control.sendmsg([body({'type': 'running', 'checkpoint': False})], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack('iII', pid, uid, gid))])
"""
_SCAN = """
import ctypes, hashlib, os
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_void_p
wanted = $digest
begin = 'the document of '.encode()
reading, writing = os.pipe()
found = {True: 0, False: 0}
def look(page):
    if libc.write(writing, ctypes.c_void_p(page), 4096) != 4096: return False
    data = os.read(reading, 4096)
    at = data.find(begin)
    while at >= 0:
        found[hashlib.sha256(data[at + len(begin):at + len(begin) + 13]).hexdigest() == wanted] += 1
        at = data.find(begin, at + 1)
    return True
def walk(page, step, misses):
    while misses:
        misses -= not look(page)
        page += step
top = (libc.sbrk(0) or 0) & ~4095
walk(top - 4096, -4096, 1)
for near in {id(value) & ~0xFFFFF for value in (context, look, [], {}, b'xyz' * 999, object())}:
    walk(near, 4096, 512); walk(near - 4096, -4096, 512)
found[False] > 0, found[True]
"""
"""Reads this process's pages by having the kernel copy them, which fails where there is none."""
_MEMORY = _SCAN.replace("$digest", repr(sha256(b"the neighbour").hexdigest()))

ATTEMPTS = [
    *(
        Attempt(
            f"the others: {what}",
            f"{_TARGETS}[name for name, pid in others.items() if not refused(lambda pid: {act}, pid)]",
            prints("[]"),
        )
        for what, act in _ACTS.items()
    ),
    Attempt(
        "whoever there is: killed",
        f"{_TARGETS}[pid for pid in range(-400, 400) if not refused(lambda pid: os.kill(pid, 9), pid)]",
        prints("[]"),
    ),
    Attempt(
        "whoever there is: reaped",
        "import os\nos.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG)",
        r"error: .*(ChildProcessError|PermissionError).*",
    ),
    Attempt(
        "a packet in the name of another",
        f"{_TARGETS}{SOCKETS}{_CLAIM}"
        "pids = [1, 2, $host, *others.values()]\n"
        "[pid for pid in pids if not refused(lambda pid: claim(pid, os.getuid(), os.getgid()), pid)]",
        prints("[]"),
    ),
    Attempt(
        "a packet in the name of another user",
        f"{_TARGETS}{SOCKETS}{_CLAIM}"
        "users = [(os.getuid() + 1, os.getgid()), (os.getuid(), os.getgid() + 1), (65533, 65533)]\n"
        "[user for user in users if not refused(lambda user: claim(os.getpid(), *user), user, OSError)]",
        prints("[]"),
    ),
    Attempt(
        "sockets but its own two",
        f"{SOCKETS}len(streams), len(controls)",
        prints("(1, 1)"),
    ),
    Attempt(
        "descriptors that are no file, among them what answers for forks",
        "import os, stat\nopen_ = []\nfor fd in range(4096):\n"
        "    try: open_.append(stat.S_IFMT(os.fstat(fd).st_mode))\n    except OSError: pass\n"
        "set(open_) <= {stat.S_IFCHR, stat.S_IFSOCK, stat.S_IFIFO}, open_.count(stat.S_IFIFO) <= 1",
        prints("(True, True)"),
    ),
    Attempt(
        "what the host says to others, waited for",
        f"{SOCKETS}(control,) = controls\ncontrol.settimeout(0.05)\ncontrol.recv(100)",
        r"error: .*TimeoutError.*",
        spoils=True,
    ),
    Attempt(
        "every other folder of the tree",
        "import os\nown = os.getcwd()\ndef enter(n):\n    place = os.path.join(os.path.dirname(own), str(n))\n"
        "    if place == own: return False\n    tries = (lambda: os.listdir(place), lambda: open(place + '/x', 'w'), lambda: os.mkdir(place + '/d'), lambda: os.rename('f', place + '/f'), lambda: os.link('f', place + '/f'), lambda: os.symlink('f', place + '/f'))\n"
        "    for one in tries:\n        try: one(); return True\n        except OSError: pass\n    return False\n"
        "open('f', 'w').close()\n[n for n in range(64) if enter(n)]",
        prints("[]"),
        spoils=True,
    ),
    Attempt(
        "the neighbour's file by a descriptor of its folder",
        "import os\nos.listdir(os.open(os.path.dirname($neighbour), os.O_PATH))",
        REFUSED,
    ),
    Attempt(
        "the neighbour's file by a lock",
        "import fcntl, os\nfcntl.flock(os.open($neighbour, os.O_RDWR), fcntl.LOCK_EX)",
        REFUSED,
    ),
    Attempt("the neighbour's document in any page of this memory", _MEMORY, prints("(True, 0)")),
]
