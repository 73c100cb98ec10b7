"""Peers beside each other: every round each peer in turn, so that a slow minute of the computer hits all alike."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec

from rlm_desktop.bench.inference.peer import OURS, Contestant, OpenPeer, PeerName, Served
from rlm_desktop.bench.inference.workload import Workload
from rlm_desktop.bench.section import Section, Table, Tell
from rlm_desktop.errors import UserError


class Pass(msgspec.Struct, frozen=True):
    """One contestant's way through a workload."""

    stages: tuple[Served, ...]
    about: str = ""
    overhead: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds of all stages."""
        return sum(stage.seconds for stage in self.stages)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One contestant over all rounds; counts of tokens are those of one round.

    Attributes:
        seconds: Of each round.
        prompt_tokens: As the contestant counts them.
        unlike: Calls whose prompt the contestant counts as more or fewer tokens than it was given.
        root_reused: For each turn of the root model, the share of its prompt that was not computed again.
        overhead: Share of busy time outside llama.cpp; ``None`` when the contestant does not say.
        about: How it was set up.
    """

    peer: PeerName
    width: int
    seconds: tuple[float, ...]
    median: float
    calls_per_second: float
    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    unlike: int
    root_reused: tuple[float, ...] = ()
    overhead: float | None = None
    about: str = ""

    @property
    def contestant(self) -> Contestant:
        """Who it is."""
        return Contestant(self.peer, self.width)


class Comparison(Section, frozen=True, kw_only=True):
    """A workload by several contestants.

    Attributes:
        calls: Calls of the workload.
        standings: In the order they were run in.
        ratios: For each peer but us, how many times as long its best needs as our best.
    """

    calls: int
    standings: tuple[Standing, ...]
    ratios: dict[PeerName, float]

    def tables(self) -> list[Table]:
        """The standings, and the ratios in a sentence."""
        return [_table(self)]


async def compare(
    workload: Workload, contestants: Sequence[Contestant], rounds: int, open_peer: OpenPeer, tell: Tell
) -> Comparison:
    """Run a workload with every contestant, round by round (A B C, A B C), one at a time.

    One that fails is left out from then on; the failure is part of the result.
    """
    passes: dict[Contestant, list[Pass]] = {contestant: [] for contestant in contestants}
    failures: dict[Contestant, str] = {}
    for number in range(1, rounds + 1):
        for contestant in (one for one in contestants if one not in failures):
            tell(f"{workload.name}: {contestant}, round {number} of {rounds} …")
            try:
                done = await run(workload, contestant, open_peer)
            except UserError as error:
                failures[contestant] = str(error)
                tell(str(error))
            else:
                passes[contestant].append(done)
                tell(f"{workload.name}: {contestant}, {done.seconds:.1f} s")
    standings = tuple(_standing(workload, contestant, done) for contestant, done in passes.items() if done)
    return Comparison(
        name=workload.name,
        calls=len(workload.calls),
        standings=standings,
        ratios=_ratios(standings),
        failures=tuple(failures.values()),
    )


async def run(workload: Workload, contestant: Contestant, open_peer: OpenPeer) -> Pass:
    """One contestant's way through a workload; its model is loaded before and freed afterwards.

    Raises:
        UserError: The peer failed, or generated another number of tokens than it was asked for.
    """
    async with open_peer(contestant) as peer:
        stages = tuple([await peer.serve(stage) for stage in workload.stages])
        done = Pass(stages, peer.about, peer.overhead())
    wanted = [call.new_tokens for call in workload.calls]
    given = [answer.completion_tokens for stage in stages for answer in stage.answers]
    if given != wanted:
        raise UserError(
            f"{contestant} generated {sum(given)} tokens where {sum(wanted)} were asked for, so it cannot be compared.",
            "Leave it out with --peers.",
        )
    return done


def best(standings: Sequence[Standing], peer: PeerName) -> Standing | None:
    """The quickest of a peer's contestants."""
    return min((one for one in standings if one.peer == peer), key=lambda one: one.median, default=None)


def _standing(workload: Workload, contestant: Contestant, passes: Sequence[Pass]) -> Standing:
    seconds = tuple(one.seconds for one in passes)
    middle = median(seconds)
    last = passes[-1]
    answers = [answer for stage in last.stages for answer in stage.answers]
    calls = workload.calls
    overheads = [one.overhead for one in passes if one.overhead is not None]
    return Standing(
        peer=contestant.peer,
        width=contestant.width,
        seconds=seconds,
        median=middle,
        calls_per_second=len(calls) / middle,
        prompt_tokens=sum(answer.prompt_tokens for answer in answers),
        reused_tokens=sum(answer.reused_tokens for answer in answers),
        completion_tokens=sum(answer.completion_tokens for answer in answers),
        unlike=sum(
            answer.prompt_tokens != len(call.tokens) for call, answer in zip(calls, answers, strict=True)
        ),
        root_reused=tuple(
            answer.reused_tokens / answer.prompt_tokens
            for call, answer in zip(calls, answers, strict=True)
            if call.root
        ),
        overhead=median(overheads) if overheads else None,
        about=last.about,
    )


def _ratios(standings: Sequence[Standing]) -> dict[PeerName, float]:
    ours = best(standings, OURS)
    if ours is None:
        return {}
    others = {one.peer: best(standings, one.peer) for one in standings if one.peer != OURS}
    return {peer: other.median / ours.median for peer, other in others.items() if other}


def _table(comparison: Comparison) -> Table:
    ours = best(comparison.standings, OURS)
    rows = []
    for one in comparison.standings:
        ratio = f"{one.median / ours.median:.2f}" if ours else ""
        rows.append(
            (
                str(one.contestant),
                f"{one.median:.1f}",
                f"{min(one.seconds):.1f} to {max(one.seconds):.1f}",
                f"{one.calls_per_second:.3f}",
                f"{one.prompt_tokens / one.median:.0f}",
                f"{one.completion_tokens / one.median:.1f}",
                f"{one.reused_tokens / one.prompt_tokens:.0%}",
                "" if one.overhead is None else f"{one.overhead:.1%}",
                ratio,
            )
        )
    columns = ("", "s", "from", "calls/s", "prompt tok/s", "new tok/s", "reused", "overhead", "× our time")
    return Table(comparison.name, columns, tuple(rows), tuple(_remarks(comparison)))


def _remarks(comparison: Comparison) -> list[str]:
    remarks = list(comparison.failures)
    for peer, ratio in comparison.ratios.items():
        if other := best(comparison.standings, peer):
            remarks.append(f"{ratio:.2f} times as quick as {other.contestant}.")
    for one in comparison.standings:
        if one.unlike:
            remarks.append(
                f"{one.contestant} counts {one.unlike} of {comparison.calls} prompts as other numbers of tokens."
            )
        if one.root_reused:
            shares = " ".join(f"{share:.1%}" for share in one.root_reused)
            remarks.append(f"{one.contestant}: of the root's prompt was reused, turn by turn: {shares}.")
    remarks += [f"{one.contestant}: {one.about}" for one in comparison.standings if one.about]
    return remarks
