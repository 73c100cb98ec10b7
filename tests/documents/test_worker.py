from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from rlm_desktop.documents import worker as worker_module
from rlm_desktop.documents.worker import ScanWorker
from rlm_desktop.errors import BugError, UserError
from rlm_desktop.events import Range

CATASTROPHE = r"(a+)+$x"


@pytest_asyncio.fixture
async def worker() -> AsyncIterator[ScanWorker]:
    worker = ScanWorker()
    yield worker
    await worker.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("The port is 25.\nThe host is mail — näh.\n")
    (tmp_path / "b.txt").write_text("a" * 60 + "b\n")
    return tmp_path


def process_of(worker: ScanWorker) -> psutil.Process:
    assert worker._process is not None
    return psutil.Process(worker._process.pid)


async def until_busy(process: psutil.Process) -> None:
    """The process has nothing to do but what it was asked last."""
    before = process.cpu_times().user
    async with asyncio.timeout(60):
        while process.cpu_times().user < before + 0.1:
            await asyncio.sleep(0.01)


async def test_everything_in_one_life(worker: ScanWorker, folder: Path) -> None:
    corpus, figures = await worker.open([folder])
    assert (figures.files, figures.lines) == (2, 3)
    assert [source.size for source in await worker.fingerprints(corpus)] == [43, 62]
    (passage,) = await worker.find(corpus, "which port", k=1)
    assert passage.text.startswith("The port is 25.")
    assert (await worker.grep(corpus, "host")).passages[0].start_line == 2
    located, nothing = await worker.locate(corpus, ["port is 25", "yellow submarine"], [Range(0, 0, 20)])
    assert located is not None
    assert located.verified
    assert nothing is None
    assert (await worker.lines(corpus.documents[0].path, "utf-8", 2, 5)).lines == ("The host is mail — näh.",)
    assert (await worker.read(corpus.documents[1])).endswith("b\n")
    if hasattr(os, "nice"):
        assert process_of(worker).nice() == 19


async def test_texts_are_traced_in_slices_whatever_their_length(
    worker: ScanWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n".join(f"{number} bottles of number {number * number} beer" for number in range(3000))
    (tmp_path / "a.txt").write_text(text)
    corpus, _ = await worker.open([tmp_path])
    lines = text.splitlines()
    monkeypatch.setattr(worker_module, "TRACED_TOGETHER", 2000)
    short = [f"What is this? {line}" for line in lines[::20]]
    mixed = "Some:\n" + "\n".join(lines[::3])
    traced = await worker.trace(corpus, [*short, text, "", mixed, "\ud800"], own="What is this? Some:")
    places = [text.index(line) for line in lines[::20]]
    assert [some[0].start for some in traced[: len(short)]] == places
    whole, nothing, several, odd = traced[len(short) :]
    assert whole == (Range(0, 0, len(text)),)
    assert nothing == odd == ()
    assert len(several) == len(lines[::3])
    monkeypatch.setattr(worker_module, "TRACED_AT_MOST", 3000)
    assert await worker.trace(corpus, [text[1:], mixed]) == [(Range(0, 1, len(text)),), ()]
    assert await worker.trace(corpus, []) == []


async def test_a_text_stands_at_its_place_and_nowhere_else(
    worker: ScanWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n".join(f"{number} bottles of “number” {number * number} beer" for number in range(3000))
    (tmp_path / "a.txt").write_text(text)
    (tmp_path / "b.txt").write_text("bé")
    corpus, _ = await worker.open([tmp_path])
    monkeypatch.setattr(worker_module, "TRACED_TOGETHER", 2000)
    places = [Range(0, start, start + 900) for start in range(0, len(text) - 900, 5000)]
    texts = [text[place.start : place.end] for place in places]
    assert await worker.stand(corpus, texts, places) == [True] * len(texts)
    assert not any(await worker.stand(corpus, texts, places[1:] + places[:1]))
    claims = [
        ("bé", Range(1, 0, 2)),
        ("é", Range(1, 1, 2)),
        ("é\n", Range(1, 1, 3)),
        ("", Range(1, 9, 9)),
        ("bé", Range(1, 0, 1)),
        ("bé", Range(2, 0, 2)),
        ("bé", Range(-1, 0, 2)),
        ("b\ud800", Range(1, 0, 2)),
    ]
    stand = await worker.stand(corpus, *map(list, zip(*claims, strict=True)))
    assert stand == [True, True, False, True, False, False, False, False]


async def test_corpora_are_kept_while_others_are_held(
    worker: ScanWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpora = []
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"The {number} harbours of Bergen were empty.\n")
        corpora.append((await worker.open([tmp_path / f"{number}.txt"]))[0])
    for corpus in corpora:
        assert await worker.grep(corpus, "harbours")
    (tmp_path / "0.txt").unlink()
    (found,) = await worker.trace(corpora[0], ["The 0 harbours of Bergen were empty."])
    assert found == (Range(0, 0, 36),)


async def test_failures_arrive_as_they_were_raised(worker: ScanWorker, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        await worker.open([tmp_path / "missing"])
    assert "missing" in caught.value.message
    assert caught.value.hint == "Check the spelling of the path."


async def test_a_cancelled_call_kills_the_process_and_the_next_starts_another(
    worker: ScanWorker, folder: Path
) -> None:
    corpus, _ = await worker.open([folder])
    first = process_of(worker)
    endless = asyncio.create_task(worker.grep(corpus, CATASTROPHE))
    waiting = asyncio.create_task(worker.find(corpus, "host"))
    await until_busy(first)
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless
    assert not first.is_running()
    assert (await waiting)[0].name == "a.txt"
    assert process_of(worker).pid != first.pid


async def test_an_endless_pattern_is_stopped(
    worker: ScanWorker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "GREP_SECONDS", 0.5)
    corpus, _ = await worker.open([folder])
    with pytest.raises(UserError, match=r"\(a\+\)\+\$x.* was stopped"):
        await worker.grep(corpus, CATASTROPHE)
    assert (await worker.find(corpus, "host"))[0].name == "a.txt"


async def test_a_process_that_dies_is_replaced(worker: ScanWorker, folder: Path) -> None:
    corpus, _ = await worker.open([folder])
    process_of(worker).kill()
    with pytest.raises(UserError, match="ended unexpectedly"):
        await worker.find(corpus, "host")
    assert (await worker.find(corpus, "host"))[0].name == "a.txt"


async def test_closing_ends_the_process_and_a_call_in_progress(folder: Path) -> None:
    worker = ScanWorker()
    corpus, _ = await worker.open([folder])
    process = process_of(worker)
    endless = asyncio.create_task(worker.grep(corpus, CATASTROPHE))
    await until_busy(process)
    await worker.close()
    assert not process.is_running()
    with pytest.raises(UserError):
        await endless
    with pytest.raises(BugError):
        await worker.find(corpus, "host")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_busy_worker_dies_with_its_parent(folder: Path) -> None:
    program = """
import asyncio, os, signal, sys
from pathlib import Path
from rlm_desktop.documents.worker import ScanWorker
async def main():
    worker = ScanWorker()
    corpus, _ = await worker.open([Path(sys.argv[1])])
    task = asyncio.create_task(worker.grep(corpus, sys.argv[2]))
    await asyncio.sleep(0)
    print(worker._process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder), CATASTROPHE],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
    )
    try:
        orphan = psutil.Process(int(done.stdout))
    except psutil.NoSuchProcess:
        return
    orphan.wait(timeout=10)
