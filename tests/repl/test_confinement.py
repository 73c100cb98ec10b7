"""What a child is and has, as the system sees it; what cells cannot do with it is in `tests.repl.escape`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.repl.host import Context
from tests.repl.conftest import GUARD, Run, Start, execute
from tests.repl.processes import descendants


async def test_the_process_as_the_system_sees_it(start: Start) -> None:
    repl = await start(level="partial")  # in namespaces there are those of bubblewrap as well
    await execute(repl, "1")
    async with asyncio.timeout(GUARD):
        while len(processes := descendants(os.getpid())) != 4:  # the checkpoint is about to go
            await asyncio.sleep(0)
    for pid in processes:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"
        assert int(status["CapEff"], 16) & ~0b100 == 0
        assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "1000\n"


async def test_the_environment_is_empty(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "/planted")
    result = await run(
        "import os, sys\nsorted(os.environ), sys.flags.safe_path, sys.flags.no_user_site, sys.flags.no_site, "
        "[p for p in sys.path if 'site-packages' in p]"
    )
    assert result.output == "(['HOME', 'LANG', 'TMPDIR'], True, 1, 1, [])\n"


async def test_a_child_that_cannot_be_confined_is_not_used(start: Start, tmp_path: Path) -> None:
    """The kernel refuses Landlock to the child although the host thought it had it: a user of containers sees this."""
    wrapper = tmp_path / "python"
    wrapper.write_text(
        f"#!{sys.executable}\nimport os, sys\nsys.argv[6] = 'import ctypes; ctypes.CDLL = None; ' + sys.argv[6]\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])\n"
    )
    wrapper.chmod(0o755)
    with pytest.raises(UserError, match="could not be started"):
        await start(Context("str", texts=("x",)), python=str(wrapper))
