"""Take a run from its first turn to its last event, whatever happens on the way."""

from __future__ import annotations

import asyncio
import logging

import msgspec

from rlm_desktop.engine.budget import LimitHit
from rlm_desktop.engine.evidence import cite
from rlm_desktop.engine.outcome import Outcome
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.strategies import Strategy
from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import Citation, RunFinished, RunStatus

log = logging.getLogger(__name__)


async def conduct(run: Run, scope: Scope, strategy: Strategy) -> None:
    """Run a strategy and record how it ended.

    Raises:
        StoreError: The history cannot be written, so the end cannot be recorded either; at the next
            start the run is found as interrupted.
    """
    ending = _Ending(run)
    try:
        await _to_the_end(run, scope, strategy, ending)
    except StoreError as error:
        ending.announce(error)
        raise


async def _to_the_end(run: Run, scope: Scope, strategy: Strategy, ending: _Ending) -> None:
    try:
        async with run.within_time():
            await run.outlive(run.root.model.load)
        outcome = await strategy(run, scope)
        ending.record(outcome.status, outcome, await _evidence(run, outcome), outcome.failure)
    except asyncio.CancelledError:
        ending.record("cancelled", failure=UserError("The run was stopped."))
        raise
    except StoreError:
        raise
    except LimitHit as limit:
        run.limit_reached(0, limit)
        ending.record("limit", Outcome("limit", ""))
    except UserError as error:
        ending.record("failed", failure=error)
    except Exception as error:  # the boundary of a run: our bug must not take the engine with it
        log.exception("Run %s failed", run.id)
        bug = f"The program has a bug: {type(error).__name__}: {error}."
        ending.record("failed", failure=UserError(bug, "Please report it with the log."))


async def _evidence(run: Run, outcome: Outcome) -> tuple[Citation, ...]:
    """The citations; if the documents cannot be read any more the quotes remain, unverified."""
    try:
        return await cite(run, outcome)
    except StoreError:
        raise
    except UserError as error:
        run.note(0, f"The quotes could not be verified: {error.message}")
        return tuple(Citation("", 0, 0, quote.text, verified=False) for quote in outcome.quotes)


class _Ending:
    def __init__(self, run: Run) -> None:
        self._run = run

    def record(
        self,
        status: RunStatus,
        outcome: Outcome | None = None,
        evidence: tuple[Citation, ...] = (),
        failure: UserError | None = None,
    ) -> None:
        event = self._event(status, failure)
        if outcome:
            event = msgspec.structs.replace(event, answer=outcome.answer, evidence=evidence)
        self._run.recorder.emit(event)

    def announce(self, error: StoreError) -> None:
        self._run.recorder.announce(self._event("interrupted", error))

    def _event(self, status: RunStatus, failure: UserError | None) -> RunFinished:
        state = self._run.recorder.state
        return RunFinished(
            run=self._run.id,
            span=0,
            status=status,
            usage=state.rows[0].total,
            seconds=self._run.budget.seconds,
            error=failure.message if failure else "",
            hint=failure.hint if failure else "",
            turns=sum(row.kind == "turn" for row in state.children(0)),
        )
