"""How long it takes to say which characters of a large corpus a megabyte of prompts is made of."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from statistics import median

from rlm_desktop.bench.repl.grounds import Grounds
from rlm_desktop.bench.repl.plan import MEGABYTE, Plan, spelled
from rlm_desktop.bench.section import Section, Table
from rlm_desktop.documents.corpus import Corpus
from rlm_desktop.documents.worker import ScanWorker
from rlm_desktop.errors import UserError
from rlm_desktop.events import Extent, Range

CORPUS, PROMPTS = 100 * MEGABYTE, MEGABYTE
"""Bytes of the corpus, and of the prompts that are traced."""
PASSAGE, LISTED = 4_000, 40
"""Characters of a passage, and lines of a list."""
ASKED = "Asked for 1 MB of prompts over 100 MB: 2 s at most, and 99 % of the characters found."
_TEMPLATE = "Read this part of a log and say who failed and why.\n\n{}\n\nAnswer in one sentence."
_LINES = "Which of these entries speak of the bank?\n{}"


class Provenance(Section, frozen=True, kw_only=True):
    """Prompts traced in the scan process.

    Attributes:
        corpus: Bytes of the corpus, which was in the memory of the process.
        prompts: Bytes of the prompts: passages of it and lists of scattered lines, each in a question.
        index: Seconds it took to index the corpus, once.
        seconds: Seconds to trace all prompts.
        found: Share of the characters taken from the corpus that were found where they are.
        wait: Seconds the process took at most to answer something else meanwhile.
        alone: Seconds it takes for that when it has nothing else to do.
    """

    corpus: int
    prompts: int
    index: float
    seconds: float
    found: float
    wait: float
    alone: float

    def tables(self) -> list[Table]:
        """A row for each figure."""
        rows = (
            ("index of the corpus", f"{self.index:.2f} s"),
            (f"{spelled(self.prompts)} of prompts", f"{self.seconds:.2f} s"),
            ("characters found where they are", f"{self.found:.2%}"),
            ("longest wait of a search meanwhile", f"{self.wait:.2f} s"),
            ("the same with nothing to wait for", f"{self.alone * 1000:.1f} ms"),
        )
        return [Table(self.name, ("", ""), rows, (ASKED,))]


async def measure_provenance(plan: Plan, grounds: Grounds) -> AsyncGenerator[Section]:
    """Trace prompts over a log of many hosts, smaller ones where all texts are to be smaller.

    Raises:
        UserError: The disk refuses the text.
    """
    corpus = min(CORPUS, max(plan.sizes))
    prompts = min(PROMPTS, corpus // 10)
    grounds.tell(f"{spelled(prompts)} of prompts over {spelled(corpus)} …")
    path = grounds.scratch / "provenance.txt"
    try:
        text = await _log(corpus)
        _write(path, text)
        yield await _measured(path, text, prompts)
    except OSError as error:
        raise UserError(f"A text of {spelled(corpus)} could not be written: {error.strerror}.") from error
    finally:
        path.unlink(missing_ok=True)


async def _measured(path: Path, text: str, size: int) -> Provenance:
    asked, taken = _prompts(text, size)
    worker = ScanWorker()
    try:
        corpus, _ = await worker.open([path])
        await worker.grep(corpus, "no such line", 1)  # the text is in memory from then on
        began = time.perf_counter()
        await worker.trace(corpus, [])
        index = time.perf_counter() - began
        alone = median([await _answered(worker, corpus) for _ in range(20)])
        began = time.perf_counter()
        tracing = asyncio.create_task(worker.trace(corpus, asked, own=f"{_TEMPLATE} {_LINES}"))
        waits = [0.0]
        while not tracing.done():
            waits.append(await _answered(worker, corpus))
        traced = await tracing
        seconds = time.perf_counter() - began
    finally:
        await worker.close()
    found = Extent(one for some in traced for one in some)
    missed = taken.without(found).characters
    return Provenance(
        name=f"provenance, {spelled(len(text))}",
        corpus=len(text),
        prompts=sum(map(len, asked)),
        index=index,
        seconds=seconds,
        found=1 - missed / taken.characters,
        wait=max(waits),
        alone=alone,
    )


async def _answered(worker: ScanWorker, corpus: Corpus) -> float:
    """Seconds until a page of the document is there, which takes no time itself."""
    began = time.perf_counter()
    await worker.lines(corpus.documents[0].path, corpus.documents[0].encoding, 1, 1)
    return time.perf_counter() - began


def _prompts(text: str, size: int) -> tuple[list[str], Extent]:
    """Prompts of so many bytes, half of them passages, half of them scattered lines; and what is in them."""
    chance = random.Random(2)  # noqa: S311 - it is to be the same every time
    taken = Extent()
    asked: list[str] = []
    while sum(map(len, asked)) < size:
        start = chance.randrange(max(1, len(text) - PASSAGE))
        places = [(start, min(len(text), start + PASSAGE))]
        if len(asked) % 2:
            starts = sorted(chance.randrange(len(text)) for _ in range(LISTED))
            places = [(text.rfind("\n", 0, at) + 1, text.find("\n", at)) for at in starts]
        shown = "\n".join(text[start:end] for start, end in places)
        asked.append((_LINES if len(asked) % 2 else _TEMPLATE).format(shown))
        taken.add(Range(0, start, end) for start, end in places)
    return asked, taken


async def _log(size: int) -> str:
    """Lines of a log that differ as those of many hosts do; what happens is always the same few things."""
    chance = random.Random(1)  # noqa: S311
    happenings = (
        "accepted the order of the customer and passed it on to the warehouse",
        "waited for a reply of the bank, which came at the second attempt",
        "found nothing to do and went to sleep until the next message",
        "refused a parcel whose address could not be read, and told the sender so",
    )
    lines: list[str] = []
    written = 0
    while written < size:
        second = len(lines) % 86_400
        lines.append(
            f"2026-{len(lines) // 86_400 % 12 + 1:02}-07T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} "
            f"host{chance.randrange(500)} worker[{chance.randrange(10_000)}]: {chance.getrandbits(40):010x} "
            f"{happenings[chance.randrange(4)]} within {chance.randrange(10_000)} ms\n"
        )
        written += len(lines[-1])
        if len(lines) % 10_000 == 0:
            await asyncio.sleep(0)  # a moment to be cancelled in
    return "".join(lines)


def _write(path: Path, text: str) -> None:
    path.write_text(text, "ascii", newline="")
