"""The REPL where there is no fork: what it runs again, what it asks again, what it says of the rest."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.events import Progress
from rlm_desktop.repl import attempt, confine, piped, replaying
from rlm_desktop.repl.host import Context, ContextFile, Repl, ReplLimits
from rlm_desktop.repl.replaying import RUN_AGAIN
from rlm_desktop.repl.results import LOST
from tests.repl.conftest import GUARD, Host, Run, Start, descendants, execute

DIE = "import os\nos._exit(1)"


@pytest.fixture
def fork() -> bool:
    return False


async def test_no_model_is_asked_again(run: Run, host: Host) -> None:
    await run(
        "a = llm_query('a')\nfailed = llm_query('fail')\nb = rlm_query('b', context=['x' * 9, '\\ud800'])"
    )
    await run("notes = read('q', ['yes', 'no'])\nwhere = grep('fox')")
    await run("try: read('impossible', ['a'])\nexcept Exception: pass")
    models = [api for api, _args in host.calls if api != "grep"]
    assert (await run(DIE)).restored
    result = await run("a, failed, failed.error, b, [str(n) for n in notes], notes[0].passage, len(where)")
    assert result.output == (
        "('<a>', '[sub-call failed: refused]', 'refused', '<b>', ['42', ''], text:0-0\nyes, 2)\n"
    )
    assert result.error == ""
    assert [api for api, _args in host.calls if api != "grep"] == models


async def test_threads_may_ask_in_another_order(run: Run, host: Host) -> None:
    await run(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    replies = list(pool.map(llm_query, [str(i % 7) for i in range(60)]))"
    )
    asked = len(host.calls)
    await run(DIE)
    result = await run("replies == [f'<{i % 7}>' for i in range(60)]")
    assert (result.output, result.error) == ("True\n", "")
    assert len(host.calls) == asked == 60


async def test_equal_questions_get_their_answers_in_order(start: Start) -> None:
    answers = iter(range(10))

    async def count(_api: str, _args: object) -> object:
        return [{"text": str(next(answers))}]

    repl = await start(handler=count)
    await execute(repl, "said = [llm_query('same') for _ in range(4)]")
    await execute(repl, DIE)
    assert (await execute(repl, "said")).output == "['0', '1', '2', '3']\n"


async def test_chance_and_the_order_of_sets_come_out_the_same(run: Run) -> None:
    code = "import random\nx = random.random(), random.sample(range(99), 5), list(set(map(str, range(50)))), hash('x')"
    before = await run(f"{code}\nx")
    await run(DIE)
    result = await run("x")
    assert (result.output, result.error) == (before.output, "")


async def test_what_the_clock_makes_different_is_named(run: Run) -> None:
    await run("import time\nx = 1\nstarted = time.time_ns()\nprint(started)")
    await run("here = object()")
    assert (await run(DIE)).restored
    result = await run("x")
    assert (result.status, result.output) == ("ok", "1\n")
    assert result.error == f"{RUN_AGAIN} These variables came out otherwise: started."
    assert (await run("x")).error == ""


async def test_a_cell_that_ends_otherwise_is_told(run: Run, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    await run(f"import os\nif os.path.exists({str(flag)!r}): raise ValueError('again')")
    flag.touch()
    await run(DIE)
    assert (await run("1")).error == f"{RUN_AGAIN} 1 of them ended otherwise, so variables may differ."


async def test_a_new_question_of_a_cell_that_is_run_again_is_not_asked(
    run: Run, host: Host, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    await run(f"import os\nx = llm_query('b' if os.path.exists({str(flag)!r}) else 'a')")
    flag.touch()
    await run(DIE)
    result = await run("x")
    assert "not asked when it is run again" in result.output
    assert result.error == f"{RUN_AGAIN} These variables came out otherwise: x."
    assert len(host.calls) == 1


async def test_a_cell_that_kills_when_it_is_run_again_is_left_out(run: Run, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    await run("x = 1")
    await run(f"import os\nif os.path.exists({str(flag)!r}): os._exit(1)\ny = 2")
    flag.touch()
    await run("z = 3")
    await run(DIE)
    result = await run("x, z, 'y' in globals()")
    assert result.output == "(1, 3, False)\n"
    assert result.error.startswith(f"{RUN_AGAIN} 1 of them could not be.")


async def test_after_some_attempts_the_variables_are_given_up(run: Run, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    for _ in range(replaying.ATTEMPTS // 2):
        await run(f"import os\nx = 1\nif os.path.exists({str(flag)!r}): os._exit(1)")
    flag.touch()
    await run(DIE)
    result = await run("context, 'x' in globals()")
    assert (result.output, result.error) == ("('the text', False)\n", LOST)
    assert (await run("1")).error == ""


async def test_files_in_scratch_are_made_again(run: Run) -> None:
    await run("open('new.txt', 'x').write('one')")
    await run("open('new.txt', 'a').write('two')")
    await run(f"open('new.txt', 'a').write('three')\n{DIE}")
    assert (await run("open('new.txt').read()")).output == "'onetwo'\n"


async def test_closing_ends_what_is_going_on(start: Start) -> None:
    for turns in (0, 1, 5, 20, 60):
        repl = await start()
        await execute(repl, "x = 1\nimport time; time.sleep(0.05)")
        await execute(repl, DIE)
        running = asyncio.create_task(repl.execute("while True: pass", timeout=100))
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.wait_for(repl.close(), GUARD)
        (ended,) = await asyncio.gather(running, return_exceptions=True)
        assert isinstance(ended, UserError) or ended.status != "ok"  # type: ignore[union-attr]
        assert descendants(os.getpid()) == []


async def test_running_again_is_shown(run: Run) -> None:
    await run("x = 1")
    await run("x += 1")
    await run(DIE)
    shown: list[Progress] = []
    assert (await run("x", on_progress=shown.append)).output == "2\n"
    assert [(progress.done, progress.total) for progress in shown] == [(0, 2), (1, 2)]


async def test_history_is_what_it_was(repl: Repl) -> None:
    repl.set_history(["one"])
    await execute(repl, "seen = list(history)")
    repl.set_history(["one", "two"])
    await execute(repl, DIE)
    assert (await execute(repl, "seen, history")).output == "(['one'], ['one', 'two'])\n"


async def test_documents_come_again_where_they_came(start: Start, tmp_path: Path) -> None:
    repl = await start("first")
    (tmp_path / "b").write_text("second")
    await execute(repl, "before = type(context).__name__")
    await repl.add([ContextFile(str(tmp_path / "b"), "b", "utf-8")])
    await execute(repl, "after = type(context).__name__")
    await execute(repl, DIE)
    result = await execute(repl, "before, after, context")
    assert (result.output, result.error) == ("('str', 'list', ['first', 'second'])\n", "")


async def test_a_document_that_is_gone_is_said_and_may_come_back(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("text")
    repl = await start(Context("str", files=(ContextFile(str(file), "a", "utf-8"),)))
    await execute(repl, "x = 1")
    await execute(repl, DIE)
    file.rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="cannot be read"):
        await execute(repl, "x")
    (tmp_path / "elsewhere").rename(file)
    assert (await execute(repl, "x")).output == "1\n"


async def test_an_added_document_that_is_gone_is_said_and_may_come_back(start: Start, tmp_path: Path) -> None:
    repl = await start()
    file = tmp_path / "a"
    file.write_text("added")
    await execute(repl, "x = 1")
    await repl.add([ContextFile(str(file), "a", "utf-8")])
    await execute(repl, DIE)
    file.rename(tmp_path / "elsewhere")
    for _ in range(2):
        with pytest.raises(UserError, match="cannot be read"):
            await execute(repl, "x")
    (tmp_path / "elsewhere").rename(file)
    assert (await execute(repl, "x, context[1]")).output == "(1, 'added')\n"


async def test_what_came_out_otherwise_is_said_after_documents_came_too(start: Start, tmp_path: Path) -> None:
    repl = await start()
    (tmp_path / "a").write_text("added")
    await execute(repl, "import time\nnow = time.time_ns()")
    await execute(repl, DIE)
    await repl.add([ContextFile(str(tmp_path / "a"), "a", "utf-8")])
    assert (await execute(repl, "1")).error.endswith("came out otherwise: now.")
    assert (await execute(repl, "1")).error == ""


async def test_cancelling_while_documents_come_spoils_no_later_cell(start: Start, tmp_path: Path) -> None:
    repl = await start()
    (tmp_path / "a").write_text("added" * 10**6)
    await execute(repl, "x = 1")
    whole = "x, [text[:5] for text in ([context] if isinstance(context, str) else context)]"
    texts = ["the t"]
    for turns in range(6):
        adding = asyncio.create_task(repl.add([ContextFile(str(tmp_path / "a"), "a", "utf-8")]))
        for _ in range(turns):
            await asyncio.sleep(0)
        adding.cancel()
        (came,) = await asyncio.gather(adding, return_exceptions=True)
        texts += ["added"] if came is None else []  # the child was quicker
        assert (await execute(repl, whole)).output == f"(1, {texts})\n"


async def test_what_cells_do_with_the_standard_descriptors_stays_out_of_the_wire(run: Run) -> None:
    code = "import os, sys\nfor fd in (0, 1, 2): os.write(fd, b'x' * 100)\nos.system('echo out; cat; echo err >&2')\n"
    result = await run(
        f"{code}sys.__stdout__.write('y'); sys.__stdout__.flush()\nsys.stdin.read(), os.read(0, 9)"
    )
    assert (result.status, result.output) == ("ok", "('', b'')\n"), result


async def test_nonsense_on_the_wire_ends_the_cell(run: Run) -> None:
    await run("x = 1")
    code = (
        "import os\nfor fd in range(3, 10):\n    try: os.write(fd, b'\\xff' * 99)\n    except OSError: pass"
    )
    result = await run(f"{code}\nwhile True: pass")
    assert (result.status, result.restored) == ("crash", True)
    assert "own descriptors" in result.error
    assert (await run("x")).output == "1\n"


async def test_threads_left_behind_disturb_no_later_cell(run: Run, host: Host) -> None:
    host.release.clear()
    code = "import threading\nthread = threading.Thread(target=llm_query, args=('late',))\nthread.start()\nprint('on')"
    first = asyncio.create_task(run(code))
    await asyncio.wait_for(host.called.wait(), GUARD)
    assert (await first).status == "ok"
    host.release.set()
    assert (await run("thread.join()\nllm_query('b')")).output.endswith(
        "'<b>'\n"
    )  # its traceback may come first


async def test_a_child_that_dies_between_cells_is_replaced(repl: Repl) -> None:
    await execute(repl, "x = 1")
    (child,) = descendants(os.getpid())
    os.kill(child, signal.SIGKILL)
    result = await execute(repl, "x")
    if result.status != "ok":  # it was handed to the dead
        result = await execute(repl, "x")
    assert result.output == "1\n"


async def test_what_a_cell_has_started_ends_with_it(run: Run) -> None:
    result = await run("import subprocess\nprocess = subprocess.Popen(['sleep', '1000'])\nprocess.pid")
    started = psutil.Process(int(result.output))
    await run(DIE.replace("_exit(1)", "kill(os.getpid(), 9)"))
    await run("1")
    await asyncio.to_thread(psutil.wait_procs, [started], GUARD)
    assert not started.is_running()


async def test_where_there_are_no_groups_of_processes_their_tree_is_killed(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done on Windows, done here."""
    monkeypatch.setattr(piped, "sys", SimpleNamespace(platform="win32"))
    for flag in ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP", "BELOW_NORMAL_PRIORITY_CLASS"):
        monkeypatch.setattr(subprocess, flag, 0, raising=False)
    repl = await start()
    result = await execute(
        repl, "import subprocess\nprocess = subprocess.Popen(['sleep', '1000'])\nprocess.pid"
    )
    started = psutil.Process(int(result.output))
    assert (await execute(repl, "while True: pass", timeout=0.1)).status == "timeout"
    await asyncio.to_thread(psutil.wait_procs, [started], GUARD)
    assert not started.is_running()
    assert (await execute(repl, "'process' in globals()")).output == "True\n"


async def test_memory_is_watched_where_the_system_sets_no_limit(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (attempt, replaying):
        monkeypatch.setattr(module, "WATCHES_MEMORY", True)
    monkeypatch.setattr(attempt, "_LOOK", 0.01)
    repl = await start(limits=ReplLimits(memory_bytes=64 * 2**20))
    await execute(repl, "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nx = 1")
    result = await execute(
        repl, "big = []\nfor _ in range(64): big.append(bytearray(b'x' * 2**22))\nwhile True: pass"
    )
    assert (result.status, result.restored) == ("memory", True)
    assert (await execute(repl, "x")).output == "1\n"


async def test_a_hundred_kills_lose_no_variable(start: Start) -> None:
    """At random moments: before the cell begins, in its middle, at its end, and while others are run again."""
    chance = random.Random(5)
    repl = await start()
    await execute(repl, "values = []")
    kept = 0
    for number in range(100):
        begun = asyncio.Event()
        code = (
            f"values.append({number})\nprint('on')\nfor _ in range({chance.choice([0, 1000, 10**9])}): pass"
        )
        running = asyncio.create_task(
            repl.execute(code, timeout=60, on_output=lambda _s, _t, begun=begun: begun.set())
        )
        if chance.random() < 0.5:
            await asyncio.wait_for(begun.wait(), GUARD)
        for _ in range(chance.randrange(20)):
            await asyncio.sleep(0)
        if child := descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child[0], signal.SIGKILL)
        else:  # it is being started
            running.cancel()
        (ended,) = await asyncio.gather(running, return_exceptions=True)
        if isinstance(ended, BaseException):
            assert isinstance(ended, asyncio.CancelledError)
        elif ended.status == "ok":
            kept += 1
        else:
            assert ended.restored, ended
        if chance.random() < 0.3:  # while they are run again
            running = asyncio.create_task(execute(repl, "1"))
            while not running.done() and not (child := descendants(os.getpid())):
                await asyncio.sleep(0)
            for pid in child[:1]:
                with contextlib.suppress(ProcessLookupError):  # it has ended by itself since
                    os.kill(pid, signal.SIGKILL)
            await asyncio.gather(running, return_exceptions=True)  # the process may not have started yet
        result = await execute(repl, "len(values)")
        if result.status != "ok":  # it was handed to the dead
            result = await execute(repl, "len(values)")
        assert (result.output, result.error) == (f"{kept}\n", "")


WITHOUT = """
import asyncio, builtins, importlib, multiprocessing, os, psutil, shutil, signal, socket, subprocess, sys, tempfile
importing = builtins.__import__
def refusing(name, globals=None, locals=None, fromlist=(), level=0):
    if name.partition(".")[0] in {"fcntl", "resource", "pwd", "grp", "termios", "_posixshmem"}:
        if (globals or {}).get("__name__", "").startswith("rlm_desktop"):
            raise ImportError(name)
    return importing(name, globals, locals, fromlist, level)
builtins.__import__ = refusing
for module, names in {
    os: ("fork", "pidfd_open", "memfd_create", "nice", "setsid", "O_NONBLOCK", "O_CLOEXEC", "waitstatus_to_exitcode"),
    signal: ("SIGXCPU", "pidfd_send_signal", "pthread_sigmask"),
    socket: ("AF_UNIX", "SOCK_SEQPACKET", "send_fds", "recv_fds"),
}.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_nothing_of_linux_is_needed_to_import_it() -> None:
    modules = ("host", "replaying", "solo", "endings", "journal")
    names = [f"rlm_desktop.repl.{module}" for module in modules]
    command = [sys.executable, "-c", WITHOUT, *names]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    ran = subprocess.run([*command, "rlm_desktop.repl.forking"], capture_output=True, timeout=60, check=False)
    assert ran.returncode, "the test can fail"


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_no_other_system_has_a_sandbox(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(
        confine, "offered", confine.offered.__wrapped__
    )  # what it said of this system is kept
    level, why = confine.available()
    assert level == "none"
    assert why


async def test_one_has_to_ask_for_it(start: Start) -> None:
    with pytest.raises(UserError, match="--allow-unconfined"):
        await start(allow_unconfined=False)
    assert (await start()).level == "none"


HOST_THAT_DIES = """
import asyncio, sys
from pathlib import Path
from rlm_desktop.repl.host import *
async def main():
    repl = await Repl.start(Context("str", texts=("t",)), scratch=Path(sys.argv[1]), handler=None,
                            limits=ReplLimits(), fork=False, allow_unconfined=True)
    await repl.execute("print(1)\\nwhile True: pass", timeout=1000, on_output=lambda s, t: print(t, flush=True))
asyncio.run(main())
"""


async def test_the_child_ends_with_its_host(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOST_THAT_DIES, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        (child,) = psutil.Process(process.pid).children()
        process.kill()
    await asyncio.to_thread(child.wait, GUARD)
