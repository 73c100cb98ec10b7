"""What the run on show has spent, and how near that is to what it may spend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from rlm_desktop.events import Limits, Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.remote import paid
from rlm_desktop.gui.run.columns import elapsed
from rlm_desktop.gui.run.runs import Runs
from rlm_desktop.gui.run.tree_model import ROOT, RunTreeModel
from rlm_desktop.gui.widgets.status_line import StatusLine
from rlm_desktop.gui.wire.steps import Asked

_TICK_MS = 1000


@dataclass(frozen=True)
class Used:
    """How much of one limit is used.

    Attributes:
        share: Of the limit, 0 to 1; more where it was overshot.
        words: Both amounts, in short.
    """

    share: float
    words: str


def used(limits: Limits, run: Row, now: float) -> list[Used]:
    """How much of each limit of a run is used, the one that is nearest first.

    Args:
        limits: Those without a value are left out.
        run: The row of the run.
        now: Until when it has run if it still runs, in seconds since the epoch.
    """
    return sorted(_used(limits, run, now), key=lambda one: -one.share)


def _used(limits: Limits, run: Row, now: float) -> Iterator[Used]:
    total = run.total
    if limits.turns:
        # the forced last turn is one more, but none of those that are limited
        turns = min(run.children, limits.turns)
        yield Used(
            turns / limits.turns, tr("{used:,} of {limit:,} turns").format(used=turns, limit=limits.turns)
        )
    if limits.subcalls:
        words = tr("{used:,} of {limit:,} sub-calls").format(used=run.subcalls, limit=limits.subcalls)
        yield Used(run.subcalls / limits.subcalls, words)
    if limits.tokens:
        tokens = total.prompt_tokens + total.completion_tokens
        words = tr("{used} of {limit} tokens").format(
            used=numbers.count(tokens), limit=numbers.count(limits.tokens)
        )
        yield Used(tokens / limits.tokens, words)
    if limits.seconds:
        seconds = elapsed(run, now)
        words = tr("{used} of {limit}").format(
            used=numbers.ticking(seconds), limit=numbers.ticking(limits.seconds)
        )
        yield Used(seconds / limits.seconds, words)
    if limits.cost_usd:
        words = tr("{used} of {limit}").format(
            used=numbers.cost(total.cost_usd), limit=numbers.cost(limits.cost_usd)
        )
        yield Used(total.cost_usd / limits.cost_usd, words)


class Spending(QObject):
    """Keeps the status line up to date with the run on show.

    Args:
        engine: Knows the limits of a run.
        runs: Which run is on show.
        status: Says what it has spent.
    """

    def __init__(self, engine: EngineClient, runs: Runs, status: StatusLine) -> None:
        super().__init__(status)
        self._engine, self._runs, self._status = engine, runs, status
        self._tree: RunTreeModel | None = None
        self._run = ""
        self._limits: Limits | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.tell)

    def follow(self, tree: RunTreeModel | None) -> None:
        """Another tree is on show, of another run or of the same one at another moment."""
        if self._tree is not None:
            self._tree.changed.disconnect(self._changed)
        self._tree = tree
        if tree is not None:
            tree.changed.connect(self._changed)
        run = tree.run if tree is not None else ""
        if run != self._run:
            self._run, self._limits = run, None
            self._ask(run)
        self.tell()

    def _ask(self, run: str) -> None:
        def learn(asked: Asked) -> None:
            if run == self._run:
                self._limits = asked.limits
                self.tell()

        if run:
            self._engine.request("asked", Asked, learn, lambda _: None, run=run)

    def _changed(self, span: int) -> None:
        if span == ROOT:
            self.tell()

    def tell(self) -> None:
        """Say it as it is now."""
        tree, run = self._tree, self._runs.on_show
        row = tree.row(ROOT) if tree is not None else None
        models = (run.model, run.sub_model) if run else ()
        spent = row.total if row else None
        self._status.show_spent(spent, paid(spent.cost_usd, *models) if spent else "")
        going_on = row is not None and not row.finished
        if tree is None or row is None or self._limits is None:
            self._status.show_limits("", "")
        else:
            all_used = used(self._limits, row, tree.clock())
            nearest = all_used[0] if all_used else None
            worth = nearest is not None and (going_on or nearest.share >= 1)
            self._status.show_limits(
                nearest.words if nearest and worth else "", "\n".join(one.words for one in all_used)
            )
        if going_on != self._tick.isActive():
            (self._tick.start if going_on else self._tick.stop)()
