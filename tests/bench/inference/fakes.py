"""Peers that compute nothing and say how long it took."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import msgspec

from rlm_desktop.bench.inference.grounds import Grounds
from rlm_desktop.bench.inference.peer import Answered, Contestant, Peer, Served
from rlm_desktop.bench.inference.workload import Call, Stage, Workload
from rlm_desktop.models.base import Message

Seconds = Callable[[Contestant, Stage], float]
Answer = Callable[[Contestant, Call], Answered]


def call(*tokens: int, new: int = 2, root: bool = False) -> Call:
    return Call(messages=(Message("user", str(tokens)),), tokens=tokens, new_tokens=new, root=root)


def answered(contestant: Contestant, call: Call) -> Answered:
    return Answered(
        prompt_tokens=len(call.tokens),
        reused_tokens=0,
        completion_tokens=call.new_tokens,
        text=f"{contestant.peer} on {call.messages[-1].content[-20:]}",
    )


class Fakes:
    """Opens fake peers; notes who was opened and served, and that never two are open."""

    def __init__(self, seconds: Seconds = lambda *_: 1.0, answer: Answer = answered) -> None:
        self.opened: list[Contestant] = []
        self.states: list[Path | None] = []
        self.told: list[str] = []
        self.open = 0
        self._seconds = seconds
        self._answer = answer

    def __call__(
        self, contestant: Contestant, *, states: Path | None = None
    ) -> AbstractAsyncContextManager[Peer]:
        return self._opened(contestant, states)

    @asynccontextmanager
    async def _opened(self, contestant: Contestant, states: Path | None) -> AsyncIterator[Peer]:
        assert not self.open, "two peers at the same moment"
        self.open += 1
        self.opened.append(contestant)
        self.states.append(states)
        try:
            yield _Fake(contestant, self._seconds, self._answer)
        finally:
            self.open -= 1

    def grounds(self, no_gpu: str = "There is none.") -> Grounds:
        return Grounds(self, tokens_of, no_gpu, self.told.append)


class _Fake:
    about = "a fake"

    def __init__(self, contestant: Contestant, seconds: Seconds, answer: Answer) -> None:
        self._contestant = contestant
        self._seconds = seconds
        self._answer = answer

    async def serve(self, stage: Stage) -> Served:
        seconds = self._seconds(self._contestant, stage)
        return Served(seconds, tuple(self._answer(self._contestant, call) for call in stage))

    def overhead(self) -> float | None:
        return 0.01 if self._contestant.peer == "rlm-desktop" else None


async def tokens_of(workloads: Sequence[Workload]) -> list[Workload]:
    """One token a character."""
    return [workload.with_tokens([letters(one) for one in workload.calls]) for workload in workloads]


def letters(call: Call) -> list[int]:
    return [ord(letter) for message in call.messages for letter in message.content]


def plain(value: object) -> object:
    """As JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(value))
