from __future__ import annotations

from typing import Any

import pytest

from rlm_desktop.repl import cell
from rlm_desktop.repl.spare import Spare


def _nul_error() -> str:
    """What this Python calls a null byte in source: early releases of 3.11 say ValueError."""
    try:
        compile("\0", "cell", "exec")
    except (SyntaxError, ValueError) as error:
        return type(error).__name__
    raise AssertionError("null bytes compile")


NUL_ERROR = _nul_error()


def run(code: str, namespace: dict[str, Any] | None = None) -> tuple[cell.Outcome, str]:
    written: list[str] = []
    outcome = cell.run(code, 1, {} if namespace is None else namespace, written.append, Spare())
    return outcome, "".join(written)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("1 + 1", "2\n"),
        ("x = 1\nx", "1\n"),
        ("x = 1", ""),
        ("None", ""),
        ("'ä'; 2;", ""),
        ("'ä' # why; not", "'ä'\n"),
        ("", ""),
        ("# nothing", ""),
        ("for i in range(3): i", ""),
        ("(1,\n 2)", "(1, 2)\n"),
        ("import asyncio\nawait asyncio.sleep(0, 'slept')", "'slept'\n"),
        ("from __future__ import annotations\nx: Missing = 1\nx", "1\n"),
    ],
)
def test_the_last_expression_is_shown(code: str, shown: str) -> None:
    assert run(code) == (cell.Outcome(), shown)


def test_underscore_is_the_last_value() -> None:
    namespace: dict[str, Any] = {}
    run("41", namespace)
    assert run("_ + 1", namespace)[1] == "42\n"
    assert "__value__" not in namespace


def test_tracebacks_show_the_cells_own_lines_only() -> None:
    outcome, _ = run("import json\ndef parse(t):\n    return json.loads(t)\nparse('{')")
    assert outcome.status == "error"
    assert outcome.error.startswith("json.decoder.JSONDecodeError: Expecting property name")
    assert 'File "<cell 1>", line 3, in parse\n    return json.loads(t)' in outcome.traceback
    assert "decoder.py" not in outcome.traceback
    assert "cell.py" not in outcome.traceback


def test_syntax_errors_point_at_the_place() -> None:
    outcome, _ = run("if True\n    pass")
    assert outcome.error == "SyntaxError: expected ':'"
    assert "if True" in outcome.traceback
    assert "^" in outcome.traceback


@pytest.mark.parametrize("code", ["raise SystemExit", "import sys; sys.exit(0)"])
def test_exit_ends_the_cell_and_nothing_else(code: str) -> None:
    assert run(f"x = 1\n{code}")[0] == cell.Outcome()


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("raise KeyboardInterrupt", "error", "KeyboardInterrupt"),
        ("raise MemoryError", "memory", "MemoryError: the cell needed more memory than it may use"),
        ("raise GeneratorExit('x')", "error", "GeneratorExit: x"),
        ("def f(): f()\nf()", "error", "RecursionError: maximum recursion depth exceeded"),
        ("'\\0' + 1", "error", 'TypeError: can only concatenate str (not "int") to str'),
        ("x = '\0'", "error", f"{NUL_ERROR}: source code string cannot contain null bytes"),
    ],
)
def test_whatever_is_raised_is_the_outcome(code: str, status: str, error: str) -> None:
    outcome, _ = run(code)
    assert (outcome.status, outcome.error) == (status, error)


def test_an_exception_that_cannot_be_shown() -> None:
    outcome, _ = run("class E(Exception):\n    def __str__(self): raise ValueError\nraise E")
    assert outcome.error == "E: <exception str() failed>"
