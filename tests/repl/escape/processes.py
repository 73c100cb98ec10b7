"""Power over other processes: the host, the neighbour, the first process, and itself."""

from tests.repl.escape.attempt import DIED, STOPPED, Attempt, prints

_CODES = {
    "kill the parent": "os.kill(os.getppid(), 9)",
    "kill the host": "os.kill($host, 9)",
    "ask whether the host lives": "os.kill($host, 0)",
    "kill everything": "os.kill(-1, 9)",
    "kill its group": "os.killpg(os.getpgid(0), 9)",
    "kill process 1": "os.kill(1, 15)",
    "stop itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "raise a signal": "signal.raise_signal(signal.SIGSTOP)",
    "signal a thread": "signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)",
    "signal by descriptor": "signal.pidfd_send_signal(0, 9)",
    "a descriptor of the host": "os.pidfd_open($host)",
    "a session of its own": "os.setsid()",
    "a group of its own": "os.setpgid(0, 0)",
    "another's group": "os.setpgid(0, os.getppid())",
    "more weight": "os.nice(-5)",
    "less weight for the host": "os.setpriority(os.PRIO_PROCESS, $host, 19)",
    "real time": "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))",
    "another processor": "os.sched_setaffinity(0, {0})",
    "another user": "os.setuid(0)",
    "another group": "os.setgid(0)",
    "more groups": "os.setgroups([0])",
    "signals from a descriptor": "fcntl.fcntl(0, fcntl.F_SETOWN, $host)",
    "signals from a lease": "fcntl.fcntl(os.open('x', os.O_CREAT), fcntl.F_SETLEASE, fcntl.F_RDLCK)",
    "signals from a folder": "fcntl.fcntl(os.open('.', 0), fcntl.F_NOTIFY, fcntl.DN_MODIFY)",
    "signals to the owner of a socket": "fcntl.ioctl(0, 0x8901, b'0000')",
    "typing on the terminal": "fcntl.ioctl(0, 0x5412, b'x')",
    "the limits of the host": "resource.prlimit($host, resource.RLIMIT_NOFILE)",
    "its own limits": "resource.prlimit(0, resource.RLIMIT_NOFILE, (10, 10))",
    "a place among namespaces": "ctypes_call(308, 0, 0)",
    "namespaces of its own": "ctypes_call(272, 0x10000000)",
    "the memory of the host, read": "ctypes_call(310, $host, 0, 0, 0, 0, 0)",
    "the memory of the host, written": "ctypes_call(311, $host, 0, 0, 0, 0, 0)",
    "tracing the host": "ctypes_call(101, 16, $host, 0, 0)",
    "seizing the parent": "ctypes_call(101, 0x4206, os.getppid(), 0, 0)",
    "being traced": "ctypes_call(101, 0, 0, 0, 0)",
    "a descriptor taken from the host": "ctypes_call(438, 0, 1, 0)",
    "comparing with the host": "ctypes_call(312, os.getpid(), $host, 0, 0, 0)",
    "the pages of the host": "ctypes_call(279, $host, 0, 0, 0, 0, 0)",
    "advice on the memory of the host": "ctypes_call(440, 0, 0, 0, 4, 0)",
    "reaping the host": "ctypes_call(448, 0, 0)",
    "/proc of the host": "open('/proc/%d/environ' % $host).read()",
    "the memory of the host as a file": "open('/proc/%d/mem' % $host, 'r+b')",
    "the descriptors of the host": "os.listdir('/proc/%d/fd' % $host)",
    "the root of the host": "os.listdir('/proc/%d/root/' % $host)",
    "/proc of the parent": "open('/proc/%d/environ' % os.getppid()).read()",
    "its own environment as it began": "open('/proc/self/environ').read()",
    "its own memory as a file": "open('/proc/self/mem', 'r+b')",
    "its own map": "open('/proc/self/maps').read()",
    "who there is": "os.listdir('/proc')",
    "its threads as files": "open('/proc/thread-self/status').read()",
    "its own urge to be killed": "open('/proc/self/oom_score_adj', 'w').write('-1000')",
    "shared memory": "ctypes_call(29, 1, 4096, 0o666 | 0o1000)",
    "a queue of messages": "ctypes_call(68, 1, 0o666 | 0o1000)",
    "a keyring": "ctypes_call(250, 0, -3, 1)",
    "a file in memory": "os.memfd_create('x')",
    "a file in secret memory": "ctypes_call(447, 0)",
}
_PREPARE = (
    "import ctypes, fcntl, os, resource, signal, threading\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "def ctypes_call(*numbers):\n"
    "    if libc.syscall(*map(ctypes.c_long, numbers)) < 0:\n"
    "        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))\n"
)

ATTEMPTS = [
    *(
        Attempt(
            what,
            _PREPARE + code,
            r"error: .*(Operation not permitted|Permission denied|No such file|not allowed|PermissionError).*",
        )
        for what, code in _CODES.items()
    ),
    Attempt(
        "every signal blocked",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass",
        STOPPED,
        seconds=0.1,
    ),
    Attempt(
        "every signal ignored",
        "import signal\nfor number in signal.valid_signals() - {9, 19}: signal.signal(number, signal.SIG_IGN)\n"
        "while True: pass",
        STOPPED,
        seconds=0.1,
    ),
    Attempt(
        "an alarm", "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\ntime.sleep(30)", DIED
    ),
    Attempt(
        "an alarm for the time after the cell",
        "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.001)\nsignal.signal(signal.SIGALRM, signal.SIG_DFL);",
        r"ok: |crash, restored: .*",
        spoils=True,
    ),
    Attempt(
        "the end put off by a dump of the stack",
        "import faulthandler\nfaulthandler.dump_traceback_later(0.01, exit=True, file=1)",
        r"ok: |crash, restored: .*",
        spoils=True,
    ),
    Attempt(
        "the main thread ended, another going on",
        "import ctypes, threading\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()\n"
        "ctypes.CDLL(None).syscall(60, 0)",
        r"(crash|timeout), restored: .*",
        seconds=0.2,
    ),
    Attempt(
        "a wait without end",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nsignal.pause()",
        STOPPED,
        seconds=0.1,
    ),
    Attempt(
        "a fork when one is approved, by threads that wait for it",
        "import os, threading\ndef bomb():\n    while True:\n        try:\n            if os.fork() == 0:\n"
        "                while True: pass\n        except OSError: pass\n"
        "for _ in range(4): threading.Thread(target=bomb, daemon=True).start()",
        r"ok: .*",
        keeps=False,
    ),
    Attempt(
        "what it may know",
        "import os\nos.getpid() > 0, os.getpriority(os.PRIO_PROCESS, 0)",
        prints("(True, 19)"),
    ),
]
