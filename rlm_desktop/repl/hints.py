"""A line of advice for what cells try and cannot do here; standard library only.

Nothing is forbidden by these: Python and the sandbox refuse, and this says what to do instead.
"""

from __future__ import annotations

import errno
import linecache
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rlm_desktop.repl import extras

_FRAMES = 100
_CHAIN = 5
_WINDOWS = frozenset(
    "_tkinter tkinter turtle matplotlib seaborn plotly PySide6 PySide2 PyQt6 PyQt5 wx gi pygame IPython".split()
)
_NETWORK = frozenset("requests httpx aiohttp urllib3 openai anthropic litellm langchain transformers".split())
_PROGRAMS = re.compile(r"\b(?:os|posix)\.(?:exec|spawn|posix_spawn|system|popen)|\bcreate_subprocess_")
_AWAITED = re.compile(r"\bawait\s+((?:llm|rlm)_query)\(")
_SILENT = re.compile(r"\bos\.system\(|\b(webbrowser)\.(?:open|get)")
"""What fails without an exception where no program can be started."""
_SHELL = re.compile(r"\s*(?:[!%?]|(?:pip3?|conda|apt|apt-get) install\b|[\w.]+\?)")
_SHELL_PROGRAM = "/bin/sh"

KEYBOARD = "nobody is at the keyboard; decide in code, and print what you want to see."
NOTEBOOK = "cells are plain Python: no `!`, `%` or `?` commands, and nothing can be installed."
WINDOW = "no window or picture can be shown; print numbers or text."
NETWORK = "there is no network; the documents are in `context`, and `llm_query(prompt)` asks a model."
PACKAGES = "only the standard library{shared} can be imported, and nothing can be installed."
NO_NUMPY = "numpy is not installed; the standard library has `math`, `statistics`, `array` and `random`."
PROGRAM = "no program can be started; Python's own library is there."
PROCESS = "no process can be started; use threads (`ThreadPoolExecutor`), or `llm_query_batched(prompts)`."
DOCUMENT = "documents are not opened as files: the text is in `context{at}`."
FOLDER = "only the current folder can be read and written; the text of the documents is in `context`."
NO_FILE = "only files that cells have written are there; the text of the documents is in `context`."
LOOP = "`await` works at the top level of a cell: `await main()`."
NOT_ASYNC = "`{name}` is not async: call it without `await`; `{name}_batched(prompts)` asks many at once."


@dataclass(frozen=True)
class Failure:
    """What an exception and those behind it tell.

    Attributes:
        kinds: Names of their classes.
        text: What the first says.
        module: The package that could not be imported.
        file: The file that was named.
        code: The system's error number.
        through: Modules they came through.
        line: The line of the cell.
    """

    kinds: frozenset[str]
    text: str
    module: str
    file: str
    code: int
    through: frozenset[str]
    line: str


_TABLE: tuple[tuple[Callable[[Failure], object], str], ...] = (
    (lambda f: "BdbQuit" in f.kinds or "getpass" in f.through, KEYBOARD),
    (lambda f: "EOFError" in f.kinds and "reading a line" in f.text, KEYBOARD),
    (lambda f: "SyntaxError" in f.kinds and _SHELL.match(f.line), NOTEBOOK),
    (lambda f: f.module == "numpy", NO_NUMPY),
    (lambda f: f.module in _WINDOWS or "TclError" in f.kinds, WINDOW),
    (lambda f: f.module in _NETWORK, NETWORK),
    (lambda f: f.module, PACKAGES),
    (lambda f: "gaierror" in f.kinds or ("socket" in f.through and f.code == errno.EPERM), NETWORK),
    (lambda f: (f.code and "multiprocessing" in f.through) or ("fork" in f.line and f.code == errno.EPERM), PROCESS),
    (lambda f: f.code == errno.EPERM and ("subprocess" in f.through or _PROGRAMS.search(f.line)), PROGRAM),
    (lambda f: f.file and f.code in (errno.EACCES, errno.EROFS, errno.EPERM), FOLDER),
    (lambda f: f.file and f.code == errno.ENOENT, NO_FILE),
    (lambda f: "RuntimeError" in f.kinds and "event loop" in f.text, LOOP),
)  # fmt: skip


def of_error(error: BaseException, documents: object) -> str:
    """Advice for an exception, or nothing.

    Args:
        error: What ended the cell.
        documents: What the cell knows as ``documents``.
    """
    try:
        failure = _describe(error)
        if (name := _AWAITED.search(failure.line)) and "TypeError" in failure.kinds:
            return NOT_ASYNC.format(name=name[1])
        if failure.file and (at := _place(failure.file, documents)) is not None:
            return DOCUMENT.format(at=at)
        advice = next((advice for applies, advice in _TABLE if applies(failure)), "")
        return advice.replace("{shared}", "".join(f" and {name}" for name in extras.shared()))
    except BaseException:  # an exception of the cell's own making does what it likes when looked at
        return ""


def of_code(code: str) -> str:
    """Advice for a cell that ended well, but did less than it looks."""
    tried = _SILENT.search(code)
    if tried is None or sys.platform != "linux" or _readable(_SHELL_PROGRAM):  # no other system has a sandbox
        return ""
    return WINDOW if tried[1] else PROGRAM


def _readable(path: str) -> bool:
    """Whether a file may be read; where one may not be, it cannot be run either."""
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True


def _describe(error: BaseException) -> Failure:
    chain = list(_chain(error))
    first = next((one for one in chain if isinstance(one, OSError)), None)
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    frames = [place for one in chain for place in _frames(one.__traceback__)]
    return Failure(
        kinds=frozenset(kind.__name__ for one in chain for kind in type(one).__mro__),
        text=str(error),
        module=(missing or "").partition(".")[0],
        file=os.fsdecode(first.filename) if first and isinstance(first.filename, (str, bytes)) else "",
        code=(first.errno or 0) if first else 0,
        through=frozenset(module.partition(".")[0] for module, _line in frames),
        line=_source(error) or next((line for _module, line in reversed(frames) if line), ""),
    )


def _source(error: BaseException) -> str:
    """The line of the cell that is no Python."""
    own = isinstance(error, SyntaxError) and str(error.filename).startswith("<cell ")
    return str(getattr(error, "text", "")) if own else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(_CHAIN):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, str]]:
    """The module of each frame, and its line if it is a cell's."""
    for _ in range(_FRAMES):
        if trace is None:
            return
        frame = trace.tb_frame
        cell = frame.f_code.co_filename.startswith("<cell ")
        line = linecache.getline(frame.f_code.co_filename, trace.tb_lineno) if cell else ""
        yield str(frame.f_globals.get("__name__")), line.strip()
        trace = trace.tb_next


def _place(file: str, documents: Any) -> str | None:
    """Where in ``context`` the document of this file is; ``None`` if it is none."""
    for index, document in enumerate(documents if isinstance(documents, list) else ()):
        names = (getattr(document, "path", None), getattr(document, "name", None))
        if file in names or os.path.basename(file) in map(os.path.basename, filter(None, names)):  # noqa: PTH119
            return f"[{index}]" if len(documents) > 1 else ""
    return None
