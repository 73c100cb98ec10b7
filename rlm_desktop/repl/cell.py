"""Run one cell: compile it, run it, show the value of its last expression, tell how it ended."""

from __future__ import annotations

import ast
import faulthandler
import gc
import inspect
import linecache
import os
import random
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from rlm_desktop.repl import awaiting, display, hints
from rlm_desktop.repl.spare import Spare

_VALUE = "__value__"
_TRACEBACK = 20_000
_ERROR = 2_000


@dataclass(frozen=True)
class Outcome:
    """How a cell ended: ``ok``, ``error`` or ``memory``, with the last line and the whole of the traceback."""

    status: str = "ok"
    error: str = ""
    traceback: str = ""


def run(
    code: str, number: int, namespace: dict[str, Any], write: Callable[[str], object], spare: Spare
) -> Outcome:
    """Run a cell in a namespace.

    Args:
        code: Its source; ``await`` is allowed at top level.
        number: Counts cells, for tracebacks.
        namespace: Where its names live; ``_`` is set to the value of its last expression.
        write: Receives that value as text.
        spare: Given back when nothing of the cell's own runs any more.
    """
    filename = f"<cell {number}>"
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    try:
        try:
            value = _evaluate(_compile(code, filename), namespace, write)
            if value is not None:
                namespace["_"] = value
                write(display.show(value) + "\n")
        finally:
            spare.give_back()
        if advice := hints.of_code(code):
            write(f"Hint: {advice}\n")
    except SystemExit as exit_:
        return Outcome(error="" if exit_.code in (None, 0) else str(exit_.code))
    except MemoryError as error:
        return Outcome("memory", "MemoryError: the cell needed more memory than it may use", _format(error))
    except BaseException as error:
        advice = hints.of_error(error, namespace.get("documents"))
        return Outcome("error", _last_line(error), _format(error) + (f"Hint: {advice}\n" if advice else ""))
    finally:
        _let_go()
    return Outcome()


def _let_go() -> None:
    """Stop what would end this process after the cell, when there is no way back, or call its code within ours."""
    sys.settrace(None)
    sys.setprofile(None)
    gc.callbacks.clear()
    faulthandler.cancel_dump_traceback_later()
    if sys.platform != "win32":
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)


def _evaluate(compiled: CodeType, namespace: dict[str, Any], write: Callable[[str], object]) -> object:
    """The value of the last expression of a cell, awaited if it is a coroutine."""
    namespace.pop(_VALUE, None)
    awaited = eval(compiled, namespace)  # noqa: S307 - running the model's code is what this process is for
    if awaited is None and not inspect.iscoroutine(namespace.get(_VALUE)):
        return namespace.pop(_VALUE, None)

    async def everything() -> object:
        if awaited is not None:
            await awaited
        return await awaiting.value_of(namespace.pop(_VALUE, None))

    return awaiting.run(everything(), write)


def _compile(code: str, filename: str) -> CodeType:
    """Code that leaves the value of a last expression in `_VALUE`, unless a semicolon follows it."""
    tree = ast.parse(code, filename)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not _semicolon_follows(code, last):
        target = ast.Name(_VALUE, ast.Store())
        tree.body[-1] = ast.copy_location(ast.Assign([target], last.value), last)
        ast.fix_missing_locations(tree)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    compiled: CodeType = compile(tree, filename, "exec", flags=flags, dont_inherit=True)
    return compiled


def _semicolon_follows(code: str, node: ast.Expr) -> bool:
    if node.end_lineno is None or node.end_col_offset is None:
        return False
    line = code.split("\n")[node.end_lineno - 1].encode()
    return line[node.end_col_offset :].lstrip().startswith(b";")


def _last_line(error: BaseException) -> str:
    lines = traceback.format_exception_only(type(error), error)
    return display.clip(lines[-1].strip(), _ERROR) if lines else type(error).__name__


def _format(error: BaseException) -> str:
    """The traceback as Python prints it, less the frames that are not the cell's own."""
    try:
        report = traceback.TracebackException.from_exception(error, lookup_lines=False)
        _keep_cells_frames(report)
        return display.clip("".join(report.format()), _TRACEBACK)
    except Exception as failure:
        return f"{type(error).__name__}, whose text cannot be shown: {type(failure).__name__}\n"


def _keep_cells_frames(report: traceback.TracebackException, depth: int = 0) -> None:
    report.stack[:] = [frame for frame in report.stack if frame.filename.startswith("<cell ")]
    for linked in (report.__cause__, report.__context__):
        if linked is not None and depth < 8:
            _keep_cells_frames(linked, depth + 1)


def make_namespace() -> dict[str, Any]:
    """The namespace of a new REPL, that of a module ``__main__`` so that classes defined in it work.

    What cells draw at random is the same whenever the same cells are run again.
    """
    import builtins
    from types import ModuleType

    random.seed(0)
    os.environ.pop("PYTHONHASHSEED", None)  # it has done its work
    for name in ("exit", "quit"):  # `site`, which defines them, is not loaded
        setattr(builtins, name, sys.exit)
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = vars(module)
    namespace["__builtins__"] = builtins
    return namespace
