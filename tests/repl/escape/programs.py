"""Running programs, and more processes or threads than one should have."""

from tests.repl.escape.attempt import DIED, REFUSED, Attempt, prints, says

_CODES = {
    "fork": "os.fork()",
    "forkpty": "import pty; pty.fork()",
    "exec": "os.execv('/bin/true', ['true'])",
    "exec of the person's": "os.execv($tool, ['tool'])",
    "exec of the interpreter": "import sys; os.execv(sys.executable, [sys.executable])",
    "exec of the loader": "os.execv('/lib64/ld-linux-x86-64.so.2', ['ld', '/bin/true'])",
    "exec of a descriptor": "os.execve(os.open('/dev/null', os.O_RDONLY), ['x'], {})",
    "exec in scratch": "open('x', 'w').write('#!/bin/sh'); os.execv('./x', ['x'])",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "spawn by vfork": "subprocess._USE_VFORK = True; subprocess.run(['/bin/true'])",
    "a program": "subprocess.run(['/bin/true'])",
    "a program by spawn": "subprocess._USE_POSIX_SPAWN = True; subprocess.run(['/bin/true'], close_fds=False)",
    "a pipe to a program": "os.popen('true').read()",
    "a process of asyncio": "import asyncio; await asyncio.create_subprocess_exec('/bin/true')",
    "a process by multiprocessing": "import multiprocessing; multiprocessing.Process(target=print).start()",
    "a pool of processes": "from concurrent.futures import ProcessPoolExecutor as P; P(1).submit(print).result()",
}
_CALL = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
_MADE = "\nmade = 0\nfor _ in range(200):\n    try:\n        if {fork} == 0: os._exit(0)\n        made += 1\n    except OSError: pass\nmade"

ATTEMPTS = [
    *(Attempt(what, f"import os, subprocess\n{code}", REFUSED) for what, code in _CODES.items()),
    Attempt(
        "a shell",
        "import os\nos.system('touch was-here'), os.path.exists('was-here')",
        r"ok: \(-?\d+, False\).*",
    ),
    Attempt("a fork bomb", "import os" + _MADE.format(fork="os.fork()"), prints("0")),
    Attempt(
        "a fork bomb of raw calls",
        _CALL + "for number in (56, 57, 58, 435):\n    for flags in (0, 17, 0x11, 0x4111, 0x1200011):\n"
        "        if libc.syscall(number, flags, 0, 0, 0, 0) >= 0: print('forked', number, hex(flags))",
        r"ok: ",
    ),
    Attempt(
        "a fork while another thread forks",
        "import os, threading\nmade = []\ndef bomb():\n    for _ in range(50):\n"
        "        try: made.append(os.fork())\n        except OSError: pass\n"
        "threads = [threading.Thread(target=bomb) for _ in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\nmade",
        prints("[]"),
    ),
    Attempt(
        "namespaces of its own",
        _CALL + "[libc.syscall(56, flag | 17, 0, 0, 0, 0) for flag in "
        "(0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x2000000, 0x80)]",
        prints(str([-1] * 8)),
    ),
    Attempt(
        "a thread bomb",
        "import threading, time\nthreading.stack_size(32768)\nstop = threading.Event()\nthreads = []\n"
        "try:\n    for _ in range(5000):\n        thread = threading.Thread(target=stop.wait, daemon=True)\n"
        "        thread.start(); threads.append(thread)\n"
        "except RuntimeError as error: print(error)\n"
        "stop.set(); [t.join() for t in threads]\nlen(threads) < 1000",
        prints("can't start new thread\nTrue"),
    ),
    Attempt(
        "threads that are meant",
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(64) as pool: print(sum(pool.map(int, '12' * 100)))",
        prints("300"),
    ),
    Attempt(
        "a library of its own",
        "import ctypes\nopen('x.so', 'wb').write(b'\\x7fELF' + bytes(100))\nctypes.CDLL('./x.so')",
        says("OSError"),
    ),
    Attempt("the end of the process", "import os\nos._exit(0)", DIED),
]
