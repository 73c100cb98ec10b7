"""What the engine process says, as types. The protocol is described in ARCHITECTURE.md."""

from __future__ import annotations

import msgspec

from rlm_desktop.events import AnyEvent, Citation, Row, Usage

PROTOCOL = 1
CODELESS = "direct"
"""The strategy that runs no code."""
SAMPLE = "sample"
"""The run that stands for the recorded session that comes with the program."""


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
    pid: int = 0
    reading: float = 0.0
    writing: float = 0.0
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
    """The state of the engine.

    Attributes:
        sandbox: How far it can confine the model's code: ``full``, ``partial`` or ``none``.
        sandbox_why: What that rests on, or what is missing.
        sandbox_fix: What to do for the level above; empty for nothing.
    """

    online: bool = False
    sandbox: str = ""
    sandbox_why: str = ""
    sandbox_fix: str = ""
    home: str = ""
    default_model: str = ""


class TextPage(msgspec.Struct, frozen=True):
    """A piece of a stored text and how many characters it has in all."""

    text: str
    total: int


class RunId(msgspec.Struct, frozen=True):
    """The run a question began."""

    run: str


class Summary(msgspec.Struct, frozen=True):
    """A run in one line of the history, and its answer.

    Attributes:
        started: ISO 8601.
        limit: What stopped it: ``turns``, ``cost``, ….
        title: The name a person gave it; empty if none.
        session: The first run of its session.
        parent_run: The run it follows; empty if none.
        sandbox: How far its code was confined: ``full``, ``partial`` or ``none``.
    """

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
    title: str = ""
    pinned: bool = False
    session: str = ""
    parent_run: str = ""
    sandbox: str = ""

    @property
    def name(self) -> str:
        """Its title, or else its question, on one line."""
        return " ".join((self.title or self.question).split())

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


class Hit(msgspec.Struct, frozen=True):
    """A run in a list, and where a search found it.

    Attributes:
        where: ``question``, ``title``, ``answer``, ``code`` or ``output``; empty in a list that is no search.
        snippet: What it says there.
        marks: Characters ``[start, end)`` of the snippet that match.
    """

    run: Summary
    where: str = ""
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()


class ReplayPage(msgspec.Struct, frozen=True):
    """What a move to another event of a run changes.

    Attributes:
        run: The run as it was then.
        at: Number of the event arrived at, of ``total``.
        moment: When it happens, in seconds of playing at normal speed; the last event at ``duration``.
        time: When it happened, in UTC microseconds since the epoch.
        turns: Numbers of the events that end a turn, and of the last.
        rows: Rows that are new or different, those above before those below.
        removed: Spans of rows that had not begun, those below before those above.
        anew: Whether too much changed to be listed.
    """

    run: Summary
    at: int
    total: int
    moment: float
    duration: float
    time: int
    turns: tuple[int, ...]
    rows: tuple[Row, ...]
    removed: tuple[int, ...]
    anew: bool


class TimelinePage(msgspec.Struct, frozen=True):
    """When the steps of a run began and ended: rows from position ``first`` of ``total``, in the order they began.

    One list for each thing told of the rows. Times are microseconds after ``zero``.

    Attributes:
        zero: When the run began, in UTC microseconds since the epoch.
        kind: Places in the values of `RowKind`.
        status: Places in the values of `RowStatus`.
        heard: When the first text streamed; ``None`` before.
        end: ``None`` while it runs.
        batch: Span of the first call of its batch, 0 if it is of none.
        prompt: Tokens of what the row itself sent.
        completion: Tokens of what it got.
        cost: Of that, in US dollars.
        label: The first characters of what the tree calls it.
    """

    first: int
    total: int
    zero: int
    span: list[int]
    parent: list[int]
    kind: list[int]
    status: list[int]
    start: list[int]
    heard: list[int | None]
    end: list[int | None]
    batch: list[int]
    prompt: list[int]
    completion: list[int]
    cost: list[float]
    label: list[str]


class Exported(msgspec.Struct, frozen=True):
    """The file a report was written to."""

    path: str


class HistoryPage(msgspec.Struct, frozen=True):
    """Runs, pinned ones first, then the newest first, of ``total``."""

    runs: tuple[Summary, ...]
    total: int

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The same, as lists take them."""
        return tuple(map(Hit, self.runs))


class SearchPage(msgspec.Struct, frozen=True):
    """What a search found, each run once, the best first, of ``total``."""

    hits: tuple[Hit, ...]
    total: int


class Session(msgspec.Struct, frozen=True):
    """The runs of one session, in order."""

    runs: tuple[Summary, ...]


class ChangedSource(msgspec.Struct, frozen=True):
    """A document that is not what it was: ``changed``, ``missing`` or ``unreadable``."""

    path: str
    state: str


class Sources(msgspec.Struct, frozen=True):
    """What became of the ``total`` documents of a run since; ``text`` is empty when nothing changed."""

    changed: tuple[ChangedSource, ...]
    total: int
    text: str
