"""When each step of a run began and ended, and what it took: the rows of a timeline, as they come."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np
import numpy.typing as npt

from rlm_desktop.events import Row
from rlm_desktop.events.row import RowKind, RowStatus
from rlm_desktop.gui.timeline.lanes import NONE, OPEN, Arrangement, Lanes, Numbers
from rlm_desktop.gui.wire import TimelinePage

KINDS: tuple[RowKind, ...] = get_args(RowKind)
STATUSES: tuple[RowStatus, ...] = get_args(RowStatus)
RUNNING = STATUSES.index("running")
_LABEL = 40
_AHEAD = 1_000
"""How far a span may be ahead of all others and still go into the column of `Positions`."""
_COLUMNS = {
    "span": "q", "kind": "b", "status": "b", "start": "q", "heard": "q", "end": "q", "prompt": "q", "completion": "q",
}  # fmt: skip
"""With the codes of `array`."""


class Labels:
    """Short texts, end to end: a tenth of what they take as strings of their own."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("q", (0,))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        return self._text[self._ends[number] : self._ends[number + 1]].decode("utf-8", "replace")

    def add(self, text: str) -> None:
        """Keep one more."""
        self._text += text.encode("utf-8", "replace")
        self._ends.append(len(self._text))


class Positions:
    """Numbers of rows by their spans, which count up but for those of groups: a column has nearly all of them."""

    def __init__(self) -> None:
        self._column = array("i")
        self._others: dict[int, int] = {}

    def __contains__(self, span: int) -> bool:
        return self.get(span) is not None

    def __setitem__(self, span: int, position: int) -> None:
        ahead = span - len(self._column)
        if 0 <= ahead < _AHEAD:
            self._column.extend([NONE] * (ahead + 1))
        if 0 <= span < len(self._column):
            self._column[span] = position
        else:
            self._others[span] = position

    def get(self, span: int) -> int | None:
        """The number of the row with this span, if it is known."""
        position = self._column[span] if 0 <= span < len(self._column) else NONE
        return position if position != NONE else self._others.get(span)


@dataclass(frozen=True)
class Meter:
    """What was spent, as it came to be known: tokens and US dollars, in total after each moment."""

    time: Numbers
    prompt: Numbers
    completion: Numbers
    cost: npt.NDArray[np.float64]

    def at(self, moments: npt.ArrayLike) -> tuple[Numbers, Numbers, npt.NDArray[np.float64]]:
        """The totals at these moments."""
        places = np.searchsorted(self.time, moments, "right")
        return self.prompt[places], self.completion[places], self.cost[places]


@dataclass(frozen=True)
class Picture:
    """All rows of a run at one moment, one array for each thing known of them, in the order they began.

    Times are microseconds since the run began; `OPEN` stands for what has not happened yet. ``until`` is when a
    row and all below it had ended.
    """

    span: Numbers
    kind: Numbers
    status: Numbers
    start: Numbers
    heard: Numbers
    end: Numbers
    prompt: Numbers
    completion: Numbers
    cost: npt.NDArray[np.float64]
    parent: Numbers
    until: Numbers
    labels: Labels
    lanes: Arrangement

    def __len__(self) -> int:
        return len(self.span)

    @property
    def running(self) -> bool:
        """Whether the run has not ended."""
        return bool(len(self)) and int(self.status[0]) == RUNNING

    @cached_property
    def length(self) -> int:
        """Until its last known moment; of a run that goes on, so far."""
        ends = self.end[self.end < OPEN]
        return int(max(ends.max(initial=0), self.start.max(initial=0)))

    def way_to(self, row: int) -> list[int]:
        """The spans of the rows above one from the top of the tree down, and its own."""
        way: list[int] = []
        while row > 0:
            way.insert(0, int(self.span[row]))
            row = int(self.parent[row])
        return way

    @cached_property
    def meter(self) -> Meter:
        """What was spent."""
        spent = np.flatnonzero((self.end < OPEN) & ((self.prompt > 0) | (self.completion > 0)))
        order = spent[np.argsort(self.end[spent], kind="stable")]
        sums = (
            np.concatenate(([0], np.cumsum(column[order])))
            for column in (self.prompt, self.completion, self.cost)
        )
        return Meter(self.end[order], *sums)


class Spans:
    """Collects rows, from pages of the engine and from the events of a run that goes on."""

    def __init__(self) -> None:
        self.zero = 0
        self._columns = {name: array(code) for name, code in _COLUMNS.items()}
        self._cost = array("d")
        self._parent = array("i")
        self._labels = Labels()
        self._position = Positions()
        self._lanes = Lanes()

    def __len__(self) -> int:
        return len(self._labels)

    def position(self, span: int) -> int | None:
        """Number of the row with this span, if it is known."""
        return self._position.get(span)

    def take_page(self, page: TimelinePage) -> None:
        """Take in consecutive rows; those that are known already are brought up to date."""
        self.zero = page.zero
        known = max(0, len(self) - page.first)
        for number in range(min(known, len(page.span))):
            self._update(page.first + number, page, number)
        if page.first + known == len(self):
            self._append(page, known)

    def take_rows(self, rows: Sequence[Row], *, grow: bool) -> bool:
        """Take in rows that an event changed.

        Args:
            rows: As events list them, those above after those below.
            grow: Whether those that are not known are new, instead of in a page that is yet to come.

        Returns:
            Whether anything is different now.
        """
        changed = False
        for row in reversed(rows):
            position = self._position.get(row.span)
            if position is None:
                if not grow or (row.span and row.parent not in self._position):
                    continue
                self.zero = self.zero or row.started
            elif self._knows(position, row):
                continue
            changed |= self._take(row, position)
        return changed

    def _knows(self, position: int, row: Row) -> bool:
        """Whether a row is as it was: most are only above the one an event is about."""
        columns, zero = self._columns, self.zero
        return (
            columns["end"][position] == (row.finished - zero if row.finished else OPEN)
            and columns["heard"][position] == (row.heard - zero if row.heard else OPEN)
            and columns["status"][position] == STATUSES.index(row.status)
            and columns["completion"][position] == row.usage.completion_tokens
            and columns["prompt"][position] == row.usage.prompt_tokens
        )

    def _take(self, row: Row, position: int | None) -> bool:
        zero, usage = self.zero, row.usage
        page = TimelinePage(
            first=0, total=1, zero=zero, span=[row.span], parent=[row.parent],
            kind=[KINDS.index(row.kind)], status=[STATUSES.index(row.status)], start=[row.started - zero],
            heard=[row.heard - zero if row.heard else None], end=[row.finished - zero if row.finished else None],
            batch=[row.batch], prompt=[usage.prompt_tokens], completion=[usage.completion_tokens],
            cost=[usage.cost_usd], label=[row.label[:_LABEL]],
        )  # fmt: skip
        if position is not None:
            return self._update(position, page, 0)
        self._append(page, 0)
        return True

    def _append(self, page: TimelinePage, known: int) -> None:
        first = len(self)
        for name, column in self._columns.items():
            column.extend(OPEN if value is None else value for value in getattr(page, name)[known:])
        self._cost.extend(page.cost[known:])
        for label in page.label[known:]:
            self._labels.add(label)
        for number, span in enumerate(page.span[known:], known):
            position = first + number - known
            above = self._position.get(page.parent[number]) if position else NONE
            # a row that nobody opened would be a bug of the engine; it is shown all the same
            parent = 0 if above is None else above
            self._position[span] = position
            self._parent.append(parent)
            self._lanes.begin(parent, page.start[number])
            end = page.end[number]
            if end is not None:
                self._lanes.finish(position, max(end, page.start[number]))

    def _update(self, position: int, page: TimelinePage, number: int) -> bool:
        """Bring a row up to date; one that has ended stays so."""
        columns, end = self._columns, page.end[number]
        if end is None and columns["end"][position] < OPEN:
            return False
        if end is not None and columns["end"][position] == OPEN:
            self._lanes.finish(position, max(end, page.start[number]))
        self._cost[position] = page.cost[number]
        before = [column[position] for column in columns.values()]
        for name, column in columns.items():
            value = getattr(page, name)[number]
            column[position] = OPEN if value is None else value
        return before != [column[position] for column in columns.values()]

    def picture(self) -> Picture:
        """All rows as they are now."""
        columns = {name: np.array(column) for name, column in self._columns.items()}
        return Picture(
            **columns,
            cost=np.array(self._cost),
            parent=np.array(self._parent),
            labels=self._labels,
            until=self._lanes.until,
            lanes=self._lanes.arrange(),
        )
