"""Long texts lie in pages of 2 MB at every level where the kernel gives such pages, so that decoding and forking is quick."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_desktop.repl.host import Context, ContextFile, Repl
from rlm_desktop.repl.zygote import ENVIRONMENT
from tests.repl.conftest import LIMITS, Host
from tests.repl.escape.stage import levels
from tests.repl.processes import descendants

TEXT = b"And it came to pass.\n" * 3_000_000
ANY_PROCESS = "text = str(b'x' * 63_000_000, 'ascii'); print(open('/proc/self/smaps_rollup').read())"


def found(rollup: str) -> int:
    """Bytes in large pages."""
    line = re.search(r"AnonHugePages:\s+(\d+) kB", rollup)
    return int(line[1]) * 1024 if line else 0


def of_children() -> int:
    """The most of any process below this one."""
    most = 0
    for process in descendants(os.getpid()):
        with contextlib.suppress(OSError):  # a checkpoint that has gone, or none of ours to look into
            most = max(most, found(Path(f"/proc/{process}/smaps_rollup").read_text("ascii")))
    return most


@pytest.mark.parametrize("level", levels())
async def test_a_long_text_lies_in_large_pages(level: str, host: Host, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ANY_PROCESS]
    any_process = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    text = tmp_path / "long.txt"
    text.write_bytes(TEXT)
    context = Context("str", files=(ContextFile(str(text), "long.txt", "utf-8"),))
    repl = await Repl.start(context, scratch=tmp_path, handler=host, limits=LIMITS, level=level)  # type: ignore[arg-type]
    try:
        assert (await repl.execute("len(context)", timeout=20)).output == f"{len(TEXT)}\n"
        if os.geteuid() == 0 and found(any_process.stdout) > 2**25:
            assert of_children() > 2**23
    finally:
        await repl.close()
