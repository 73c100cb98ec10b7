"""Long texts lie in pages of 2 MB at every level, so that decoding and forking them is quick."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rlm_desktop.repl.host import Context, ContextFile, Repl
from tests.repl.conftest import LIMITS, Host
from tests.repl.escape.stage import levels
from tests.repl.processes import descendants

_SETTING = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def large_pages() -> int:
    """Bytes in them of the process below this one that has most."""
    most = 0
    for process in descendants(os.getpid()):
        found = re.search(r"AnonHugePages:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text())
        most = max(most, int(found[1]) * 1024 if found else 0)
    return most


@pytest.mark.parametrize("level", levels())
async def test_a_long_text_lies_in_large_pages(level: str, host: Host, tmp_path: Path) -> None:
    if os.geteuid() != 0 or not _SETTING.exists() or "[never]" in _SETTING.read_text():
        return  # only root may look into these processes, and not every kernel has such pages
    text = tmp_path / "long.txt"
    text.write_bytes(b"And it came to pass.\n" * 3_000_000)
    context = Context("str", files=(ContextFile(str(text), "long.txt", "utf-8"),))
    repl = await Repl.start(context, scratch=tmp_path, handler=host, limits=LIMITS, level=level)  # type: ignore[arg-type]
    try:
        assert (await repl.execute("len(context)", timeout=20)).output == "63000000\n"
        assert large_pages() > 2**25
    finally:
        await repl.close()
