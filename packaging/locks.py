"""The lock files: exact versions with their hashes, one block for each package.

``requirements.lock`` is everything installed as a ready wheel; ``llama-cpp-python.lock`` is the one source
package and the tools that build it.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.lock"
LLAMA = HERE / "llama-cpp-python.lock"

_START = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def blocks(lock: Path) -> dict[str, str]:
    """The text of each package's block, by package name.

    A package that needs another version on another Python has several lines, all in its block.
    """
    text = lock.read_text(encoding="utf-8")
    starts = [*_START.finditer(text)]
    ends = [match.start() for match in starts[1:]] + [len(text)]
    found: dict[str, str] = {}
    for match, end in zip(starts, ends, strict=True):
        found[match[1]] = found.get(match[1], "") + text[match.start() : end]
    return found


def version(lock: Path, package: str) -> str:
    """The locked version of a package."""
    match = _START.match(blocks(lock)[package])
    assert match is not None
    return match[2]
