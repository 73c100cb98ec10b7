"""What xllamacpp is told, and how its replies are read; the package itself is an extra and may be missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from threading import Barrier
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from rlm_desktop.bench.inference import wire
from rlm_desktop.bench.inference.peer import Answered


class FakeServer:
    """Answers only when as many calls as it has slots are there."""

    def __init__(self, params: SimpleNamespace) -> None:
        self.params = params
        self.requests: list[dict[str, Any]] = []
        self.reply: dict[str, Any] = {
            "choices": [{"text": "so"}],
            "usage": {
                "prompt_tokens": 3,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 1},
            },
        }
        self._together = Barrier(params.n_parallel)
        FakeServer.last = self

    last: FakeServer

    def handle_completions(self, request: dict[str, Any]) -> dict[str, Any]:
        self._together.wait(30)
        self.requests.append(request)
        return self.reply


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    module = ModuleType("xllamacpp")
    module.CommonParams = lambda: SimpleNamespace(  # type: ignore[attr-defined]
        model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace(), n_ubatch=512
    )
    module.Server = FakeServer  # type: ignore[attr-defined]
    module.get_system_info = lambda: "CPU : AVX2 = 1 | "  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xllamacpp", module)
    monkeypatch.delitem(sys.modules, "rlm_desktop.bench.inference.server", raising=False)
    from rlm_desktop.bench.inference import server

    yield server.load
    sys.modules.pop("rlm_desktop.bench.inference.server", None)


OPEN = wire.Open(peer="xllamacpp", path="/m.gguf", cells=1024, width=3, threads=2)
CALLS = wire.Serve(tuple(wire.Ask((1, 2, number), 2) for number in range(3)))


def test_it_has_its_best_settings(load: Any) -> None:
    about, _ = load(OPEN)
    params = FakeServer.last.params
    assert params.model.path == "/m.gguf"
    assert (params.n_ctx, params.n_parallel, params.kv_unified) == (1024, 3, True)
    assert params.cont_batching
    assert params.cache_prompt
    assert params.cpuparams.n_threads == params.cpuparams_batch.n_threads == 2
    assert about == "Server, 3 slots, 2 threads, 1,024 cells, steps of 512 tokens; CPU : AVX2 = 1"


def test_calls_are_made_together_and_end_after_as_many_tokens_as_asked_for(load: Any) -> None:
    _, serve = load(OPEN)
    done = serve(CALLS)
    assert done.served.seconds > 0
    answer = Answered(prompt_tokens=3, reused_tokens=1, completion_tokens=2, text="so")
    assert done.served.answers == (answer,) * 3
    requests = sorted(FakeServer.last.requests, key=lambda request: request["prompt"])
    assert [request["prompt"] for request in requests] == [[1, 2, 0], [1, 2, 1], [1, 2, 2]]
    for request in requests:
        assert (request["max_tokens"], request["temperature"], request["ignore_eos"]) == (2, 0, True)


def test_a_refusal_is_what_it_says(load: Any) -> None:
    _, serve = load(OPEN)
    FakeServer.last.reply = {"error": {"message": "the request exceeds the available context size"}}
    with pytest.raises(RuntimeError, match="exceeds the available context"):
        serve(CALLS)
