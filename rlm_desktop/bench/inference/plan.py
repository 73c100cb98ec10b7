"""What ``bench inference`` is asked to measure."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, get_args

from rlm_desktop.bench.inference.peer import OURS, PEERS, SEQUENTIAL, SERVER, Contestant, PeerName
from rlm_desktop.errors import UsageError

Part = Literal["map", "trace", "again", "gpu"]
PARTS: tuple[Part, ...] = get_args(Part)
NO_SERVER = "xllamacpp is not installed, so it is left out; `pip install 'rlm-desktop[bench]'` brings it."


@dataclass(frozen=True)
class Plan:
    """What to measure; a `UsageError` says that nobody is there to be measured.

    Attributes:
        parts: Workloads, in this order.
        peers: Who runs them.
        rounds: Times every contestant runs a workload.
        slots: Calls xllamacpp serves together; each number is a contestant.
        concurrency: Calls our scheduler serves together in ``map``; each number is a contestant.
        new_tokens: Lengths of the replies in ``map``; each is a workload.
    """

    parts: tuple[Part, ...] = PARTS
    peers: tuple[PeerName, ...] = PEERS
    rounds: int = 1
    slots: tuple[int, ...] = (4, 8, 16)
    concurrency: tuple[int, ...] = (16,)
    new_tokens: tuple[int, ...] = (48, 160)

    def __post_init__(self) -> None:
        if not self.available:
            raise UsageError(NO_SERVER, "Name other peers with --peers.")

    @property
    def available(self) -> tuple[PeerName, ...]:
        """The peers that are installed."""
        return tuple(peer for peer in self.peers if peer != SERVER or find_spec("xllamacpp"))

    def contestants(self, *, concurrency: tuple[int, ...] = ()) -> list[Contestant]:
        """Who runs a workload, in the order of a round."""
        widths = {SEQUENTIAL: (1,), SERVER: self.slots, OURS: concurrency or (max(self.concurrency),)}
        return [Contestant(peer, width) for peer in self.available for width in widths[peer]]
