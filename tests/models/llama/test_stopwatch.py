from collections.abc import Callable, Iterator
from pathlib import Path

import llama_cpp
import pytest

from rlm_desktop.models.gguf import read_header
from rlm_desktop.models.llama import stopwatch, tuning
from rlm_desktop.models.llama.opener import Handle, LlamaCpp
from rlm_desktop.models.llama.options import CPU_STEP, Options

Contexts = Callable[[int], list[Handle]]


@pytest.fixture
def contexts(tiny_models: dict[str, Path]) -> Iterator[Contexts]:
    """Makes so many contexts of a tiny model, with copies of its weights and without."""
    on_abort = llama_cpp.ggml_abort_callback(lambda _: False)
    opener = LlamaCpp(on_abort)
    opened: list[tuple[Handle, Handle]] = []

    def make(count: int) -> list[Handle]:
        for number in range(count):
            model = opener.load(tiny_models["plain"], 0, lambda _: True, repack=number == 0)
            options = Options(context_window=1024)
            opened.append((model, opener.context(model, options, tuning.TOGETHER, CPU_STEP)))
        return [context for _, context in opened]

    yield make
    for model, context in opened:
        opener.free(model, context)


@pytest.fixture
def words(tiny_models: dict[str, Path]) -> int:
    return read_header(tiny_models["plain"]).vocabulary


def test_each_context_is_timed_and_left_empty(contexts: Contexts, words: int) -> None:
    there = contexts(2)
    race = stopwatch.race(there, words, lambda: True)
    assert race
    assert race.mapped
    for speeds in (race.copies, race.mapped):
        assert min(speeds.prompt, speeds.together, speeds.alone) > 0
    for context in there:
        memory = llama_cpp.llama_get_memory(context)
        assert all(llama_cpp.llama_memory_seq_pos_max(memory, n) == -1 for n in range(tuning.TOGETHER))


def test_one_context_has_nobody_to_race(contexts: Contexts, words: int) -> None:
    race = stopwatch.race(contexts(1), words, lambda: True)
    assert race
    assert race.mapped is None


@pytest.mark.parametrize("steps", [0, 1, 7, 19])
def test_it_can_be_called_off_at_any_step(contexts: Contexts, words: int, steps: int) -> None:
    left = iter([True] * steps)
    assert stopwatch.race(contexts(2), words, lambda: next(left, False)) is None


def test_when_time_runs_short_each_step_is_timed_once(
    contexts: Contexts, words: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopwatch, "LONG", -1.0)
    asked = 0

    def go_on() -> bool:
        nonlocal asked
        asked += 1
        return True

    assert stopwatch.race(contexts(1), words, go_on)
    assert asked == 1 + 3  # the one that reads the weights, and one of each kind
