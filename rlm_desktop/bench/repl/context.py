"""How soon a cell can run over a text, and in how much memory: our REPL and the reference's."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import msgspec

from rlm_desktop.bench.repl.grounds import NAME, Grounds, one_text, run
from rlm_desktop.bench.repl.memory import Peak, anonymous
from rlm_desktop.bench.repl.plan import GIGABYTE, Plan, spelled
from rlm_desktop.bench.repl.reference import NAME as REFERENCE
from rlm_desktop.bench.repl.reference import open_reference
from rlm_desktop.bench.repl.texts import CURLY_QUOTE, EMOJI, containing
from rlm_desktop.bench.section import Section, Table
from rlm_desktop.errors import UserError
from rlm_desktop.models.llama.hardware import free_memory

ASKED = "Asked for 1 GB in ASCII: a third of its time and half of its peak."
WHAT_COUNTS = "Our time includes the start of its processes; the reference is started and imported before."


@dataclass(frozen=True)
class Kind:
    """A kind of text: what is special about it, and the bytes Python keeps for each of its characters."""

    name: str
    character: str
    width: int


KINDS = (Kind("ASCII", "", 1), Kind("one curly quote", CURLY_QUOTE, 2), Kind("one emoji", EMOJI, 4))


class Loading(msgspec.Struct, frozen=True, kw_only=True):
    """One text loaded by one of the two.

    Attributes:
        seconds: From the path to the answer of a cell, of each round.
        median: The middle one of them.
        peak: Bytes of anonymous memory, of all its processes together, in a round of its own; ``None`` where
            the system does not say.
    """

    seconds: tuple[float, ...]
    median: float
    peak: int | None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One text loaded by both.

    Attributes:
        text: What is special about it.
        ours: By our REPL.
        reference: By the other; ``None`` when it could not be measured.
        time: Our share of its time.
        memory: Our share of its peak.
    """

    text: str
    ours: Loading
    reference: Loading | None = None
    time: float | None = None
    memory: float | None = None


class Ready(Section, frozen=True, kw_only=True):
    """Texts of one size made ready for cells.

    Attributes:
        size: Their bytes.
        texts: One in ASCII, and two with one foreign character.
    """

    size: int
    texts: tuple[Compared, ...]

    def tables(self) -> list[Table]:
        """A row for each text and REPL, and the ratios in sentences."""
        rows = [
            (f"{text.text}: {who}", *_figures(loading))
            for text in self.texts
            for who, loading in ((NAME, text.ours), (REFERENCE, text.reference))
            if loading
        ]
        columns = ("", "s", "from", "peak MB")
        return [Table(self.name, columns, tuple(rows), (*self.failures, *self._remarks()))]

    def _remarks(self) -> list[str]:
        ratios = [
            f"{text.text}: {text.time:.2f} of its time{_share(text.memory)}."
            for text in self.texts
            if text.time is not None
        ]
        asked = [ASKED] if self.size == GIGABYTE and ratios else []
        return [*ratios, *asked, WHAT_COUNTS]


Load = Callable[[bool], Awaitable[tuple[float, int | None]]]
"""Loads the text once, looking at the memory or not; gives the seconds and the peak."""


async def measure_context(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """Load texts of each size; the file is in the system's cache, as it was just written.

    Raises:
        UserError: The disk refuses a text.
    """
    for size in plan.sizes:
        path = await grounds.texts.of(size)
        texts: list[Compared] = []
        failures: list[str] = []
        for kind in KINDS:
            with containing(kind.character, path) as characters:
                grounds.tell(f"{spelled(size)}, {kind.name} …")
                try:
                    check_memory(size * kind.width)
                    ours = await _repeated(partial(_load_ours, path, characters, grounds), plan.rounds)
                    texts.append(Compared(text=kind.name, ours=ours))
                    if grounds.reference:
                        check_memory(size * (2 * kind.width + 1))  # what it is given, and what it reads back
                        load = partial(_load_reference, path, characters, grounds)
                        texts[-1] = beside(texts[-1], await _repeated(load, plan.rounds))
                except UserError as error:
                    failures.append(f"{kind.name}: {error}")
        yield Ready(name=f"context, {spelled(size)}", size=size, texts=tuple(texts), failures=tuple(failures))


def beside(compared: Compared, reference: Loading) -> Compared:
    """A comparison with the reference in it."""
    ours = compared.ours
    return msgspec.structs.replace(
        compared,
        reference=reference,
        time=ours.median / reference.median,
        memory=ours.peak / reference.peak if ours.peak and reference.peak else None,
    )


async def _repeated(load: Load, rounds: int) -> Loading:
    """Load with a stopwatch, and once more to look at the memory, which would slow it down."""
    seconds = tuple([(await load(False))[0] for _ in range(rounds)])
    _, peak = await load(True)
    return Loading(seconds=seconds, median=median(seconds), peak=peak)


async def _load_ours(
    path: Path, characters: int, grounds: Grounds, watched: bool
) -> tuple[float, int | None]:
    """What this process itself takes in addition counts too."""
    before = anonymous([os.getpid()])
    with Peak(os.getpid(), watched=watched) as peak:
        started = time.perf_counter()
        async with grounds.open_repl(one_text(path)) as repl:
            result = await run(repl, "len(context)")
            seconds = time.perf_counter() - started
    if result.output.strip() != str(characters):
        raise UserError(f"{NAME} took {characters:,} characters for {result.output.strip()[:40]}.")
    return seconds, None if peak.bytes is None else peak.bytes - before


async def _load_reference(
    path: Path, characters: int, grounds: Grounds, watched: bool
) -> tuple[float, int | None]:
    """Its process and all it has to import are there before the stopwatch runs."""
    async with open_reference(grounds.scratch) as reference:
        await reference.get_ready()
        with Peak(reference.pid, watched=watched) as peak:
            seconds = await reference.load(path, characters)
    return seconds, peak.bytes


def check_memory(held: float) -> None:
    """Make sure that so many bytes, and a fifth more, are free.

    Raises:
        UserError: They are not.
    """
    needed = held * 1.2
    free = free_memory()
    if free < needed:
        raise UserError(
            f"This takes about {spelled(int(needed))} of memory, and {spelled(free)} are free.",
            "Name smaller texts with --sizes.",
        )


def _figures(loading: Loading) -> tuple[str, ...]:
    return (
        f"{loading.median:.3f}",
        f"{min(loading.seconds):.3f} to {max(loading.seconds):.3f}",
        "" if loading.peak is None else f"{loading.peak / 1e6:.0f}",
    )


def _share(memory: float | None) -> str:
    return "" if memory is None else f", {memory:.2f} of its peak"
