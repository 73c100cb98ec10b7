"""What cells can do and what comes back, with real children."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.repl.host import Context, ContextFile, Repl, sandbox_level
from tests.repl.conftest import Host, Run, Start, both, execute


@both
async def test_output_value_and_variables(run: Run) -> None:
    pieces: list[tuple[str, str]] = []
    result = await run(
        "import sys\nprint('one')\nprint('two', file=sys.stderr)\nx = [1, 2]\nx",
        on_output=lambda stream, text: pieces.append((stream, text)),
    )
    assert result.status == "ok"
    assert result.output == "one\ntwo\n[1, 2]\n"
    assert pieces == [("stdout", "one\n"), ("stderr", "two\n"), ("stdout", "[1, 2]\n")]
    assert result.variables == {"x": "list, 2 items: [1, 2]"}
    assert (await run("x, _")).output == "([1, 2], [1, 2])\n"


@both
async def test_output_comes_while_the_cell_runs(run: Run, host: Host) -> None:
    host.release.clear()
    seen: list[str] = []
    running = asyncio.create_task(
        run(
            "print('before', end='')\nllm_query('wait')\nprint('after')",
            on_output=lambda _s, text: seen.append(text),
        )
    )
    await asyncio.wait_for(host.called.wait(), 20)
    assert seen == ["before"]
    host.release.set()
    assert (await running).output == "beforeafter\n"


@both
async def test_one_text_is_a_str(start: Start) -> None:
    repl = await start("ein Text 😀\r\nmit \ud800")
    result = await execute(repl, "ascii(context), len(documents), documents[0].chars")
    assert result.output == repr((ascii("ein Text 😀\r\nmit \ud800"), 1, 17)) + "\n"


@both
async def test_fifty_files_are_a_list_in_order(start: Start, tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.txt").write_text(f"file {number}" * (number % 3))
    files = tuple(ContextFile(str(tmp_path / f"{n}.txt"), f"n{n}", "utf-8") for n in range(50))
    repl = await start(Context("list", files=files))
    result = await execute(
        repl,
        "assert [d.index for d in documents] == list(range(50))\n"
        "assert all(text == f'file {i}' * (i % 3) and documents[i].chars == len(text) for i, text in enumerate(context))\n"
        "documents[7].name, documents[7].path, type(context).__name__, len(context)",
    )
    assert result.output == repr(("n7", str(tmp_path / "7.txt"), "list", 50)) + "\n"


@both
@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("naïve".encode("latin-1"), "latin-1"),
        ("Ünï “q”\r\n".encode("cp1252"), "cp1252"),
        (b"\xef\xbb\xbfmarked", "utf-8-sig"),
        (b"not marked", "utf-8-sig"),
        ("grün\n".encode("utf-16"), "utf-16"),
        ("漢字".encode("shift_jis"), "shift_jis"),
        (b"bad \xff\xfe bytes \xe2\x82", "utf-8"),
        (b"", "utf-8"),
    ],
)
async def test_files_are_decoded_as_everywhere_else(
    start: Start, tmp_path: Path, data: bytes, encoding: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    repl = await start(Context("str", files=(ContextFile(str(file), "file", encoding),)))
    assert (await execute(repl, "ascii(context)")).output == repr(
        ascii(data.decode(encoding, "replace"))
    ) + "\n"


@both
async def test_calls_of_every_kind(run: Run, host: Host) -> None:
    result = await run(
        "print(llm_query('a', model='m'), llm_query_batched(['b', 'fail', 'c']))\n"
        "print(rlm_query('d', context=['x', 'y']))\n"
        "print(find('words'), grep('w.rds', k=1))\n"
        "print([str(r) for r in read('q', ['yes', 'no'])])"
    )
    assert result.status == "ok", result.traceback
    assert result.output.splitlines() == [
        "<a> ['<b>', '[sub-call failed: refused]', '<c>']",
        "<d>",
        "a.txt:2-4",
        "found words",
        "",
        "a.txt:2-4",
        "found words a.txt:2-4",
        "found w.rds",
        "['42', '']",
    ]
    assert (result.host_calls, result.failed_calls) == (9, 1)
    assert [api for api, _args in host.calls] == [
        "llm_query",
        "llm_query",
        "rlm_query",
        "find",
        "grep",
        "read",
    ]
    assert host.calls[2][1]["contexts"] == [["x", "y"]]


@both
async def test_refused_calls(run: Run) -> None:
    result = await run("read('impossible', ['a', 'b'])")
    assert (result.status, result.host_calls, result.failed_calls) == ("ok", 2, 2)
    assert "[sub-call failed: no model]" in result.output
    result = await run("find('nothing')")
    assert result.status == "error"
    assert result.error.endswith("CallError: no index")
    assert "api.py" not in result.traceback


@both
async def test_threads_call_at_the_same_time(run: Run, host: Host) -> None:
    host.release.clear()
    running = asyncio.create_task(
        run(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "with ThreadPoolExecutor(8) as pool:\n"
            "    replies = list(pool.map(llm_query, map(str, range(40))))\n"
            "replies == [f'<{i}>' for i in range(40)]"
        )
    )

    async def eight_wait() -> None:
        while len(host.calls) < 8:
            await asyncio.sleep(0)

    await asyncio.wait_for(eight_wait(), 20)
    host.release.set()
    assert (await running).output == "True\n"


@both
async def test_async_cells(run: Run) -> None:
    result = await run(
        "import asyncio\nawait asyncio.gather(*(asyncio.to_thread(llm_query, p) for p in 'ab'))"
    )
    assert result.output == "['<a>', '<b>']\n", result.traceback


@both
async def test_errors_keep_the_variables(run: Run) -> None:
    result = await run("x = 5\nprint('shown')\n1 / 0")
    assert (result.status, result.error, result.output) == (
        "error",
        "ZeroDivisionError: division by zero",
        "shown\n",
    )
    assert '  File "<cell 1>", line 3, in <module>\n    1 / 0' in result.traceback
    assert not result.restored
    assert (await run("x")).output == "5\n"


@both
async def test_api_names_come_back(run: Run) -> None:
    await run("context = documents = llm_query = history = None\nanswer = 'my draft'")
    result = await run("context, llm_query('x'), answer, history")
    assert result.output == "('the text', '<x>', {'content': 'my draft', 'ready': False}, [])\n"
    assert (result.draft, result.answer) == ("my draft", None)


@both
@pytest.mark.parametrize(
    "code",
    [
        "answer['content'] = 'A'\nanswer['ready'] = True",
        "answer = {'content': 'A', 'ready': True}",
        "FINAL('A')",
        "SUBMIT('A')",
        "x = 'A'\nFINAL_VAR('x')",
    ],
)
async def test_answers(run: Run, code: str) -> None:
    result = await run(code)
    assert (result.status, result.answer, result.draft) == ("ok", "A", "A")


@both
async def test_history_is_the_hosts(repl: Repl) -> None:
    repl.set_history(["turn one", {"code": "x"}])
    assert (await execute(repl, "history")).output == "['turn one', {'code': 'x'}]\n"


@both
async def test_exit_and_input(run: Run) -> None:
    assert (await run("x = 1\nexit()")).status == "ok"
    assert (await run("x")).output == "1\n"
    asked = await run("input('Your name? ')")
    assert asked.error == "EOFError: EOF when reading a line"
    assert "Hint: nobody is at the keyboard" in asked.traceback


@both
async def test_a_redirected_stdout_is_put_back(run: Run) -> None:
    await run("import io, sys\nsys.stdout = io.StringIO()\nprint('lost')")
    assert (await run("print('seen')")).output == "seen\n"


@both
async def test_scratch_can_be_written_and_libraries_imported(run: Run) -> None:
    result = await run(
        "import csv, datetime, hashlib, sqlite3, statistics, tempfile, zoneinfo\n"
        "from pathlib import Path\n"
        "Path('notes.txt').write_text('kept')\n"
        "with tempfile.NamedTemporaryFile() as file: file.write(b'x')\n"
        "db = sqlite3.connect('t.db'); db.execute('create table t(a)'); db.close()\n"
        "Path('notes.txt').read_text(), hashlib.sha256(b'').hexdigest()[:4]"
    )
    assert result.output == "('kept', 'e3b0')\n", result.traceback


@both
async def test_classes_of_cells_are_whole(run: Run) -> None:
    code = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nP(1)"
    assert (await run(code)).output == "P(x=1)\n"


async def test_many_at_once(start: Start) -> None:
    repls = await asyncio.gather(*(start(f"text {n}") for n in range(5)))
    results = await asyncio.gather(*(execute(repl, "context") for repl in repls))
    assert [result.output for result in results] == [f"'text {n}'\n" for n in range(5)]


@both
async def test_closed_twice_and_used_no_more(repl: Repl) -> None:
    await asyncio.gather(repl.close(), repl.close())
    await repl.close()
    with pytest.raises(UserError, match="closed"):
        await execute(repl, "1")


@both
async def test_documents_that_cannot_be_read(start: Start, tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.write_text("x")
    for path in (tmp_path / "missing", tmp_path):
        files = (ContextFile(str(good), "g", "utf-8"), ContextFile(str(path), "n", "utf-8"))
        with pytest.raises(UserError, match=str(path)):
            await start(Context("list", files=files))
    with pytest.raises(UserError, match="unknown encoding"):
        await start(Context("str", files=(ContextFile(str(good), "n", "no-such"),)))


@both
async def test_an_interpreter_that_does_not_start(start: Start, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be started"):
        await start(python=str(tmp_path / "python"))
    with pytest.raises(UserError, match="could not be started"):
        await start(python="/bin/false")


async def test_without_a_sandbox_one_has_to_ask(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    from rlm_desktop.repl import confine

    monkeypatch.setattr(confine, "offered", lambda: confine.Confinement(why="no Landlock"))
    with pytest.raises(UserError, match=r"no Landlock.*--allow-unconfined"):
        await start()
    repl = await start(allow_unconfined=True)
    assert repl.level == "none"
    assert (await execute(repl, "open('/etc/hostname').read() != ''")).output == "True\n"


async def test_the_level_of_this_machine(repl: Repl) -> None:
    assert sandbox_level()[0] == repl.level != "none"


async def test_less_confinement_than_there_is(start: Start) -> None:
    assert (await start(level="partial")).level == "partial"


def test_a_context_is_one_or_many() -> None:
    with pytest.raises(ValueError, match="one document"):
        Context("str", texts=("a", "b"))
    with pytest.raises(ValueError, match="not both"):
        Context("list", files=(ContextFile("p", "n", "utf-8"),), texts=("b",))


@both
async def test_documents_are_added(start: Start, tmp_path: Path, fork: bool) -> None:
    repl = await start("the first")
    files = []
    for name in ("b", "c"):
        (tmp_path / name).write_text(f"text of {name}")
        files.append(ContextFile(str(tmp_path / name), name, "utf-8"))
    await execute(repl, "x = len(context)")
    await repl.add(files)
    shown = "context, [(d.index, d.name, d.chars) for d in documents], 'x' in globals()"
    after = "(['the first', 'text of b', 'text of c'], [(0, 'text 0', 9), (1, 'b', 9), (2, 'c', 9)], {})\n"
    assert (await execute(repl, shown)).output == after.format(True)
    await execute(repl, "import threading\nthreading.Thread(target=threading.Event().wait).start()")
    kept = not fork  # where there is no fork, threads cost no way back
    assert (await execute(repl, "import os\nos._exit(1)")).restored is kept
    assert (await execute(repl, shown)).output == after.format(kept)
    gone = ContextFile(str(tmp_path / "gone"), "gone", "utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        await repl.add([*files, gone])
    assert (await execute(repl, "len(context), len(documents)")).output == "(3, 3)\n"
