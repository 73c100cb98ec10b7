"""The timeline of the run on show: fetched once, then kept up with what happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from rlm_desktop.events import AnyEvent, Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.timeline.spans import Picture, Spans
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.wire import EngineError, Summary, TimelinePage

PAGE = 500
"""Rows asked for at once; to take them in takes 3 ms, a fifth of the time between two frames."""
SOON_MS = 100
"""How long changes are gathered before they are shown."""
REST = 10
"""How many times as long as it took to read a run that another process records it is left alone."""
CALM = 40
"""The same for drawing one that goes on: 20 ms for 100,000 rows, which are then drawn about once a second."""


class Timeline(QObject):
    """Knows when each step of a run began and ended.

    Signals:
        drawn: There is another `Picture` of the run, or (``anew``) the first of another, which is empty.
        moved: The replay stands at another moment.
        refused: The engine could not tell (`EngineError`).
    """

    drawn = Signal(object, bool)
    moved = Signal()
    refused = Signal(object)

    def __init__(
        self, engine: EngineClient, parent: QObject | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self.moment: int | None = None
        self._engine = engine
        self._clock = clock
        self._run = ""
        self._goes_on = False
        self._spans = Spans()
        self._asked = 0
        self._complete = False
        self._fetching = False
        self._heard_of = False
        self._began = self._rested = 0.0
        self._soon = once(self, SOON_MS, self._draw)
        engine.happened.connect(self._happened)
        engine.died.connect(self._forget_questions)

    @property
    def run(self) -> str:
        """The run on show; empty if there is none."""
        return self._run

    @property
    def complete(self) -> bool:
        """Whether all rows there were have come."""
        return self._complete or not self._run

    @property
    def now(self) -> int:
        """Microseconds since the run began."""
        return max(0, round(self._clock() * 1e6) - self._spans.zero) if self._spans.zero else 0

    def follow(self, summary: Summary | None, _tree: object = None) -> None:
        """Show another run, or none."""
        self._asked += 1  # what was asked for the former is nobody's any more
        self._run = summary.run if summary is not None else ""
        self._goes_on = summary is not None and summary.running
        self._spans, self._complete = Spans(), False
        self._fetching = self._heard_of = False
        self.place(None)
        self._draw(anew=True)
        if self._run:
            self._soon.start()  # to say what is waited for, should it take so long
            self._fetch(0)

    def update(self, summary: Summary) -> None:
        """Something new is known of the run: read it again if its events do not come here."""
        if summary.run != self._run:
            return
        went_on, self._goes_on = self._goes_on, summary.running
        if self._complete and not self._heard_of and went_on:
            self._read_again()

    def place(self, moment: int | None) -> None:
        """The replay stands at this moment, in UTC microseconds since the epoch; ``None``: at none."""
        former = self.moment
        self.moment = None if moment is None else max(0, moment - self._spans.zero)
        if former != self.moment:
            self.moved.emit()

    # -- rows --------------------------------------------------------------------------------------------

    def _happened(self, event: AnyEvent, rows: Sequence[Row]) -> None:
        if event.run != self._run:
            return
        self._heard_of = True
        if self._spans.take_rows(rows, grow=self._complete):
            self._change()

    def _read_again(self) -> None:
        """Read what another process records; the longer that takes, the less often."""
        took = self._rested - self._began
        if not self._fetching and (not self._goes_on or self._clock() - self._rested >= REST * took):
            self._fetch(0)

    def _fetch(self, first: int) -> None:
        if not first:
            self._began = self._clock()
        self._fetching = True
        asked = self._asked
        fields: dict[str, Any] = {"run": self._run, "from": first, "count": PAGE}

        def done(page: TimelinePage) -> None:
            if asked == self._asked:
                self._take(page)

        def failed(error: EngineError) -> None:
            if asked == self._asked:
                self._fetching = False
                self._draw()
                self.refused.emit(error)

        self._engine.request("timeline", TimelinePage, done, failed, **fields)

    def _take(self, page: TimelinePage) -> None:
        self._spans.take_page(page)
        following = page.first + len(page.span)
        if page.span and following < page.total:
            self._fetch(following)
            self._change()
        else:
            self._fetching, self._complete, self._rested = False, True, self._clock()
            self._draw()

    def _forget_questions(self, _: str) -> None:
        self._fetching = False

    # -- what is shown -----------------------------------------------------------------------------------

    def _change(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _draw(self, *, anew: bool = False) -> None:
        self._soon.stop()
        began = time.perf_counter()
        picture: Picture = self._spans.picture()
        self.drawn.emit(picture, anew)
        self._soon.setInterval(max(SOON_MS, round(CALM * 1000 * (time.perf_counter() - began))))
