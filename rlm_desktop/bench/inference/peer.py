"""Who is measured: a peer serves stages of calls, and says how long each took."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from rlm_desktop.bench.inference.workload import Stage

PeerName = Literal["llama-cpp-python", "xllamacpp", "rlm-desktop"]
SEQUENTIAL: PeerName = "llama-cpp-python"
SERVER: PeerName = "xllamacpp"
OURS: PeerName = "rlm-desktop"
PEERS: tuple[PeerName, ...] = (SEQUENTIAL, SERVER, OURS)


class Contestant(msgspec.Struct, frozen=True):
    """A peer, and how many calls it serves together."""

    peer: PeerName
    width: int = 1

    def __str__(self) -> str:
        return self.peer if self.peer == SEQUENTIAL else f"{self.peer} ×{self.width}"


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One call as a peer counted it."""

    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    text: str


class Served(msgspec.Struct, frozen=True):
    """One stage: seconds from its first call to its last answer, as whoever calls the peer sees them."""

    seconds: float
    answers: tuple[Answered, ...]


class Peer(Protocol):
    """A peer with its model loaded and warm."""

    @property
    def about(self) -> str:
        """How it was set up, in one sentence."""
        ...

    async def serve(self, stage: Stage) -> Served:
        """Answer all calls of a stage.

        Raises:
            UserError: The peer failed.
        """
        ...

    def overhead(self) -> float | None:
        """Share of its busy time that was not spent in llama.cpp; ``None`` when it does not say."""
        ...


class OpenPeer(Protocol):
    """Loads the model for a contestant; leaving the context ends every process of it."""

    def __call__(
        self, contestant: Contestant, *, states: Path | None = None
    ) -> AbstractAsyncContextManager[Peer]:
        """Load it.

        Args:
            contestant: Who, and how many calls at a time.
            states: Folder where our own worker keeps KV states; ``None`` for none.
        """
        ...
