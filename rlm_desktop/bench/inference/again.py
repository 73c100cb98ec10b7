"""Read once, ask again: a second question over the same passages, from memory and from the disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import msgspec

from rlm_desktop.bench.inference.grounds import Grounds
from rlm_desktop.bench.inference.peer import OURS, Answered, Contestant, Served
from rlm_desktop.bench.inference.workload import Call, Stage, Workload, again_workload, shared
from rlm_desktop.bench.section import Section, Table

WIDTH = 16


class Answering(msgspec.Struct, frozen=True, kw_only=True):
    """One way to the answers of a question.

    Attributes:
        seconds: From the first call to the last answer.
        to_first: The same, as a share of the first question's seconds.
        recomputed: Share of passage tokens that were computed again.
        agreement: Share of answers that begin with those of the uncached run; ``None`` for the first question.
        alike: Share of those answers' bytes before the first one that differs; in batches of other sizes the same
            tokens are computed with other roundings, and one word that is a close call changes all after it.
        answers: What was answered.
    """

    seconds: float
    to_first: float
    recomputed: float
    agreement: float | None
    alike: float | None
    answers: tuple[str, ...]


class Again(Section, frozen=True, kw_only=True):
    """A second question over passages that were read for a first one.

    Attributes:
        passages: How many.
        passage_tokens: Tokens of all of them.
        first: The first question, with nothing cached.
        uncached: The second question, with nothing cached; its answers end by themselves, and what others say beyond
            that is not compared.
        alone: The same again, one call at a time: how far answers agree though nothing is cached at all.
        memory: The second question after the first.
        disk: The second question after the worker was started anew.
    """

    passages: int
    passage_tokens: int
    first: Answering
    uncached: Answering
    alone: Answering
    memory: Answering
    disk: Answering

    def tables(self) -> list[Table]:
        """One row for each way."""
        ways = {
            "first question": self.first,
            "second, nothing cached": self.uncached,
            "second, nothing cached, one by one": self.alone,
            "second, from memory": self.memory,
            "second, from disk": self.disk,
        }
        rows = tuple(
            (
                name,
                f"{way.seconds:.1f}",
                f"1/{1 / way.to_first:.1f}",
                f"{way.recomputed:.1%}",
                "" if way.agreement is None else f"{way.agreement:.0%}",
                "" if way.alike is None else f"{way.alike:.0%}",
            )
            for name, way in ways.items()
        )
        columns = ("", "s", "of the first", "recomputed", "answers agree", "up to")
        remark = f"{self.passages} passages, {self.passage_tokens:,} tokens."
        return [Table(self.name, columns, rows, (remark,))]


async def measure_again(grounds: Grounds) -> Again:
    """Ask both questions, the second one with nothing cached, twice, then from memory, and from disk."""
    texts = again_workload(0)
    first, second, bounds = await grounds.with_tokens([texts, again_workload(1), bounds_of(texts)])
    asked, again = first.stages[0], second.stages[0]
    freely = tuple(msgspec.structs.replace(call, ends=True) for call in again)
    ours, tell = Contestant(OURS, WIDTH), grounds.tell
    with TemporaryDirectory(prefix="rlm-desktop-bench-") as scratch:
        known, unknown, other = (Path(scratch, name) for name in ("known", "unknown", "other"))
        for folder in (known, unknown, other):
            folder.mkdir()
        tell(f"{second.name}: nothing cached …")
        async with grounds.open_peer(ours, states=unknown) as peer:
            uncached = await peer.serve(freely)
        tell(f"{second.name}: nothing cached, one by one …")
        async with grounds.open_peer(Contestant(OURS, 1), states=other) as peer:
            alone = await peer.serve(freely)
        tell(f"{first.name} …")
        async with grounds.open_peer(ours, states=known) as peer:
            read = await peer.serve(asked)
            tell(f"{second.name}: from memory …")
            memory = await peer.serve(again)
        tell(f"{second.name}: from disk …")
        async with grounds.open_peer(ours, states=known) as peer:
            disk = await peer.serve(again)
    spans = _spans(asked, bounds)

    def answering(served: Served, *, compared: bool = True) -> Answering:
        return Answering(
            seconds=served.seconds,
            to_first=served.seconds / read.seconds,
            recomputed=_recomputed(spans, served.answers),
            agreement=_agreement(served, uncached) if compared else None,
            alike=_alike(served, uncached) if compared else None,
            answers=tuple(answer.text for answer in served.answers),
        )

    return Again(
        name="second question over the same passages",
        passages=len(asked),
        passage_tokens=sum(end - start for start, end in spans),
        first=answering(read, compared=False),
        uncached=answering(uncached),
        alone=answering(alone),
        memory=answering(memory),
        disk=answering(disk),
    )


def bounds_of(workload: Workload) -> Workload:
    """For each call, its prompt without the passage and its prompt up to the passage's end.

    As tokens, what they have in common with the whole prompt says where the passage begins and ends.
    """
    stages = []
    for call in workload.calls:
        *before, last = call.messages
        whole = last.content[: call.reusable]
        head = whole[: whole.index("\n") + 1]
        stages.append(
            tuple(
                Call(messages=(*before, msgspec.structs.replace(last, content=text)), new_tokens=1)
                for text in (head, whole)
            )
        )
    return Workload("bounds", tuple(stages))


def _spans(stage: Stage, bounds: Workload) -> list[tuple[int, int]]:
    """From which token to which one the passage of each prompt goes."""
    return [
        (shared(call.tokens, head.tokens), shared(call.tokens, whole.tokens))
        for call, (head, whole) in zip(stage, bounds.stages, strict=True)
    ]


def _recomputed(spans: Sequence[tuple[int, int]], answers: Sequence[Answered]) -> float:
    """Share of the passages' tokens that were not reused."""
    computed = sum(
        end - min(end, max(start, answer.reused_tokens))
        for (start, end), answer in zip(spans, answers, strict=True)
    )
    return computed / sum(end - start for start, end in spans)


def _agreement(served: Served, uncached: Served) -> float:
    return fmean(given.startswith(wanted) for given, wanted in _texts(served, uncached))


def _alike(served: Served, uncached: Served) -> float:
    pairs = [(given.encode(), wanted.encode()) for given, wanted in _texts(served, uncached)]
    return sum(shared(*pair) for pair in pairs) / max(1, sum(len(wanted) for _, wanted in pairs))


def _texts(served: Served, uncached: Served) -> list[tuple[str, str]]:
    """What was answered, and what was to be answered."""
    return [(a.text, b.text) for a, b in zip(served.answers, uncached.answers, strict=True)]
