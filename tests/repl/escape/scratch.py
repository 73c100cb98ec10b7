"""The scratch folder: filled, entangled, and left as a trap for whoever cleans up."""

from tests.repl.escape.attempt import REFUSED, Attempt, prints

_ENDS = r"(ok|error|crash|crash, restored|timeout, restored|memory, restored|disk, restored): .*"

ATTEMPTS = [
    Attempt("one large file", "open('big', 'wb').truncate(10**12)", REFUSED, spoils=True),
    Attempt("one large file, written", "with open('big', 'wb') as f:\n    while True: f.write(bytes(2**20))", REFUSED, spoils=True),
    Attempt("one large file, allocated", "import os\nos.posix_fallocate(os.open('big', os.O_CREAT | os.O_RDWR), 0, 10**12)", REFUSED, spoils=True),
    Attempt("files without number, and nothing in them", "n = 0\nwhile True: open(str(n), 'w').close(); n += 1", r"memory, restored: .*10,000 files.*"),
    Attempt("links to the person's files", "import os\nfor path in ($secret, $home, '/', '/etc/passwd', '/proc/self'): os.symlink(path, 'to' + path.replace('/', '_'))\nos.symlink('loop', 'loop'); os.symlink('.', 'here'); os.symlink('..', 'above')\n[os.path.islink(p) for p in os.listdir('.')].count(True) >= 8", prints("True"), spoils=True),
    Attempt("a folder behind a link", "import os\nos.symlink($home, 'home'); open('home/.netrc').read()", REFUSED, spoils=True),
    Attempt("a hard link to the person's file", "import os\nos.link($secret, 'mine')", REFUSED),
    Attempt("a hard link through a link", "import os\nos.symlink($secret, 'l'); os.link('l', 'mine', follow_symlinks=True); open('mine').read()", REFUSED, spoils=True),
    Attempt("a hard link to the system", "import os, shutil\nos.link(shutil.__file__, 'mine')", REFUSED),
    Attempt("a hard link by descriptor", "import ctypes, os\nfd = os.open($secret, os.O_PATH)\nlibc = ctypes.CDLL(None, use_errno=True)\nif libc.linkat(fd, b'', -100, b'mine', 0x1000) < 0: raise OSError(ctypes.get_errno(), 'no')", REFUSED),
    Attempt("folders within folders", "import os\nfor _ in range(2000): os.mkdir('d'); os.chdir('d')\nopen('x', 'w').close()\nos.chdir(os.environ['HOME'])", r"ok: |" + _ENDS, spoils=True),
    Attempt("files too deep to be named", "import os, time\nfor _ in range(20): os.mkdir('d' * 255); os.chdir('d' * 255)\nfor n in range(6): open(str(n), 'wb').write(bytes(4 * 2**20))\ntime.sleep(10)", r"memory, restored: .*|error: .*No space left.*", spoils=True),
    Attempt("files in a folder that cannot be listed", "import os, time\nos.mkdir('d', 0o300)\nfor n in range(6): open(f'd/{n}', 'wb').write(bytes(4 * 2**20))\ntime.sleep(10)", r"memory, restored: .*|error: .*No space left.*", spoils=True),
    Attempt("folders with long names", "import os\nfor _ in range(300): os.mkdir('d' * 255); os.chdir('d' * 255)\nopen('x', 'w').close()\nos.chdir(os.environ['HOME'])", r"ok: |" + _ENDS, spoils=True),
    Attempt("folders that cannot be entered", "import os\nos.mkdir('a', 0o700); open('a/x', 'w').close(); os.mkdir('a/b', 0); os.mkdir('c', 0o300); open('c/x', 'w').close(); os.mkdir('c/d', 0o300); os.mkdir('c/d/e', 0)", r"ok: ", spoils=True),
    Attempt("folders that cannot be written", "import os\nos.mkdir('a', 0o500)\nos.mkdir('b', 0o700); open('b/x', 'w').close()\nos.umask(0o777); os.mkdir('b/c'); open('b/y', 'w').close()", r"ok: ", spoils=True),
    Attempt("files that cannot be read", "import os\nos.close(os.open('x', os.O_CREAT, 0)); os.umask(0); os.close(os.open('y', os.O_CREAT, 0o7777))", r"ok: ", spoils=True),
    Attempt("names that are no text", "import os\nfor name in (b'\\xff\\xfe', b'-rf', b'a\\nb', b' ', b'\\x1b[2J', b'*', b'x' * 255): os.mkdir(name); open(name + b'/' + name, 'w').close()", r"ok: ", spoils=True),
    Attempt("the folder gone from itself", "import os\nos.mkdir('d'); os.chdir('d'); os.rmdir(os.environ['HOME'] + '/d')", r"ok: ", spoils=True),
    Attempt("a folder and a link exchanged without end", "import os, threading\nos.mkdir('a'); open('a/x', 'w').close(); os.symlink($home, 'b')\ndef swap():\n    while True:\n        try: os.rename('a', 'c'); os.rename('b', 'a'); os.rename('c', 'b')\n        except OSError: return\nfor _ in range(4): threading.Thread(target=swap, daemon=True).start()", _ENDS, keeps=False),
    Attempt("a pipe with a name", "import os\nos.mkfifo('pipe')", REFUSED),
    Attempt("a device", "import os, stat\nos.mknod('null', stat.S_IFCHR | 0o666, os.makedev(1, 3))", REFUSED),
    Attempt("a socket with a name", "import os, stat\nos.mknod('s', stat.S_IFSOCK)", REFUSED),
    Attempt("rights of its own files", "import os\nopen('x', 'w').close(); os.chmod('x', 0o4777)", REFUSED),
    Attempt("attributes of its own files", "import os\nopen('x', 'w').close(); os.setxattr('x', 'user.x', b'x' * 1000)", REFUSED),
    Attempt("being run", "import os\nopen('x', 'w').write('#!/bin/sh\\n'); os.access('x', os.X_OK)", r"ok: .*", spoils=True),
    Attempt("files that no folder has", "import os, tempfile\nheld = [tempfile.TemporaryFile(dir='.') for _ in range(6)]\nfor f in held: os.posix_fallocate(f.fileno(), 0, 4 * 2**20)", r"memory, restored: .*still open.*|error: .*No space left.*", spoils=True),
    Attempt("files that no folder has and that are not open", "import ctypes, os, tempfile\nlibc = ctypes.CDLL(None)\nlibc.mmap.restype = ctypes.c_void_p\nfor _ in range(6):\n    with tempfile.TemporaryFile(dir='.') as f:\n        os.posix_fallocate(f.fileno(), 0, 4 * 2**20)\n        assert libc.mmap(None, 4096, 1, 1, f.fileno(), ctypes.c_long(0)) != 2**64 - 1", r"memory, restored: .*still open.*|error: .*No space left.*", spoils=True),
    Attempt("files that no folder has, hidden from the host", "import ctypes, os\nif ctypes.CDLL(None, use_errno=True).prctl(4, 0, 0, 0, 0) < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))", REFUSED),
    Attempt("open while the folder goes", "import os\nf = open('x', 'w'); os.unlink('x'); f.write('y' * 1000); f.flush()", r"ok: ", spoils=True),
]  # fmt: skip
