"""What llama.cpp says while it works, kept so that a failure can be explained in one sentence."""

from __future__ import annotations

import ctypes
import re
from collections import deque

import llama_cpp

_LINES: deque[str] = deque(maxlen=5000)
_BUFFER = re.compile(r"load_tensors: +(\S+) model buffer size")
_CAUSE = re.compile(r"(?:error loading model(?: \w+)?|failed to \w+[^:]*|error): (.+)")


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _take(_level: int, text: bytes, _data: ctypes.c_void_p) -> None:
    _LINES.extend(line for line in text.decode("utf-8", "replace").splitlines() if line.strip())


def capture() -> None:
    """Send llama.cpp's log lines here. The callback is kept by this module: freed, llama.cpp would crash."""
    llama_cpp.llama_log_set(_take, ctypes.c_void_p(0))


def clear() -> None:
    """Forget what was said so far."""
    _LINES.clear()


def buffers() -> set[str]:
    """The kinds of memory weights were put into, as llama.cpp names them."""
    return {found[1] for line in _LINES if (found := _BUFFER.search(line))}


def cause() -> str:
    """What llama.cpp gave as the reason of a failure, or empty."""
    for line in _LINES:
        if found := _CAUSE.search(line):
            return found[1].strip().rstrip(".")
    return ""
