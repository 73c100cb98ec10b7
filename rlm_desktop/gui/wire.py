"""What the engine process says, as types. The protocol is described in ARCHITECTURE.md."""

from __future__ import annotations

import msgspec

from rlm_desktop.events import AnyEvent, Citation, Row, Usage

PROTOCOL = 1


class Hello(msgspec.Struct, frozen=True):
    """The engine's first line."""

    protocol: int
    version: str = ""
    store: str = ""
    pid: int = 0


class EngineError(msgspec.Struct, frozen=True):
    """Why a command failed: one sentence, and one of what to do."""

    kind: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Notice(msgspec.Struct, frozen=True):
    """Something the engine remarks on its own: a model loading, a download, a changed history.

    A run that could not be recorded to its end is ``unsaved``, with a ``message`` and a ``hint``.
    """

    kind: str
    model: str = ""
    state: str = ""
    text: str = ""
    rate: float | None = None
    received: int = 0
    total: int | None = None
    level: str = ""
    run: str = ""
    message: str = ""
    hint: str = ""


class Upward(msgspec.Struct, frozen=True):
    """Any line the engine sends; exactly one of its kinds is set."""

    hello: Hello | None = None
    id: int | None = None
    ok: msgspec.Raw = msgspec.Raw()
    error: EngineError | None = None
    event: AnyEvent | None = None
    rows: tuple[Row, ...] = ()
    notice: Notice | None = None


class Nothing(msgspec.Struct, frozen=True):
    """The answer of a command that only does something."""


class EngineStatus(msgspec.Struct, frozen=True):
    """The state of the engine. ``sandbox`` is ``full``, ``partial`` or ``none``."""

    online: bool = False
    sandbox: str = ""
    home: str = ""
    default_model: str = ""


class Document(msgspec.Struct, frozen=True):
    """One file of an opened source; ``size`` in bytes."""

    index: int
    name: str
    path: str
    size: int
    encoding: str


class Skipped(msgspec.Struct, frozen=True):
    """A file that was left out, and why."""

    path: str
    reason: str


class Opened(msgspec.Struct, frozen=True):
    """Files or folders opened together: what one question is asked about."""

    title: str
    kind: str
    paths: tuple[str, ...]
    files: int
    characters: int
    lines: int
    tokens_estimate: int
    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    skipped_count: int = 0


class LinesPage(msgspec.Struct, frozen=True):
    """Consecutive lines of a document from line ``first`` (counted from 1) of ``total``."""

    first: int
    lines: tuple[str, ...]
    total: int


class TextPage(msgspec.Struct, frozen=True):
    """A piece of a stored text and how many characters it has in all."""

    text: str
    total: int


class RunId(msgspec.Struct, frozen=True):
    """The run a question began."""

    run: str


class Summary(msgspec.Struct, frozen=True):
    """A run in one line of the history, and its answer. ``started`` is ISO 8601."""

    run: str
    question: str
    status: str
    started: str = ""
    seconds: float = 0.0
    strategy: str = ""
    model: str = ""
    sub_model: str = ""
    cost_usd: float = 0.0
    paths: tuple[str, ...] = ()
    answer: str = ""
    error: str = ""
    hint: str = ""
    evidence: tuple[Citation, ...] = ()
    usage: Usage | None = None
    limit: str | None = None

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.status == "running"


class StatePage(msgspec.Struct, frozen=True):
    """One row of a run and some of the rows directly below it, of ``total``."""

    run: Summary
    row: Row
    rows: tuple[Row, ...]
    total: int


class HistoryPage(msgspec.Struct, frozen=True):
    """Runs, newest first, of ``total``."""

    runs: tuple[Summary, ...]
    total: int


class ModelEntry(msgspec.Struct, frozen=True):
    """A model of the catalogue; ``size`` in bytes, ``context_window`` in tokens."""

    name: str
    title: str = ""
    size: int = 0
    licence: str = ""
    context_window: int = 0
    memory: int | None = None
    state: str = "absent"
    note: str = ""


class ModelList(msgspec.Struct, frozen=True):
    """The catalogue."""

    models: tuple[ModelEntry, ...]
