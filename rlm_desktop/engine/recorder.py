"""Stamp an event, store it, then show it: in this order."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from rlm_desktop.errors import StoreError
from rlm_desktop.events import (
    AnyEvent,
    CallDelta,
    CellOutput,
    MessageRef,
    Row,
    RunFinished,
    RunState,
    TextHash,
    stamp,
    text_hash,
)
from rlm_desktop.models.base import Message
from rlm_desktop.store import Store

Publish = Callable[[AnyEvent, list[Row], RunState], None]
"""Receives a stored event, the rows it changed and the state after it."""

COALESCE_SECONDS = 0.1
"""Streamed text is recorded at most this often for one row."""
CHUNK = 16 * 1024
"""Most characters of streamed text in one event; escaped and with its row it fits a line to a front end."""


class Recorder:
    """Records one run.

    Args:
        run: Id of the run.
        store: Where its events go.
        publish: Told of each event once it is stored.
    """

    def __init__(self, run: str, store: Store, publish: Publish) -> None:
        self.run = run
        self.state = RunState()
        self._store = store
        self._publish = publish
        self._kept: set[TextHash] = set()
        self._pending: dict[TextHash, str] = {}
        self._failure: StoreError | None = None
        self._spans = 0

    def next_span(self) -> int:
        """A new row's id."""
        self._spans += 1
        return self._spans

    def keep(self, text: str) -> TextHash:
        """Hash of a text that goes to the store with the next event."""
        key = text_hash(text)
        if key not in self._kept:
            self._pending[key] = text
        return key

    def messages(self, messages: tuple[Message, ...]) -> tuple[MessageRef, ...]:
        """A prompt by reference, its texts kept."""
        return tuple(MessageRef(message.role, self.keep(message.content)) for message in messages)

    def emit(self, event: AnyEvent) -> None:
        """Record an event and publish it.

        Raises:
            StoreError: It could not be stored; then nothing is shown either.
        """
        if self._failure:  # a later, smaller event might fit, and the log would have a hole
            raise self._failure
        stamped = self._stamp(event)
        try:
            self._store.append(stamped, self._pending)
        except StoreError as error:
            self._failure = error
            raise
        self._kept.update(self._pending)
        self._pending = {}
        self._show(stamped)

    def announce(self, event: RunFinished) -> None:
        """Publish the end of a run that can no longer be stored: the one event that is only shown.

        The next start finds the run without an end and records it as interrupted, which this event says too.
        """
        self._show(self._stamp(event))

    def _stamp(self, event: AnyEvent) -> AnyEvent:
        return stamp(event, self.state.seq + 1, time.time_ns() // 1000)

    def _show(self, event: AnyEvent) -> None:
        rows = self.state.apply(event)
        self._publish(event, rows, self.state)


class Stream:
    """Coalesces the text that streams into one row.

    Args:
        recorder: Records the pieces.
        span: The row.
    """

    def __init__(self, recorder: Recorder, span: int) -> None:
        self._recorder = recorder
        self._span = span
        self._buffer = ""
        self._kind = ""
        self._last = 0.0

    def delta(self, chunk: str) -> None:
        """Text a model generated."""
        self._add("", chunk)

    def restart(self) -> None:
        """The model begins its reply again: what came of it so far is void."""
        self._buffer = ""
        if self._recorder.state.rows[self._span].live:
            self._recorder.emit(CallDelta(run=self._recorder.run, span=self._span, chunk="", anew=True))

    def output(self, stream: str, chunk: str) -> None:
        """Text a cell printed."""
        self._add(stream, chunk)

    def _add(self, kind: str, chunk: str) -> None:
        if kind != self._kind:
            self.flush()
            self._kind = kind
        self._buffer += chunk
        if time.monotonic() - self._last >= COALESCE_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Record what has come since the last piece."""
        if not self._buffer:
            return
        text, self._buffer = self._buffer, ""
        self._last = time.monotonic()
        for start in range(0, len(text), CHUNK):
            self._emit(text[start : start + CHUNK])

    def _emit(self, chunk: str) -> None:
        if self._kind:
            stream: Literal["stdout", "stderr"] = "stderr" if self._kind == "stderr" else "stdout"
            self._recorder.emit(
                CellOutput(run=self._recorder.run, span=self._span, stream=stream, chunk=chunk)
            )
        else:
            self._recorder.emit(CallDelta(run=self._recorder.run, span=self._span, chunk=chunk))
