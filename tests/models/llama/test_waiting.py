from pathlib import Path

import pytest

from rlm_desktop.models.llama.turn import Holder, Turn
from rlm_desktop.models.llama.waiting import LONG, Waiting
from rlm_desktop.models.notices import ModelNotice


class Bench:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.heard: list[ModelNotice] = []
        self.holder: Holder | None = Holder(1, 1, "rlm-desktop ask", 0.0)
        turn = Turn(folder)
        monkeypatch.setattr(turn, "holder", lambda: self.holder)
        self.waiting = Waiting(turn, self.heard.append, lambda: self.now)

    def said(self) -> list[tuple[str, str, int]]:
        said = [(notice.model, notice.state, notice.pid) for notice in self.heard]
        self.heard.clear()
        return said


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def test_it_is_said_once_of_each_model_and_taken_back(bench: Bench) -> None:
    bench.waiting.end(["a"])
    assert not bench.waiting.going_on
    for _ in range(3):
        bench.waiting.go_on(["a", "b"])
    assert bench.waiting.going_on
    assert bench.said() == [("a", "waiting", 1), ("b", "waiting", 1)]
    bench.waiting.end(["a"])
    assert bench.said() == [("a", "ready", 0), ("b", "unloaded", 0)]
    assert not bench.waiting.going_on


def test_another_holder_is_news(bench: Bench) -> None:
    bench.holder = None
    bench.waiting.go_on(["a"])
    assert bench.heard[0].text == "Waiting for another process, which is using a model on this computer."
    bench.holder = Holder(1, 1, "the window", 0.0)
    bench.waiting.go_on(["a"])
    assert (
        bench.heard[1].text == "Waiting for process 1 (the window), which is using a model on this computer."
    )


def test_a_long_wait_says_since_when(bench: Bench) -> None:
    bench.waiting.go_on(["a"])
    bench.now += LONG
    for _ in range(3):
        bench.waiting.go_on(["a"])
    assert bench.holder
    (_, late) = bench.heard
    assert late.text.endswith(f"which has been using a model on this computer since {bench.holder.clock}.")
    bench.waiting.end([])
    bench.heard.clear()
    bench.waiting.go_on(["a"])
    assert "since" not in bench.heard[0].text
