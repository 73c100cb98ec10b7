"""The tree of a run in the order of a page: what opens, what stands side by side, what a prompt adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rlm_desktop.events import MessageRef, Row, RunState, TextHash

MOST_VERDICTS = 3
"""Kinds of verdict that say something about many calls at a glance."""


@dataclass(frozen=True)
class Opened:
    """A row; what stands below it follows, up to its `Closed`."""

    row: Row


@dataclass(frozen=True)
class Batch:
    """Calls that were made at once; they follow, up to the batch's `Closed`."""

    rows: tuple[Row, ...]

    @property
    def verdicts(self) -> list[tuple[str, int]]:
        """How many calls ended with which verdict, the most frequent first; with which status if they all differ."""
        verdicts = Counter[str](row.detail or row.status for row in self.rows)
        if len(verdicts) > MOST_VERDICTS:
            verdicts = Counter[str](row.status for row in self.rows)
        return verdicts.most_common()


@dataclass(frozen=True)
class Closed:
    """The end of a row or a batch."""


Step = Opened | Batch | Closed


def steps(state: RunState) -> Iterator[Step]:
    """The tree below the run, without recursion: a log that was read may be nested as deep as it likes."""
    waiting: list[Step] = _below(state, 0)[::-1]
    while waiting:
        step = waiting.pop()
        yield step
        if isinstance(step, Opened):
            waiting += [Closed(), *_below(state, step.row.span)[::-1]]
        elif isinstance(step, Batch):
            waiting += [Closed(), *map(Opened, step.rows[::-1])]


def _below(state: RunState, span: int) -> list[Step]:
    found: list[Step] = []
    for batch, rows in groupby(state.children(span), key=lambda row: row.batch or -row.span):
        together = tuple(rows)
        found += [Batch(together)] if batch > 0 and len(together) > 1 else map(Opened, together)
    return found


@dataclass(frozen=True)
class Same:
    """Messages that were shown before, and the row that shows them (or says where they are shown)."""

    count: int
    row: Row


Prompt = Sequence[MessageRef | Same]


def prompts(state: RunState) -> dict[int, Prompt]:
    """What each row's prompt adds to those above it.

    A conversation is sent again as a whole in every turn, so that showing each prompt would repeat its beginning
    once a turn. The messages a turn shares with the one before are one `Same`.
    """
    first: dict[TextHash, Row] = {}
    latest: dict[TextHash, Row] = {}
    found: dict[int, Prompt] = {}
    for step in steps(state):
        if not isinstance(step, Opened):
            continue
        row = step.row
        found[row.span] = _new(row.prompt, first, latest)
        for text in (*(message.text for message in row.prompt), row.texts.get("reply", "")):
            first.setdefault(text, row)
            latest[text] = row
    return found


def _new(prompt: Sequence[MessageRef], first: dict[TextHash, Row], latest: dict[TextHash, Row]) -> Prompt:
    parts: list[MessageRef | Same] = []
    for known, messages in groupby(prompt, key=lambda message: message.text in first):
        if not known:
            parts += messages
            continue
        texts = [message.text for message in messages]
        places = {first[text].span: first[text] for text in texts}
        parts.append(Same(len(texts), next(iter(places.values())) if len(places) == 1 else latest[texts[-1]]))
    return parts


@dataclass(frozen=True)
class Clipped:
    """A text, with its middle left out if it is long.

    Attributes:
        head: Its beginning, or all of it.
        left_out: Characters of the middle that are not shown.
        tail: Its end; empty when nothing is left out.
    """

    head: str
    left_out: int = 0
    tail: str = ""


def clipped(text: str, limit: int) -> Clipped:
    """The text with at most ``limit`` characters, cut at lines where there are some near by."""
    if len(text) <= limit:
        return Clipped(text)
    head, tail = text[: limit * 2 // 3], text[len(text) - limit // 3 :]
    if (end := head.rfind("\n", len(head) // 2)) >= 0:
        head = head[:end]
    if 0 <= (start := tail.find("\n")) < len(tail) // 2:
        tail = tail[start + 1 :]
    return Clipped(head, len(text) - len(head) - len(tail), tail)
