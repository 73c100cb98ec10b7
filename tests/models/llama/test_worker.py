"""The worker process over models that compute nothing: loading, stopping, waiting for its turn, making room."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rlm_desktop.config import machine_locks
from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Completion, Message, ModelDied, Request
from rlm_desktop.models.llama.client import LlamaModel, LlamaWorker
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.turn import Turn
from rlm_desktop.models.notices import ModelNotice

FAKE = Path(__file__).with_name("fake_hosting.py")
ROOT = Path(__file__).parents[3]
SOON = 20.0


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heard: list[ModelNotice] = []
        self._news = asyncio.Event()
        boot = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); runpy.run_path({str(FAKE)!r})"
        self.worker = LlamaWorker(
            self._hear, command=(sys.executable, "-c", boot, "rlm-desktop ask"), patience=0.8
        )

    def _hear(self, notice: ModelNotice) -> None:
        self.heard.append(notice)
        self._news.set()

    async def hear(self, state: str, times: int = 1) -> ModelNotice:
        """The notice of that state that is heard so many times from now on the last."""
        async with asyncio.timeout(SOON):
            while True:
                found = [notice for notice in self.heard if notice.state == state]
                if len(found) >= times:
                    return found[times - 1]
                self._news.clear()
                await self._news.wait()

    async def model(self, name: str = "m", kind: str = "ordinary") -> LlamaModel:
        path = self.folder / f"{name}.gguf"
        path.write_text(kind)
        return await self.worker.open(path, name=name, options=Options())


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    bench = Bench(tmp_path)
    yield bench
    await bench.worker.close()


@pytest.fixture
def turn(bench: Bench) -> Turn:
    """Another process's turn, as far as the worker can tell."""
    return Turn(machine_locks(), slice_seconds=0, program="rlm-desktop bench")


def say(model: LlamaModel, prompt: str, begun: asyncio.Event | None = None) -> asyncio.Task[Completion]:
    request = Request(messages=(Message("user", prompt),))
    call = model.complete(request, lambda _: begun.set() if begun else None)
    return asyncio.create_task(asyncio.wait_for(call, SOON))


async def stop(*tasks: asyncio.Task[Completion]) -> None:
    for task in tasks:
        task.cancel()
    async with asyncio.timeout(SOON):
        await asyncio.gather(*tasks, return_exceptions=True)


# ---------------------------------------------------------------- stopping


async def test_a_loading_is_cut_off_without_a_word_of_failure_and_begins_anew(bench: Bench) -> None:
    model = await bench.model(kind="endless")
    call = say(model, "1")
    await bench.hear("loading")
    await stop(call)
    await bench.hear("unloaded")
    assert {notice.state for notice in bench.heard} == {"loading", "unloaded"}
    (bench.folder / "m.gguf").write_text("ordinary")
    assert (await say(model, "1")).text == "done"


async def test_a_step_is_cut_off_and_the_others_go_on(bench: Bench) -> None:
    model = await bench.model()
    begun = asyncio.Event()
    long = say(model, "long", begun)
    await asyncio.wait_for(begun.wait(), SOON)
    short = say(model, "3")
    await stop(long)
    assert (await short).text == "done"


async def test_one_of_many_is_stopped(bench: Bench) -> None:
    model = await bench.model()
    begun = asyncio.Event()
    endless, ordinary = say(model, "100000", begun), say(model, "10")
    await asyncio.wait_for(begun.wait(), SOON)
    await stop(endless)
    assert (await ordinary).text == "done"


async def test_who_is_stopped_while_it_waits_leaves_the_queue_and_says_so(bench: Bench, turn: Turn) -> None:
    model = await bench.model()
    assert turn.take()
    call = say(model, "1")
    await bench.hear("waiting")
    await stop(call)
    await bench.hear("unloaded")
    assert not turn.pass_on(), "nobody is in the queue"
    turn.give_back()


# ---------------------------------------------------------------- turns


async def test_it_says_for_whom_it_waits_and_since_when_and_is_not_taken_for_hung(
    bench: Bench, turn: Turn
) -> None:
    model = await bench.model()
    assert turn.take()
    call = say(model, "3")
    first, later = await bench.hear("waiting"), await bench.hear("waiting", times=2)
    who = f"process {os.getppid()} (rlm-desktop bench)"
    assert first.text == f"Waiting for {who}, which is using a model on this computer."
    assert first.pid == os.getppid()
    assert later.text.startswith(f"Waiting for {who}, which has been using a model on this computer since ")
    turn.give_back()
    assert (await call).text == "done"
    states = [notice.state for notice in bench.heard if notice.state != "loading"]
    assert states == ["waiting", "waiting", "unloaded", "ready"]


async def test_a_loaded_model_that_waited_is_ready_again(bench: Bench, turn: Turn) -> None:
    model = await bench.model()
    await say(model, "1")
    async with asyncio.timeout(SOON):
        while not turn.take():
            await asyncio.sleep(0.01)
    call = say(model, "3")
    await bench.hear("waiting")
    turn.give_back()
    await call
    states = [notice.state for notice in bench.heard]
    assert states[states.index("waiting") :][:2] == ["waiting", "ready"]


async def test_locks_that_cannot_be_used_are_said(bench: Bench) -> None:
    (machine_locks() / "llama.lock").mkdir(parents=True)
    with pytest.raises(ModelDied, match=r"llama\.lock, by which programs take turns .* cannot be used"):
        await say(await bench.model(), "1")


# ---------------------------------------------------------------- room


@pytest.mark.parametrize(("kind", "left"), [("ordinary", []), ("large", ["old"])])
async def test_a_model_nobody_uses_makes_room_for_one_that_needs_it(
    bench: Bench, kind: str, left: list[str]
) -> None:
    old = await bench.model("old")
    await say(old, "1")
    await old.close()
    assert (await say(await bench.model("new", kind), "1")).text == "done"
    assert [notice.model for notice in bench.heard if notice.state == "unloaded"] == left
    assert (await say(await bench.model("old"), "1")).text == "done"
    loaded = [notice.model for notice in bench.heard if notice.state == "ready"]
    assert loaded == ["old", "new", *left]


async def test_two_models_are_served_side_by_side(bench: Bench) -> None:
    one, two = await bench.model("one"), await bench.model("two")
    begun = asyncio.Event()
    endless = say(one, "100000", begun)
    await asyncio.wait_for(begun.wait(), SOON)
    assert (await say(two, "5")).text == "done"
    assert not endless.done()
    await stop(endless)


async def test_a_model_that_computes_says_how_quickly_and_then_that_it_no_longer_does(bench: Bench) -> None:
    model = await bench.model()
    await say(model, "100")
    heard = await bench.hear("generating")
    assert (heard.model, heard.reading, heard.writing) == ("m", 100.0, 12.5)
    await bench.hear("ready", times=2)


async def test_a_model_is_freed_at_once_unless_it_is_in_use(bench: Bench) -> None:
    model = await bench.model()
    await model.load()
    with pytest.raises(UserError, match="used by a run"):
        bench.worker.unload("m")
    await model.close()
    bench.worker.unload("m")
    await bench.hear("unloaded")
    bench.worker.unload("m")
