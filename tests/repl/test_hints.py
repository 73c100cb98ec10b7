"""What a model is told of what it tries and cannot do, in real children."""

from __future__ import annotations

import builtins
from pathlib import Path

import pytest

from rlm_desktop.repl import extras, hints
from rlm_desktop.repl.host import Context, ContextFile
from tests.repl.conftest import Run, Start, execute

REFUSED = [
    ("input('Name? ')", "EOFError", hints.KEYBOARD),
    ("import getpass\ngetpass.getpass()", "EOFError", hints.KEYBOARD),
    ("breakpoint()", "bdb.BdbQuit", hints.KEYBOARD),
    ("import pdb\npdb.set_trace()\nx = 1", "bdb.BdbQuit", hints.KEYBOARD),
    ("x = 1\n!ls", "SyntaxError", hints.NOTEBOOK),
    ("!pip install numpy", "SyntaxError", hints.NOTEBOOK),
    ("%timeit 1", "SyntaxError", hints.NOTEBOOK),
    ("pip install numpy", "SyntaxError", hints.NOTEBOOK),
    ("context?", "SyntaxError", hints.NOTEBOOK),
    ("import matplotlib.pyplot as plt", "ModuleNotFoundError", hints.WINDOW),
    ("from PySide6.QtWidgets import QApplication", "ModuleNotFoundError", hints.WINDOW),
    ("import requests", "ModuleNotFoundError", hints.NETWORK),
    ("import pandas as pd", "ModuleNotFoundError", "only the standard library and numpy can be imported"),
    ("import pip", "ModuleNotFoundError", "nothing can be installed"),
    ("import subprocess\nsubprocess.run(['ls'])", "PermissionError", hints.PROGRAM),
    ("import os\nos.popen('ls')", "PermissionError", hints.PROGRAM),
    ("import os\nos.execv('/bin/ls', ['ls'])", "PermissionError", hints.PROGRAM),
    ("import asyncio\nawait asyncio.create_subprocess_exec('ls')", "PermissionError", hints.PROGRAM),
    ("import os\nos.fork()", "PermissionError", hints.PROCESS),
    ("import multiprocessing as m\nm.Process(target=print).start()", "PermissionError", hints.PROCESS),
    (
        "from concurrent.futures import ProcessPoolExecutor as P\nwith P(2) as p: list(p.map(abs, [1]))",
        "Error",
        hints.PROCESS,
    ),
    ("import socket\nsocket.socket()", "PermissionError", hints.NETWORK),
    ("from urllib.request import urlopen\nurlopen('http://example.org')", "urllib.error.URLError", hints.NETWORK),
    ("open(documents[0].path)", "Error", hints.DOCUMENT.format(at="")),
    ("open('book.txt').read()", "FileNotFoundError", hints.DOCUMENT.format(at="")),
    ("open('/etc/passwd')", "Error", "the text of the documents is in `context`"),
    ("open('/etc/added', 'w')", "Error", hints.FOLDER),
    ("open('nothing.csv')", "FileNotFoundError", hints.NO_FILE),
    ("import asyncio\nasyncio.run(asyncio.sleep(0))\nasyncio.get_event_loop()", "RuntimeError", hints.LOOP),
    ("await llm_query('x')", "TypeError", "`llm_query` is not async"),
]  # fmt: skip


@pytest.fixture
async def book(start: Start, tmp_path: Path) -> Run:
    file = tmp_path / "book.txt"
    file.write_text("the text")
    repl = await start(Context("str", files=(ContextFile(str(file), "book.txt", "utf-8"),)))
    return lambda code, **options: execute(repl, code, **options)


async def test_what_is_refused_comes_with_a_hint(book: Run) -> None:
    for code, kind, hint in REFUSED:
        result = await book(code)
        assert result.status == "error", code
        assert kind in result.error.partition(":")[0], code
        last = result.traceback.splitlines()[-1]
        assert last.startswith("Hint: ") and hint in last, (code, result.traceback)


async def test_what_fails_silently_comes_with_a_hint(book: Run) -> None:
    for code, hint in (
        ("import os\nos.system('ls');", hints.PROGRAM),
        ("import webbrowser\nwebbrowser.open('x');", hints.WINDOW),
    ):
        assert (await book(code)).output == f"Hint: {hint}\n"


async def test_ordinary_mistakes_come_without(book: Run) -> None:
    for code in (
        "1 / 0",
        "if True\n    pass",
        "print('what?",
        "compile('!x', 'y', 'exec')",
        "import pickle, io\npickle.load(io.BytesIO())",
        "import os.nothing_like_it",
        "raise ModuleNotFoundError('x')",
        "raise RuntimeError('event')",
        "class E(OSError):\n    errno = property(lambda self: 1 / 0)\nraise E",
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E",
        "error = ValueError()\nerror.__cause__ = error\nraise error",
        "raise OSError(2, 'x', 7)",
    ):
        result = await book(code)
        assert result.status == "error"
        assert "Hint:" not in result.traceback or "nothing_like_it" in code, (code, result.traceback)


async def test_a_document_of_many_is_named(start: Start, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(name)
    files = tuple(ContextFile(str(tmp_path / f"{name}.txt"), f"{name}.txt", "utf-8") for name in "ab")
    result = await execute(await start(Context("list", files=files)), "open('b.txt')")
    assert result.traceback.endswith("the text is in `context[1]`.\n")


def test_without_numpy_it_is_not_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "shared", lambda: ())
    error = ModuleNotFoundError("No module named 'pandas'", name="pandas")
    assert hints.of_error(error, None).startswith("only the standard library can be imported")
    assert hints.of_error(ModuleNotFoundError(name="numpy"), None) == hints.NO_NUMPY


def test_where_programs_can_be_started_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = tmp_path / "sh"
    monkeypatch.setattr(hints, "_SHELL_PROGRAM", str(shell))
    assert hints.of_code("os.system('ls')") == hints.PROGRAM
    shell.touch()
    assert hints.of_code("os.system('ls')") == ""


def test_odd_documents_do_no_harm() -> None:
    error = FileNotFoundError(2, "No such file", b"book.txt")
    for documents in (None, [], [1, None], [object()], "book.txt"):
        assert hints.of_error(error, documents) == hints.NO_FILE
    assert hints.of_error(builtins.KeyboardInterrupt(), None) == ""
