from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rlm_desktop.models.gguf import GgufHeader, Tensor
from rlm_desktop.models.llama import hardware, layout, tuning
from rlm_desktop.models.llama.hardware import Device
from rlm_desktop.models.llama.memory import Fit
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.tuning import Race, Speeds

GB = 10**9
HEADER = GgufHeader({}, GB, {}, {"token_embd.weight": Tensor((4, 100), 800)})
QUICK, SLOW = Speeds(200, 100, 30), Speeds(100, 50, 15)


@dataclass
class FakeOpener:
    """Loads nothing, and knows how quick each layout is."""

    copies: Speeds = SLOW
    mapped: Speeds = QUICK
    copied: bool = True
    calm: bool = True
    fails: str = ""
    loaded: list[bool] = field(default_factory=list)
    open: set[str] = field(default_factory=set)

    def devices(self) -> list[Device]:
        return []

    def load(self, path: Path, layers: int, on_progress: Callable[[float], bool], *, repack: bool) -> str:
        assert layers == 0
        self.loaded.append(repack)
        if self.fails == "load" or (self.fails == "second load" and not repack) or not on_progress(0.5):
            return ""
        self.open.add(f"model {repack}")
        return f"model {repack}"

    def context(self, model: str, options: Options, sequences: int, step: int) -> str:
        assert (options.context_window, sequences, step) == (1024, 16, 128)
        if self.fails == "context":
            return ""
        self.open.add(f"context of {model}")
        return f"context of {model}"

    def free(self, model: str, context: str) -> None:
        self.open -= {model, context}

    def repacked(self) -> bool:
        return self.copied

    def race(self, contexts: Sequence[str], words: int, go_on: Callable[[], bool]) -> Race | None:
        assert words == 100
        assert self.open >= set(contexts)
        if self.fails == "race" or not go_on():
            return None
        return Race(self.copies, self.mapped if len(contexts) > 1 else None, calm=self.calm)

    def trouble(self) -> str:
        return "out of memory"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tuning, "cache_file", lambda: tmp_path / "speeds.json")
    model = tmp_path / "m.gguf"
    model.write_bytes(b"weights")
    return model


def repacked(
    path: Path, opener: FakeOpener, *, header: GgufHeader = HEADER, free: int = 16 * GB, goes_on: bool = True
) -> bool:
    told: list[str] = []
    found = layout.repacked(
        path, header, Options(context_window=16_384), Fit(2 * GB, free, free), opener,
        go_on=lambda: goes_on, on_measuring=lambda: told.append("measuring"),
    )  # fmt: skip
    assert opener.open == set()
    assert bool(told) == bool(opener.loaded)
    return found


def test_the_quicker_layout_is_found_once(path: Path) -> None:
    opener = FakeOpener()
    assert not repacked(path, opener)
    assert opener.loaded == [True, False]
    again = FakeOpener()
    assert not repacked(path, again)
    assert again.loaded == []
    known = tuning.recall(path)
    assert known
    assert known.speeds == QUICK


def test_what_was_measured_on_a_busy_computer_is_measured_again(path: Path) -> None:
    assert not repacked(path, FakeOpener(calm=False))
    opener = FakeOpener(copies=QUICK, mapped=SLOW)
    assert repacked(path, opener)
    assert opener.loaded == [True, False]
    assert repacked(path, FakeOpener())


def test_after_some_tries_the_next_waits_for_an_idle_computer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "idle", lambda: False)
    for _ in range(tuning.TRIES):
        opener = FakeOpener(calm=False)
        repacked(path, opener)
        assert opener.loaded
    for idle in (False, True):
        monkeypatch.setattr(hardware, "idle", lambda idle=idle: idle)
        opener = FakeOpener(calm=False)
        repacked(path, opener)
        assert bool(opener.loaded) == idle


def test_copies_win_where_they_are_quicker(path: Path) -> None:
    assert repacked(path, FakeOpener(copies=QUICK, mapped=SLOW))


def test_a_file_of_which_nothing_is_copied_is_measured_in_one_layout(path: Path) -> None:
    opener = FakeOpener(copied=False)
    assert repacked(path, opener)
    assert opener.loaded == [True]
    known = tuning.recall(path)
    assert known
    assert known.speeds == SLOW


@pytest.mark.parametrize("fails", ["load", "second load", "context", "race"])
def test_when_measuring_fails_llama_cpp_chooses_and_nothing_is_remembered(path: Path, fails: str) -> None:
    assert repacked(path, FakeOpener(fails=fails))
    assert tuning.recall(path) is None


def test_when_it_is_called_off_nothing_is_remembered(path: Path) -> None:
    assert repacked(path, FakeOpener(), goes_on=False)
    assert tuning.recall(path) is None


@pytest.mark.parametrize("size", [layout.SMALLEST - 1, layout.LARGEST + 1])
def test_small_and_large_files_are_not_measured(path: Path, size: int) -> None:
    opener = FakeOpener()
    assert repacked(path, opener, header=GgufHeader({}, size, {}, HEADER.tensors))
    assert opener.loaded == []


def test_without_room_for_two_of_it_nothing_is_measured(path: Path) -> None:
    opener = FakeOpener()
    assert repacked(path, opener, free=4 * GB)
    assert opener.loaded == []


def test_a_file_that_is_gone_does_not_fail(path: Path) -> None:
    path.unlink()
    assert not repacked(path, FakeOpener())
