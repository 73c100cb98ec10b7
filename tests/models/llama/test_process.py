"""A worker that dies, hangs or talks nonsense ends in a sentence and in a new worker, never in a run that stands still."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.models.base import Completion, Message, ModelDied, ModelError, Request
from rlm_desktop.models.llama.client import LlamaModel, LlamaWorker
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.silence import PATIENCE
from rlm_desktop.models.notices import ModelNotice

FAKE = Path(__file__).with_name("fake_worker.py")
ROOT = Path(__file__).parents[3]
SOON = 20.0


class Bench:
    """A client with fake workers, and what these remember."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heard: list[ModelNotice] = []
        self.workers: list[LlamaWorker] = []
        self.worker = self.client()

    def client(self, *, patience: float = PATIENCE, keep: float = 1e6) -> LlamaWorker:
        boot = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); runpy.run_path({str(FAKE)!r})"
        command = (sys.executable, "-c", boot, str(self.folder))
        self.worker = LlamaWorker(self.heard.append, command=command, patience=patience, keep=keep)
        self.workers.append(self.worker)
        return self.worker

    async def model(self, directive: str = "work", name: str = "m", **options: Any) -> LlamaModel:
        path = self.folder / f"{name}.gguf"
        path.write_text(directive)
        return await self.worker.open(path, name=name, options=Options(**options))

    async def kill(self) -> None:
        os.kill(self.worker.pid, signal.SIGKILL)
        async with asyncio.timeout(SOON):
            while self.worker.pid:
                await asyncio.sleep(0.01)

    def lives(self) -> int:
        return len((self.folder / "lives").read_text().splitlines())

    def commands(self, *kinds: str) -> list[dict[str, Any]]:
        lines = (self.folder / "commands").read_text().splitlines()
        return [line for line in map(json.loads, lines) if not kinds or line["command"] in kinds]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    for worker in bench.workers:
        await worker.close()


async def say(model: LlamaModel, directive: str, on_delta: Callable[[str], None] | None = None) -> Completion:
    request = Request(messages=(Message("user", directive),))
    return await asyncio.wait_for(model.complete(request, on_delta), SOON)


# ---------------------------------------------------------------- death


@pytest.mark.parametrize(
    ("directive", "how"),
    [
        ("die", "SIGKILL, often because memory ran out"),
        ("tear", "SIGKILL, often because memory ran out"),
        ("fail", "exit code 3"),
        ("close", "it stopped answering"),
        ("garble", "it sent something that is no reply"),
        ("misshape", "it sent something that is no reply"),
        ("flood", "it sent something that is no reply"),
        ("stray", "it answered a call that nobody made"),
    ],
)
async def test_whatever_ends_a_worker_is_named_and_the_next_call_starts_another(
    bench: Bench, directive: str, how: str
) -> None:
    model = await bench.model()
    with pytest.raises(ModelDied) as caught:
        await say(model, f"{directive} 1")
    assert caught.value.how.startswith(how)
    assert caught.value.advice
    assert (await say(model, f"{directive} 1")).text == "life 2"
    assert bench.lives() == 2


async def test_the_last_words_are_the_last_line_of_standard_error(bench: Bench) -> None:
    with pytest.raises(ModelDied, match=r"Its last words: ValueError: out of cheese") as caught:
        await say(await bench.model(), "fail")
    assert caught.value.said == "ValueError: out of cheese"


async def test_a_worker_may_say_what_it_likes_on_standard_error(bench: Bench) -> None:
    assert (await say(await bench.model(), "chatter")).text == "life 1"


async def test_calls_that_die_together_name_the_same_life(bench: Bench) -> None:
    model = await bench.model()
    waiting = asyncio.create_task(say(model, "wait"))
    counting = asyncio.create_task(say(model, "die 1"))
    died = await asyncio.gather(waiting, counting, return_exceptions=True)
    lives = {death.life for death in died if isinstance(death, ModelDied)}
    assert len(died) == 2
    assert len(lives) == 1
    with pytest.raises(ModelDied) as caught:
        await say(model, "die 2")
    assert caught.value.life not in lives


async def test_a_death_at_loading_and_one_at_counting_are_deaths_too(bench: Bench) -> None:
    model = await bench.model("die 1")
    with pytest.raises(ModelDied):
        await model.load()
    with pytest.raises(ModelDied):
        await model.count_tokens("die 2")
    assert await model.count_tokens("four") == 4
    assert bench.lives() == 3


async def test_a_worker_killed_while_it_rests_is_replaced_in_silence(bench: Bench) -> None:
    model = await bench.model()
    await say(model, "work")
    await bench.kill()
    assert (await say(model, "work")).text == "life 2"
    assert [notice.state for notice in bench.heard] == ["ready", "unloaded", "ready"]


async def test_a_worker_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    worker = LlamaWorker(lambda _: None, command=(str(tmp_path / "nothing"),))
    model = await worker.open(tmp_path / "m.gguf", name="m", options=Options())
    with pytest.raises(ModelError, match="cannot be started: No such file"):
        await model.load()


# ---------------------------------------------------------------- hanging


@pytest.mark.parametrize("directive", ["hang 1", "stop 1"])
async def test_a_silent_worker_is_killed_and_replaced(bench: Bench, directive: str) -> None:
    await say(await bench.model(), "work")
    bench.client(patience=0.4)
    model = await bench.model()
    (bench.folder / "lives").unlink()
    with pytest.raises(ModelDied, match="it was silent for"):
        await say(model, directive)
    assert (await say(model, directive)).text == "life 2"


async def test_a_worker_that_beats_may_take_its_time(bench: Bench) -> None:
    bench.client(patience=0.6)
    assert (await say(await bench.model(), "plod")).text == "life 1"


async def test_nobody_watches_a_worker_with_nothing_to_do(bench: Bench) -> None:
    bench.client(patience=0.4)
    model = await bench.model()
    await say(model, "work")
    async with asyncio.timeout(SOON):
        while any("WorkerProcess._watch" in repr(task.get_coro()) for task in asyncio.all_tasks()):
            await asyncio.sleep(0.01)
    assert (await say(model, "work")).text == "life 1"


# ---------------------------------------------------------------- stopping


async def test_a_cancelled_call_is_cancelled_in_the_worker_and_the_others_go_on(bench: Bench) -> None:
    model = await bench.model()
    begun = asyncio.Event()
    waiting = asyncio.create_task(say(model, "wait", lambda _: begun.set()))
    await asyncio.wait_for(begun.wait(), SOON)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (await say(model, "work")).text == "life 1"
    (complete, _) = bench.commands("Complete")
    assert [cancel["id"] for cancel in bench.commands("Cancel")] == [complete["id"]]


async def test_a_loading_that_nobody_waits_for_is_cancelled_and_one_that_somebody_does_is_not(
    bench: Bench,
) -> None:
    model = await bench.model("hang 1")
    first, second = (asyncio.create_task(model.load()) for _ in range(2))
    async with asyncio.timeout(SOON):
        while not (bench.folder / "commands").exists() or not bench.commands("Load"):
            await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert not second.done()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert len(bench.commands("Load")) == 1
    await bench.kill()
    assert (await say(model, "work")).text == "life 2"


# ---------------------------------------------------------------- rest


async def test_a_model_rests_in_memory_and_is_there_for_the_next_who_opens_it(bench: Bench) -> None:
    for _ in range(2):
        model = await bench.model()
        await say(model, "work")
        await model.close()
    assert len(bench.commands("Load")) == 1
    assert bench.commands("Unload") == []


async def test_it_is_freed_once_its_time_is_over(bench: Bench) -> None:
    bench.client(keep=0.0)
    model = await bench.model()
    other = await bench.model(name="other")
    await say(model, "work")
    await model.close()
    assert (await say(other, "work")).text == "life 1"
    assert [Path(unload["model"]).name for unload in bench.commands("Unload")] == ["m.gguf"]
    again = await bench.model()
    await say(again, "work")
    assert len(bench.commands("Load")) == 3


async def test_with_other_options_it_is_loaded_anew(bench: Bench) -> None:
    for window in (64, 128):
        model = await bench.model(context_window=window)
        await say(model, "work")
        await model.close()
    assert [one["command"] for one in bench.commands("Load", "Unload")] == ["Load", "Unload", "Load"]


async def test_a_model_that_rests_may_be_freed_for_another_and_is_loaded_before_its_next_call(
    bench: Bench,
) -> None:
    resting, used = await bench.model(name="resting"), await bench.model(name="used")
    await say(resting, "work")
    await say(used, "work")
    await resting.close()
    await say(await bench.model(name="third"), "work")
    loads = bench.commands("Load")
    assert [Path(path).name for path in loads[-1]["idle"]] == ["resting.gguf"]
    await say(await bench.model(name="resting"), "work")
    await say(used, "work")
    names = [Path(load["model"]).stem for load in bench.commands("Load")]
    assert names == ["resting", "used", "third", "resting"]
