"""An engine process whose runs are made up: a window is fed with events at a steady rate.

Everything but the run itself is the engine's own: each event is stored, folded and sent as any other.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from rlm_desktop.bench.store.story import beginning, ending, middle
from rlm_desktop.config import Settings
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.recorder import Recorder
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.engine.server import serve_pipes
from rlm_desktop.events import RunState

RUN = "bench-live"
_PULSE = 0.01
"""Seconds between two bursts."""


class Feeder(Engine):
    """Answers any question with events.

    Attributes:
        rate: Events a second.
        seconds: For how long.
    """

    rate = 0
    seconds = 0.0

    async def ask(self, request: AskRequest) -> str:
        """Begin to feed."""
        self._recorder = Recorder(RUN, self.store, self._publish)
        self._recorder.emit(beginning(RUN, request.question))
        self._feeding = asyncio.create_task(self._feed())
        return RUN

    async def _feed(self) -> None:
        recorder = self._recorder
        events = middle(RUN, recorder.keep)
        began, sent = time.monotonic(), 0
        while (elapsed := time.monotonic() - began) < self.seconds:
            for _ in range(round(elapsed * self.rate) - sent):
                recorder.emit(next(events))
                sent += 1
            await asyncio.sleep(_PULSE)
        recorder.emit(ending(RUN))

    def live(self, run: str) -> RunState | None:
        """Its state, as long as it goes on."""
        return self._recorder.state if run == RUN and not self._feeding.done() else None

    async def wait(self, run: str) -> None:
        """Return when it has been fed to its end."""
        if run == RUN:
            await asyncio.wait({self._feeding})

    async def cancel(self, run: str) -> None:
        """Stop feeding."""
        if run == RUN:
            self._feeding.cancel()


def main() -> None:
    """Serve on standard input and output: data folder, events a second, seconds."""
    home, rate, seconds = sys.argv[1:]
    Feeder.rate, Feeder.seconds = int(rate), float(seconds)
    up = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    asyncio.run(serve_pipes(Settings(Path(home), online=False), sys.stdin.buffer, up, Feeder))


if __name__ == "__main__":
    main()
