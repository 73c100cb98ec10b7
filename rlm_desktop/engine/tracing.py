"""What of the documents one RLM's cells show, send and find, for the events that say so.

What `find` and `grep` return is known exactly. What was printed or put into a prompt is traced in the scan process, while
the model that is asked computes; an event never waits long for that, and a run never fails by it. Where a passage stands
that a cell has read is what the cell says: it is believed once the scan process has seen the passage there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from rlm_desktop.documents.library import Passage
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.errors import BugError, UserError
from rlm_desktop.events import Extent, Range, RangeText, encode_ranges

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds an event waits for what is being traced; then it is stored without."""
MOST_OWN = 50_000
"""Characters of the latest code that are known not to be the documents' words."""
MOST_EXPECTED = 500
"""Ranges found by searches where ambiguous text is looked for first."""

Traces = list[tuple[Range, ...]]


@dataclass(frozen=True)
class Sent:
    """What one of several prompts is made of, as soon as that is known.

    Attributes:
        traces: Finds it out for all of them.
        index: Which it is.
    """

    traces: asyncio.Task[Traces]
    index: int = 0

    async def ranges(self) -> tuple[Range, ...]:
        """What it is made of; nothing if that takes too long."""
        await asyncio.wait([self.traces], timeout=PATIENCE)
        return self.known

    @property
    def known(self) -> tuple[Range, ...]:
        """What it is made of, as far as is known now."""
        done = self.traces.done() and not self.traces.cancelled()
        return self.traces.result()[self.index] if done else ()


class Tracing:
    """Follows the cells of one RLM.

    Args:
        run: The run.
        scope: The RLM.
    """

    def __init__(self, run: Run, scope: Scope) -> None:
        self._run = run
        self._scope = scope
        self._own = ""
        self._found = Extent()
        self._sent: list[Sent] = []
        self._tasks: set[asyncio.Task[Traces]] = set()

    def prepare(self) -> None:
        """Have the documents and their index in memory before the first text is traced."""
        self._start([])

    def begin(self, code: str) -> None:
        """A cell begins. Its code is no document's, nor is that of the cells before it."""
        self._own = f"{self._own}\n{code}"[-MOST_OWN:]
        self._found, self._sent = Extent(), []

    def find(self, passages: Sequence[Passage]) -> None:
        """A search of the cell gave these passages."""
        self._found.add(Range(passage.document, passage.start, passage.end) for passage in passages)

    def send(self, prompts: Sequence[str], claims: Sequence[Range | None] = ()) -> list[Sent]:
        """The cell sends these texts to sub-calls; they are traced from now on.

        Args:
            prompts: The texts.
            claims: Where it says that each of them stands, if it says so of any.
        """
        task = self._start(prompts, claims)
        sent = [Sent(task, index) for index in range(len(prompts))]
        self._sent += sent
        return sent

    async def shown(self, text: str) -> tuple[RangeText, RangeText]:
        """The cell has ended, and a model is shown this of it.

        Returns:
            What the text is made of, and what was found and neither shown nor sent.
        """
        printed = await Sent(self._start([text])).ranges() if text else ()
        if not self._found:
            return encode_ranges(printed), ""
        seen = Extent(printed)
        for sent in self._sent:
            seen.add(sent.known)
        return encode_ranges(printed), encode_ranges(self._found.without(seen))

    async def close(self) -> None:
        """Wait for what is still being traced, but not long."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, texts: Sequence[str], claims: Sequence[Range | None] = ()) -> asyncio.Task[Traces]:
        task = asyncio.create_task(self._trace(texts, claims))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _trace(self, texts: Sequence[str], claims: Sequence[Range | None]) -> Traces:
        own = f"{self._scope.question}\n{self._run.question}\n{self._own}"
        near = tuple(self._found)[:MOST_EXPECTED]
        try:
            true = await self._true(texts, claims)
            traces: dict[int, tuple[Range, ...]] = {index: (place,) for index, place in true.items()}
            rest = [index for index in range(len(texts)) if index not in traces]
            if rest or not texts:
                loose = [texts[index] for index in rest]
                found = await self._run.scan.trace(self._scope.corpus, loose, own=own, near=near)
                traces |= dict(zip(rest, found, strict=True))
            return [traces[index] for index in range(len(texts))]
        except UserError:  # the documents have gone, or memory: the run goes on without
            return [()] * len(texts)
        except BugError:  # nor is this a reason to lose an answer
            log.exception("What %d texts are made of could not be found out", len(texts))
            return [()] * len(texts)

    async def _true(self, texts: Sequence[str], claims: Sequence[Range | None]) -> dict[int, Range]:
        """The claims that are true, each under the number of its text."""
        made = {index: claim for index, claim in enumerate(claims) if claim is not None}
        claimed = [texts[index] for index in made]
        stand = await self._run.scan.stand(self._scope.corpus, claimed, tuple(made.values()))
        return {index: claim for (index, claim), stands in zip(made.items(), stand, strict=True) if stands}
