"""What the child was left with: descriptors, the environment, memory, and what it can learn of the computer."""

from tests.repl.escape.attempt import REFUSED, Attempt, prints

_ALL = (
    "import os, stat\nopen_ = {}\nfor fd in range(4096):\n"
    "    try: open_[fd] = os.fstat(fd)\n    except OSError: pass\n"
)

ATTEMPTS = [
    Attempt(
        "descriptors of the host",  # null for stdin and its spares, control, channel, two pipes at most
        _ALL + "assert len(open_) <= 10, open_\n"
        "[fd for fd, known in open_.items() if stat.S_ISREG(known.st_mode) or stat.S_ISDIR(known.st_mode)]",
        prints("[]"),
    ),
    Attempt(
        "sockets of others",  # control and channel
        _ALL + "sum(stat.S_ISSOCK(known.st_mode) for known in open_.values()) <= 3",
        prints("True"),
    ),
    Attempt(
        "documents written through a descriptor",
        _ALL + "import fcntl\n[fd for fd, known in open_.items() if stat.S_ISREG(known.st_mode)"
        " and fcntl.fcntl(fd, fcntl.F_GETFL) & 3]",
        prints("[]"),
    ),
    Attempt(
        "the environment",
        "import os\nassert set(os.environ) <= {'HOME', 'LANG', 'MALLOC_ARENA_MAX', 'TMPDIR'}, sorted(os.environ)",
        r"ok: ",
    ),
    Attempt(
        "the environment of the C library",
        "import ctypes\nenviron = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ')\n"
        "i = 0\nwhile environ[i]: assert b'KEY' not in environ[i], environ[i]; i += 1",
        r"ok: ",
    ),
    Attempt("arguments that say too much", "import sys\n[a for a in sys.orig_argv if 'KEY' in a or 'secret' in a]", prints("[]")),
    Attempt("modules of the program", "import sys\n[m for m in sys.modules if m.startswith(('rlm_desktop.engine', 'rlm_desktop.models', 'rlm_desktop.store', 'asyncio.events', 'msgspec'))]", prints("[]")),
    Attempt("modules beside it", "import rlm_desktop.engine", r"error: .*(ModuleNotFoundError|ImportError|PermissionError).*"),
    Attempt("folders on the path", "import sys\n[p for p in sys.path if 'site-packages' in p]", prints("[]")),
    Attempt(
        "the neighbour's document in this memory",
        "import gc\nneedle = 'of the ' + 'neighbour'\n"
        "[o for o in gc.get_objects() if isinstance(o, (list, tuple)) and any(isinstance(x, str) and needle in x and len(x) < 100 for x in o) and needle not in o]",
        r"ok: (\[\])?.*",
    ),
    Attempt("frames above the cell", "import sys\nf = sys._getframe()\nwhile f.f_back: f = f.f_back\n'host' in f.f_locals", prints("False")),
    Attempt("privileges", "import ctypes\nctypes.CDLL(None).prctl(38, 1, 0, 0, 0)", prints("-1")),
    Attempt("capabilities", "import ctypes, struct\nlibc = ctypes.CDLL(None)\nlibc.syscall(126, struct.pack('Ii', 0x20080522, 0), struct.pack('6I', *[0xffffffff] * 6))", prints("-1")),
    Attempt("a way back to root", "import os\nos.setresuid(0, 0, 0)", REFUSED),
    Attempt("a dump of memory", "import resource\nresource.getrlimit(resource.RLIMIT_CORE)[1] <= 1", prints("True")),
]  # fmt: skip
