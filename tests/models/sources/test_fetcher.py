import asyncio
import os
import sys
from pathlib import Path

import psutil
import pytest

from rlm_desktop.models.sources.fetcher import FetchError, run_fetcher


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


async def test_progress_lines_are_told_and_the_rest_is_returned() -> None:
    told: list[tuple[int, int]] = []
    code = "print('hello'); print('Progress 1 of 2'); print('Progress 2 of 2'); print('bye')"
    said = await run_fetcher(python(code), lambda done, total: told.append((done, total)), os.environ)
    assert said == ["hello", "bye"]
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("code", "reason", "network"),
    [
        (
            "print('WARNING: x'); print('ERROR: no space left.'); print('bye'); raise SystemExit(1)",
            "no space left",
            False,
        ),
        ("print('ERROR: Connection refused'); raise SystemExit(2)", "Connection refused", True),
        ("print('just this'); raise SystemExit(1)", "just this", False),
        ("raise SystemExit(1)", "it does not say why", False),
    ],
)
async def test_a_failure_is_the_last_thing_called_an_error(code: str, reason: str, network: bool) -> None:
    with pytest.raises(FetchError) as caught:
        await run_fetcher(python(code), lambda done, total: None, os.environ)
    assert (caught.value.reason, caught.value.network) == (reason, network)


@pytest.mark.parametrize(
    ("reason", "network", "advice"),
    [
        ("Connection refused", True, "network connection"),
        ("[Errno 28] No space left on device", False, "Free some room"),
        ("403 Client Error: Forbidden for url", False, "an account or an agreement"),
        ("Access to model x is restricted, 401", False, "an account or an agreement"),
        ("a riddle", False, "Look into it"),
    ],
)
def test_a_failure_comes_with_advice(reason: str, network: bool, advice: str) -> None:
    assert advice in FetchError(reason, network=network).advice


async def test_cancelling_ends_the_program(tmp_path: Path) -> None:
    code = "import os, sys; print(f'Progress {os.getpid()} of 1', flush=True); sys.stdin.close(); import time; time.sleep(600)"
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        run_fetcher(python(code), lambda pid, _total: started.set_result(pid), os.environ)
    )
    pid = await asyncio.wait_for(started, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(pid)
