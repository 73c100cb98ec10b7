"""One RLM's REPL with the host API behind it, and what the model is told about its cells."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import msgspec

from rlm_desktop.documents.corpus import Document
from rlm_desktop.engine.context_file import context_file
from rlm_desktop.engine.dialects.base import clip
from rlm_desktop.engine.host_api import Explore, HostApi
from rlm_desktop.engine.past import GONE, Past, Turns
from rlm_desktop.engine.prompts import prompt
from rlm_desktop.engine.rebuild import rebuild
from rlm_desktop.engine.rows import Cell, threads_note
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.session import Kept, Session
from rlm_desktop.engine.stops import STOPPED_CELL, Stopped
from rlm_desktop.engine.trail import Trail
from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.repl.host import CellResult, Context, Repl, ReplLimits
from rlm_desktop.repl.journal import CellRecord, encode
from rlm_desktop.repl.results import LOST

CELL_SECONDS = 60.0
"""A cell's own time; waiting for sub-calls does not count."""
WITHDRAW = 'answer["ready"] = False'
FORGET = 'answer = {"content": "", "ready": False}'
ANNOUNCED_SECONDS, MOST_SECONDS = 60.0, 600.0
"""Own time of earlier cells from which a person is told before they are run again, and up to which they are."""
MOST_KEPT, MOST_NAMED = 20, 5
"""Variables of earlier questions, and documents that came since, that a model is told of by name."""
_ENDINGS = {
    "timeout": "The cell ran too long and was stopped.",
    "memory": "The cell used too much memory and was stopped.",
    "crash": "The cell crashed the REPL.",
    "cancelled": "",
}


class Workbench:
    """A started REPL. Use as an async context manager; leaving it ends the REPL.

    Args:
        run: The run.
        scope: The RLM whose REPL this is.
        explore: Starts a child RLM.
    """

    def __init__(self, run: Run, scope: Scope, explore: Explore) -> None:
        self.trail = Trail()
        self._run = run
        self._scope = scope
        self._explore = explore
        self._api = HostApi(run, scope, self.trail, explore)
        self._repl: Repl
        self._last: CellResult | None = None
        self._outputs: list[str] = []
        self._earlier: Turns = tuple(scope.session.turns) if scope.session else ()
        self._history: Sequence[tuple[str, str]] = self._earlier
        self._kept: dict[str, str] = {}
        self._new: tuple[Document, ...] = ()

    async def __aenter__(self) -> Workbench:
        session = self._scope.session
        if session is None:
            self._repl = await self._start(self._scope.context, self._scope.scratch)
            return self
        kept = await session.take(self._scope.corpus)
        notice = await self._go_on_with(kept) if kept else GONE
        if notice is GONE:
            notice = await self._begin(session)
        if notice:
            try:
                self._run.note(0, notice)
            except StoreError:
                await self._repl.close()
                raise
        return self

    async def _start(self, context: Context, scratch: Path) -> Repl:
        await asyncio.to_thread(scratch.mkdir, parents=True, exist_ok=True)
        return await Repl.start(
            context,
            scratch=scratch,
            handler=self._api,
            limits=ReplLimits(),
            allow_unconfined=self._run.unconfined,
            level=self._run.sandbox,
            zygotes=self._run.zygotes,
            beside=self._scope.beside,
        )

    async def _begin(self, session: Session) -> str:
        """Start a REPL, and compute the variables of the session's earlier questions again if there are any.

        Returns:
            What became of them; empty if there are none.
        """
        start = self._run.recorder.state.start
        documents = self._scope.corpus.documents
        past = Past()
        if session.past and start:
            past = await asyncio.to_thread(session.past, start, documents)
        lost = past.lost
        if past.seconds > MOST_SECONDS:
            lost = f"They took {past.seconds:.0f} s to compute, which is too long to do it again unasked."
        if past.cells and not lost:
            self._repl = await self._start(past.context(documents), session.scratch)
            try:
                return await self._compute_again(past)
            except BaseException as error:
                await self._repl.close()
                if not isinstance(error, UserError) or isinstance(error, StoreError):
                    raise
                lost = error.message
        self._repl = await self._start(self._scope.context, session.scratch)
        return f"{GONE} {lost}" if lost else ""

    async def _compute_again(self, past: Past) -> str:
        if past.seconds > ANNOUNCED_SECONDS:
            took = f"{past.seconds:.0f} s in {len(past.cells)} cells"
            self._run.note(0, f"The variables are computed again first, which took {took}.")
        async with self._run.within_time():
            rebuilt = await rebuild(self._repl, past.steps, past.documents, self._searching)
            self._repl.serve(self._api)
            cleared = await self._repl.execute(FORGET, timeout=CELL_SECONDS)
        self._kept = cleared.variables
        self._new = self._scope.corpus.documents[past.before :]
        self._earlier = self._history = past.turns
        return f"{rebuilt} {cleared.error}".strip()

    def _searching(self, documents: int) -> HostApi:
        """The API as it was when there were so many documents; what it finds is not of this run."""
        corpus = self._scope.corpus
        corpus = msgspec.structs.replace(corpus, documents=corpus.documents[:documents])
        return HostApi(self._run, replace(self._scope, corpus=corpus), Trail(), self._explore)

    async def _go_on_with(self, kept: Kept) -> str:
        """Take over the REPL of the question before, unless its process has died since, and add what is new to it.

        Returns:
            What was lost of it; empty for nothing.
        """
        repl = kept.repl
        repl.serve(self._api)
        try:
            cleared = await repl.execute(FORGET, timeout=CELL_SECONDS)
            if kept.new:
                await repl.add(list(map(context_file, kept.new)))
        except BaseException as error:
            await repl.close()
            if isinstance(error, UserError):
                return GONE
            raise
        self._repl, self._kept, self._new = repl, cleared.variables, kept.new
        return cleared.error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._api.tracing.close()
        finally:
            if self._scope.session:
                self._scope.session.keep(self._repl, self._scope.corpus, self._history)
            else:
                await self._repl.close()

    def expect_output(self) -> None:
        """Prepare to tell what of the documents cells show, while the model writes the first of them."""
        self._api.tracing.prepare()

    async def execute(
        self, cell: Cell, history: Sequence[tuple[str, str]] = (), *, shown: int = 0
    ) -> CellResult:
        """Run a cell; its row shows what it prints while it runs.

        Args:
            cell: Its row and code.
            history: Replies and observations so far, for the REPL's ``history``.
            shown: Characters of its outcome that the model will be shown.
        """
        tracing = self._api.tracing
        tracing.begin(cell.code)
        self._history = (*self._earlier, *history)
        self._repl.set_history(self._history)
        self._api.cell, self._api.repl = cell.span, self._repl
        try:
            cell.result = await self._run.stops.within(cell.span, lambda: self._run_cell(cell))
        except Stopped:
            cell.result = cell.undone(STOPPED_CELL)
        if self._scope.session:
            cell.journal = encode(CellRecord.of(cell.result))
        self._last = cell.result
        self._outputs.append(cell.result.output)
        told = clip(self.describe(cell.result), shown) if shown else ""
        cell.printed, cell.searched = await tracing.shown(told)
        return cell.result

    async def _run_cell(self, cell: Cell) -> CellResult:
        return await self._repl.execute(
            cell.code, timeout=CELL_SECONDS, on_output=cell.stream.output, on_progress=cell.gauge.show
        )

    async def withdraw_answer(self) -> None:
        """Forget that an answer was set; a cell must set it again."""
        await self._repl.execute(WITHDRAW, timeout=CELL_SECONDS)

    def describe_kept(self) -> str:
        """The variables that earlier questions of the session have left, and what is new, for a prompt."""
        lines = [f"- {name}: {summary}" for name, summary in list(self._kept.items())[:MOST_KEPT]]
        if lines:
            lines.insert(0, "Your REPL still holds:")
        if self._new:
            names = [document.name for document in self._new[:MOST_NAMED]]
            names += ["…"] * (len(self._new) > MOST_NAMED)
            texts = len(self._scope.corpus.documents)
            lines.append(prompt("grown", texts=texts, new=len(self._new), names=", ".join(names)))
        return "\n".join(lines)

    def take_hints(self) -> list[str]:
        """One-line hints that came up since the last time."""
        hints, self._api.hints = self._api.hints, []
        return hints

    def draft(self) -> str:
        """What stands in ``answer["content"]``, or the best reading, if the run must end now."""
        best = self.trail.best()
        return (self._last.draft if self._last else "") or (best.answer if best else "")

    @staticmethod
    def describe(result: CellResult) -> str:
        """A cell's outcome as the model is told it."""
        parts = [result.output.rstrip("\n")]
        if result.traceback:
            parts.append(result.traceback.rstrip("\n"))
        if result.status in _ENDINGS:
            parts.append(f"{_ENDINGS[result.status]} {result.error}".strip())
            parts.append(_variables_after(result))
        elif result.setback:
            parts.append(result.setback)
        if result.threads:
            parts.append(threads_note(result.threads))
        if result.failed_calls:
            parts.append(f"({result.failed_calls} of {result.host_calls} calls failed.)")
        return "\n".join(part for part in parts if part)

    async def state(self) -> str:
        """Variables, draft, evidence and the latest outputs, for the forced final turn."""
        lines = []
        if self._last:
            lines += [f"- {name}: {summary}" for name, summary in self._last.variables.items()][:30]
        if draft := self.draft():
            lines.append(f"Draft of the answer: {draft}")
        for reading in self.trail.readings:
            if reading.found:
                lines.append(f"From {reading.passage.where}: {reading.answer} (“{reading.quote}”)")
        lines += [f"Output: {clip(output, 1500)}" for output in self._outputs[-2:] if output]
        return clip("\n".join(lines), 5000)


def _variables_after(result: CellResult) -> str:
    """What is left of the variables after a cell that did not run to its end."""
    if result.restored:
        return "Your variables are as they were before it."
    if LOST in result.error:
        return "Your variables are gone; `context` is there again."
    return "Your variables are as it left them."
