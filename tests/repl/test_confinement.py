"""What a cell cannot do. Each refusal is tried in a real child; where it matters, that it works outside is tried too."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_desktop.repl.host import Context, Repl
from tests.repl.conftest import GUARD, Run, Start, descendants, execute

SYSCALL = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.txt"
    file.write_text("private")
    return file


@pytest.mark.parametrize(
    "code",
    [
        "open({path!r}).read()",
        "open({path!r}, 'w')",
        "open({path!r}, 'r+')",
        "import os; os.truncate({path!r}, 0)",
        "import os; os.unlink({path!r})",
        "import os; os.rename({path!r}, 'mine')",
        "import os; os.link({path!r}, 'mine'); open('mine').read()",
        "import os; os.symlink({path!r}, 'mine'); open('mine').read()",
        "import os; os.chmod({path!r}, 0o777)",
        "import os; os.utime({path!r})",
        "import os; os.chown({path!r}, 0, 0)",
        "import os; os.setxattr({path!r}, 'user.x', b'1')",
        "import os; os.listdir(os.path.dirname({path!r}))",
        "import os; os.mkdir({path!r} + '.d')",
        "import os; open(os.path.join(os.path.dirname({path!r}), 'new'), 'w')",
        "import os; os.chdir(os.path.dirname({path!r})); open('secret.txt').read()",
        "import sqlite3; sqlite3.connect({path!r} + '.db').execute('create table t(a)')",
    ],
)
async def test_files_outside(run: Run, secret: Path, code: str) -> None:
    mode, before = secret.stat().st_mode, sorted(secret.parent.iterdir())
    result = await run(code.format(path=str(secret)))
    assert result.status == "error"
    assert any(word in result.error for word in ("PermissionError", "OperationalError", "cross-device")), (
        result.error
    )
    assert secret.read_text() == "private"
    assert (secret.stat().st_mode, sorted(secret.parent.iterdir())) == (mode, before)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/1/cmdline",
        "/proc/self/mem",
        "/dev/mem",
        "/sys/kernel/uevent_seqnum",
        __file__,
    ],
)
async def test_files_of_the_system(run: Run, path: str) -> None:
    if not Path(path).exists():
        path = "/etc/passwd"
    assert "PermissionError" in (await run(f"open({path!r}, 'rb').read(1)")).error


async def test_the_standard_library_cannot_be_changed(run: Run) -> None:
    for path in (shutil.__file__, os.devnull):
        result = await run(f"open({path!r}, 'a').write('x')")
        assert "PermissionError" in result.error


async def test_descriptors_of_the_host_are_gone(start: Start, secret: Path) -> None:
    with secret.open() as held, socket.create_server(("127.0.0.1", 0)):
        os.set_inheritable(held.fileno(), True)
        repl = await start()
        result = await execute(
            repl,
            "import os\nopen_ = []\n"
            "for fd in range(4096):\n"
            "    try: os.fstat(fd); open_.append(fd)\n"
            "    except OSError: pass\n"
            "len(open_)",
        )
    # null three times and once for stdin, control, channel, the pipe to the checkpoint, two in reserve
    assert int(result.output) <= 9, result.output


@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
        "socket.create_connection(('127.0.0.1', {port}), 5)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/', timeout=5)",
        "import asyncio; await asyncio.open_connection('127.0.0.1', {port})",
        "a, b = socket.socketpair(); a.connect('/run/systemd/journal/socket')",
    ],
)
async def test_no_network(run: Run, code: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        result = await run("import socket\n" + code.format(port=server.getsockname()[1]))
        assert result.status == "error"
        assert "Operation not permitted" in result.error, result.error
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    "code",
    [
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {{}})",
        "subprocess.run(['/bin/true'])",
        "import multiprocessing; multiprocessing.Process(target=print).start()",
        "os.kill(os.getppid(), 9)",
        "os.kill(os.getpid(), 0)",
        "os.kill({host}, 0)",
        "os.killpg(os.getpgid(0), 9)",
        "os.setsid()",
        "os.setpgid(0, 0)",
        "import signal; signal.pidfd_send_signal(0, 9)",
        "os.pidfd_open({host})",
        "os.nice(-5)",
        "os.setuid(0)",
        "os.memfd_create('x')",
        "os.mknod('x')",
        "import fcntl; fcntl.fcntl(0, fcntl.F_SETOWN, {host})",
        "import fcntl; fcntl.ioctl(0, 0x8901, b'0000')",
        "import fcntl; fcntl.ioctl(0, 0x5412, b'x')",
    ],
)
async def test_no_programs_and_no_power_over_processes(run: Run, code: str) -> None:
    result = await run("import os, subprocess\n" + code.format(host=os.getpid()))
    assert (result.status, result.restored) == ("error", False)
    assert "Operation not permitted" in result.error, result.error
    assert (await run("1 + 1")).output == "2\n"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ptrace", 101), ("process_vm_readv", 310), ("process_vm_writev", 311), ("rt_sigqueueinfo", 129),
        ("tgkill", 234), ("tkill", 200), ("io_uring_setup", 425), ("bpf", 321), ("keyctl", 250), ("mount", 165),
        ("unshare", 272), ("setns", 308), ("chroot", 161), ("pivot_root", 155), ("perf_event_open", 298),
        ("userfaultfd", 323), ("open_by_handle_at", 304), ("kexec_load", 246), ("init_module", 175),
        ("vfork", 58), ("execveat", 322), ("pidfd_getfd", 438), ("prctl", 157), ("seccomp", 317), ("personality", 135),
        ("socket of the x32 ABI", 0x40000000 + 41), ("read of the x32 ABI", 0x40000000), ("none", 100_000),
    ],
)  # fmt: skip
async def test_system_calls_are_refused(run: Run, name: str, number: int) -> None:
    result = await run(f"{SYSCALL}libc.syscall({number}, 4, 0, 0, 0, 0, 0), ctypes.get_errno()")
    assert result.output == "(-1, 1)\n", name


async def test_clone3_is_unknown_and_namespaces_are_refused(run: Run) -> None:
    assert (await run(f"{SYSCALL}libc.syscall(435, 0, 0), ctypes.get_errno()")).output == "(-1, 38)\n"
    if os.uname().machine == "x86_64":
        clone = f"{SYSCALL}libc.syscall(56, 0x10000011, 0, 0, 0, 0), ctypes.get_errno()"
        assert (await run(clone)).output == "(-1, 1)\n"


async def test_a_fork_bomb_does_not_go_off(run: Run) -> None:
    result = await run(
        "import os\nmade = 0\n"
        "for _ in range(100):\n"
        "    try:\n"
        "        if os.fork() == 0: os._exit(0)\n"
        "        made += 1\n"
        "    except OSError: pass\n"
        "made"
    )
    assert result.output == "0\n"


async def test_limits_of_the_process(run: Run) -> None:
    for limit in ("RLIMIT_AS", "RLIMIT_NOFILE", "RLIMIT_CPU"):
        result = await run(f"import resource; resource.setrlimit(resource.{limit}, (10**12, 10**12))")
        assert result.error == "ValueError: not allowed to raise maximum limit"
    result = await run("import os, resource\nopen('big', 'wb').truncate(10**12)")
    assert "File too large" in result.error
    result = await run("files = [os.dup(0) for _ in range(1000)]")
    assert "Too many open files" in result.error
    assert (
        await run("os.getpriority(os.PRIO_PROCESS, 0), resource.getrlimit(resource.RLIMIT_CORE)")
    ).output == ("(19, (0, 0))\n")


async def test_the_process_as_the_system_sees_it(repl: Repl) -> None:
    await execute(repl, "1")
    async with asyncio.timeout(GUARD):
        while len(processes := descendants(os.getpid())) != 2:  # the checkpoint is about to go
            await asyncio.sleep(0)
    for pid in processes:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"
        assert int(status["CapEff"], 16) & ~0b100 == 0
        assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "1000\n"


async def test_the_environment_is_empty(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "/planted")
    result = await run(
        "import os, sys\nsorted(os.environ), sys.flags.safe_path, sys.flags.no_user_site, sys.flags.no_site, "
        "[p for p in sys.path if 'site-packages' in p]"
    )
    assert result.output == "(['HOME', 'LANG', 'MALLOC_ARENA_MAX', 'TMPDIR'], True, 1, 1, [])\n"


ORDINARY = """
import asyncio, os, sys
from pathlib import Path
from rlm_desktop.repl.host import *
async def main():
    assert os.geteuid() != 0
    repl = await Repl.start(Context("str", texts=("the text",)), scratch=Path(sys.argv[1]), handler=None, limits=ReplLimits())
    codes = ["x = 1\\nimport json, ctypes\\ncontext", "x = 2\\nimport os\\nos._exit(1)", "x", "open('/etc/passwd')",
             "open('mine', 'w').write('x')", "import socket; socket.socket()", "import os; os.fork()", "while True: pass", "x"]
    for code in codes:
        result = await repl.execute(code, timeout=0.5 if "while" in code else 20)
        print(result.status, result.restored, result.output.strip(), result.error.split(":")[0])
    await repl.close()
    print(repl.level, os.listdir(sys.argv[1]))
asyncio.run(main())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test already runs as an ordinary user")
def test_an_ordinary_user_is_confined_as_well(tmp_path: Path) -> None:
    python = next(
        (p for p in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}") if world_readable(p)), None
    )
    if python is None:
        pytest.skip("no interpreter of this version that every user can run")
    scratch = Path("/tmp") / f"rlm-ordinary-{os.getpid()}"
    scratch.mkdir(mode=0o777)
    try:
        os.chown(scratch, 65534, 65534)
        import msgspec

        paths = [str(Path(__file__).parents[2]), str(Path(msgspec.__file__).parents[1])]
        ran = subprocess.run(
            [python, "-c", ORDINARY, str(scratch)],
            env={"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
            check=False, user=65534, group=65534, extra_groups=[], cwd="/", capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert ran.stderr == ""
        assert ran.stdout.splitlines() == [
            "ok False 'the text' ",
            "crash True  The cell ended its process (exit code 1).",
            "ok False 1 ",
            "error False  PermissionError",
            "ok False 1 ",
            "error False  PermissionError",
            "error False  PermissionError",
            "timeout True  The cell took longer than 0.5 seconds and was stopped.",
            "ok False 1 ",
            "partial []",
        ]
    finally:
        shutil.rmtree(scratch)


def world_readable(program: str) -> bool:
    real = Path(program).resolve()
    return real.exists() and all(path.stat().st_mode & 0o005 == 0o005 for path in (real, *real.parents))


async def test_a_child_that_cannot_be_confined_is_not_used(start: Start, tmp_path: Path) -> None:
    """The kernel refuses Landlock to the child although the host thought it had it: a user of containers sees this."""
    wrapper = tmp_path / "python"
    wrapper.write_text(
        f"#!{sys.executable}\nimport os, sys\nsys.argv[6] = 'import ctypes; ctypes.CDLL = None; ' + sys.argv[6]\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])\n"
    )
    wrapper.chmod(0o755)
    from rlm_desktop.errors import UserError

    with pytest.raises(UserError, match="could not be started"):
        await start(Context("str", texts=("x",)), python=str(wrapper))
