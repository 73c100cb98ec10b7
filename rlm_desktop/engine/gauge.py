"""How far a cell has come, recorded often enough to be watched and no oftener."""

from __future__ import annotations

import asyncio
import contextlib

from rlm_desktop.engine.recorder import Recorder
from rlm_desktop.errors import StoreError
from rlm_desktop.events import CellProgress, Progress

INTERVAL = 0.5
"""Seconds between two events of one cell."""


class Gauge:
    """Coalesces what one cell says of its progress: what came last is recorded, at once or a little later.

    Args:
        recorder: Records it.
        span: The cell's row.
    """

    def __init__(self, recorder: Recorder, span: int) -> None:
        self._recorder = recorder
        self._span = span
        self._shown: Progress | None = None
        self._latest: Progress | None = None
        self._rest: asyncio.TimerHandle | None = None

    def show(self, progress: Progress) -> None:
        """The cell has come so far."""
        self._latest = progress
        if self._rest is None:
            self._record()

    def _record(self) -> None:
        self._rest = None
        if self.close():
            self._rest = asyncio.get_running_loop().call_later(INTERVAL, self._record_late)

    def _record_late(self) -> None:
        with contextlib.suppress(StoreError):  # the recorder raises it again at the cell's next event
            self._record()

    def close(self) -> bool:
        """Record what came last, unless it stands there already; whether it did."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        news = self._latest if self._latest != self._shown else None
        if news is None:
            return False
        self._shown = news
        self._recorder.emit(CellProgress(run=self._recorder.run, span=self._span, progress=news))
        return True
