"""Reading what is the person's, and writing anywhere but in scratch."""

from tests.repl.escape.attempt import REFUSED, Attempt, prints

_READS = {
    "a document": "open($secret).read()",
    "a private key": "open($key).read()",
    "the keys of models": "open($keys, 'rb').read()",
    "the store": "import sqlite3; sqlite3.connect('file:' + $store + '?mode=ro', uri=True).execute('select 1 from sqlite_master')",
    "the home folder": "import os; os.listdir($home)",
    "the folder above": "import os; list(os.scandir($folder))",
    "files found by a pattern": "import glob; assert glob.glob($home + '/*'), 'PermissionError: nothing found'",
    "files found by walking": "import os; assert [files for _, _, files in os.walk($home)], 'PermissionError: nothing found'",
    "the root folder": "import os; os.listdir('/')",
    "the passwords": "open('/etc/passwd').read()",
    "the shadows": "open('/etc/shadow').read()",
    "a file mapped to memory": "import mmap, os; mmap.mmap(os.open($secret, os.O_RDONLY), 0, access=mmap.ACCESS_READ)[:]",
    "a file opened as a path": "import os; fd = os.open($secret, os.O_PATH); open(f'/proc/self/fd/{fd}').read()",
    "a path descriptor read": "import os; os.read(os.open($secret, os.O_PATH), 10)",
    "relative to a folder": "import os; os.open('document.txt', os.O_RDONLY, dir_fd=os.open($home, os.O_PATH))",
    "from a folder gone to": "import os\ntry: os.chdir($home); open('document.txt').read()\nfinally: os.chdir(os.environ['HOME'])",
    "up and up from scratch": "open('../' * 40 + $secret[1:]).read()",
    "a file of the neighbour": "open($neighbour).read()",
    "the folder of the neighbour": "import os; os.listdir(os.path.dirname($neighbour))",
    "the folder of all scratch": "import os; os.listdir('..')",
    "the temporary folder": "import os; os.listdir('/tmp')",
    "a temporary file of others": "open($other).read()",
    "the program itself": "import os; open($program).read()",
    "the disk": "import os; assert os.path.exists('/dev/vda') or os.open('/dev/sda', 0); os.open('/dev/vda', os.O_RDONLY)",
    "the terminal": "open('/dev/tty', 'w').write('x')",
    "physical memory": "open('/dev/mem', 'rb').read(1)",
    "the kernel's log": "open('/dev/kmsg').read()",
    "shared memory": "open('/dev/shm/x', 'w')",
    "the kernel's settings": "open('/sys/kernel/uevent_seqnum').read()",
    "cgroups": "import os; os.listdir('/sys/fs/cgroup')",
    "an import from elsewhere": "import sys; sys.path.insert(0, $home); import document",
    "the modules that are installed beside the program": "import pytest",
    "by handle": "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.name_to_handle_at(-100, $secret.encode(), ctypes.create_string_buffer(128), ctypes.byref(ctypes.c_int()), 0) < 0:\n"
    "    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))",
}
_WRITES = {
    "a file of the neighbour": "open($neighbour, 'a')",
    "beside the neighbour's": "import os; open(os.path.dirname($neighbour) + '/new', 'w')",
    "a file": "open($secret, 'w')",
    "in the middle of a file": "open($secret, 'r+')",
    "at the end of a file": "open($secret, 'a')",
    "cut short": "import os; os.truncate($secret, 0)",
    "removed": "import os; os.unlink($secret)",
    "moved to scratch": "import os; os.rename($secret, 'mine')",
    "moved over": "import os; open('mine', 'w').close(); os.replace('mine', $secret)",
    "exchanged with": "import ctypes, os; open('mine', 'w').close()\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.renameat2(-100, b'mine', -100, $secret.encode(), 2) < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))",
    "its rights": "import os; os.chmod($secret, 0o777)",
    "its owner": "import os; os.chown($secret, os.getuid(), os.getgid())",
    "its times": "import os; os.utime($secret)",
    "its attributes": "import os; os.setxattr($secret, 'user.x', b'1')",
    "a new file": "open($home + '/new', 'w')",
    "a new folder": "import os; os.mkdir($home + '/new')",
    "a new link": "import os; os.symlink('/', $home + '/new')",
    "a new pipe": "import os; os.mkfifo($home + '/new')",
    "a nameless file": "import os; os.open($home, os.O_TMPFILE | os.O_RDWR)",
    "a database": "import sqlite3; sqlite3.connect($home + '/new.db').execute('create table t(a)')",
    "beside scratch": "open('../new', 'w')",
    "scratch moved away": "import os; os.rename(os.environ['HOME'], os.environ['HOME'] + '.away')",
    "scratch removed": "import os; os.rmdir(os.environ['HOME'])",
    "the temporary folder": "open('/tmp/rlm-escape-was-here', 'w')",
    "the standard library": "import shutil; open(shutil.__file__, 'a')",
    "compiled modules": "import shutil, os; os.unlink(shutil.__cached__)",
    "the system": "open('/etc/rlm-escape-was-here', 'w')",
    "the null device": "import os; os.unlink('/dev/null')",
    "a root": "import os; os.chroot('.')",
    "cron": "open('/var/spool/cron/crontabs/root', 'w')",
}

ATTEMPTS = [
    *(
        Attempt(
            f"read: {what}",
            code,
            REFUSED + "|error: (AssertionError|ModuleNotFoundError|IndexError|ValueError).*",
        )
        for what, code in _READS.items()
    ),
    *(Attempt(f"write: {what}", code, REFUSED) for what, code in _WRITES.items()),
    Attempt("what scratch is for", "open('notes', 'w').write('x')\nopen('notes').read()", prints("'x'")),
    Attempt("a way the standard library is for", "import this", r"ok: The Zen.*"),
]
