import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.events import Row, Usage
from rlm_desktop.gui.timeline.lanes import OPEN
from rlm_desktop.gui.timeline.spans import Picture, Spans
from tests.gui.timeline.timelines import RUNNING, SECOND, THREE_TURNS, ZERO, page

COLUMNS = (
    "span",
    "kind",
    "status",
    "start",
    "heard",
    "end",
    "prompt",
    "completion",
    "cost",
    "parent",
    "until",
)


def read(steps=THREE_TURNS, size: int = 100) -> Spans:
    spans = Spans()
    for first in range(0, len(steps), size):
        spans.take_page(page(steps[first : first + size], first, len(steps)))
    return spans


def same(one: Picture, other: Picture) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS
    ) and np.array_equal(one.lanes.lane, other.lanes.lane)


@given(st.integers(1, 80))
def test_pages_of_any_size_amount_to_the_same(size: int) -> None:
    assert same(read(size=size).picture(), read().picture())


def test_a_page_that_comes_again_changes_nothing() -> None:
    spans = read()
    before = spans.picture()
    spans.take_page(page(THREE_TURNS[:50]))
    assert same(before, spans.picture()) and len(spans) == len(THREE_TURNS)


def test_a_later_reading_tells_what_has_ended_since_and_what_is_new() -> None:
    spans = read(RUNNING)
    ended = tuple(step._replace(end=step.end or 9.0, status="done") for step in RUNNING)
    spans.take_page(page((*ended, RUNNING[3]._replace(span=4, start=4.0, end=8.0))))
    picture = spans.picture()
    assert picture.end.tolist() == [9 * SECOND, 2 * SECOND, 9 * SECOND, 9 * SECOND, 8 * SECOND]
    assert not (picture.end == OPEN).any() and picture.status[0] != 0
    assert picture.lanes.lane.tolist() == [-1, 0, 1, 2, 3]


def row(span: int, parent: int, kind: str = "call", **fields: object) -> Row:
    return Row(span=span, parent=parent, index=0, kind=kind, label=f"{kind} {span}", **fields)


def test_rows_of_events_go_on_where_pages_ended() -> None:
    spans = read(RUNNING)
    started = ZERO + 5 * SECOND
    new = row(9, 2, started=started, prompt=())
    assert spans.take_rows([new, row(2, 1, "cell", started=ZERO + 2 * SECOND)], grow=True)
    assert spans.position(9) == 4
    done = row(
        9, 2, started=started, finished=started + SECOND, status="done", usage=Usage(10, 2, cost_usd=0.5)
    )
    assert spans.take_rows([done], grow=True)
    assert not spans.take_rows([done], grow=True)
    picture = spans.picture()
    assert picture.end[4] == 6 * SECOND and picture.cost[4] == 0.5
    assert picture.length == 6 * SECOND and picture.running
    assert picture.way_to(4) == [1, 2, 9]


def test_rows_whose_page_is_still_to_come_wait_for_it() -> None:
    spans = Spans()
    spans.take_page(page(RUNNING[:2], 0, 4))
    assert not spans.take_rows([row(3, 2, started=ZERO)], grow=False)
    spans.take_page(page(RUNNING[2:], 2))
    assert spans.picture().span.tolist() == [0, 1, 2, 3]


def test_a_run_is_taken_in_from_its_first_event() -> None:
    spans = Spans()
    spans.take_rows([row(0, 0, "run", started=ZERO)], grow=True)
    spans.take_rows([row(1, 0, "turn", started=ZERO + SECOND), row(0, 0, "run", started=ZERO)], grow=True)
    picture = spans.picture()
    assert spans.zero == ZERO and picture.start.tolist() == [0, SECOND]


def test_rows_above_come_after_those_below() -> None:
    spans = read(RUNNING)
    group = row(1 << 29, 2, "group", started=ZERO + 4 * SECOND)
    assert spans.take_rows([row(9, 1 << 29, started=ZERO + 4 * SECOND), group], grow=True)
    assert spans.picture().way_to(5) == [1, 2, 1 << 29, 9]


def test_a_row_that_ended_stays_so() -> None:
    spans = read()
    assert not spans.take_rows([row(1, 0, "turn", started=ZERO)], grow=True)


def test_what_was_spent_counts_from_when_it_was_known() -> None:
    meter = read().picture().meter
    prompt, completion, cost = meter.at([0, 2 * SECOND - 1, 2 * SECOND, 6 * SECOND, 99 * SECOND])
    assert prompt.tolist() == [0, 0, 1_000, 3_000, 1_000 + 2_000 + 3_000 + 64 * 300]
    assert completion[-1] == 50 + 60 + 70 + 640
    assert abs(cost[-1] - 0.007) < 1e-9


def test_nothing_is_a_picture_too() -> None:
    picture = Spans().picture()
    assert len(picture) == 0 and picture.length == 0 and not picture.running and picture.lanes.count == 0
    assert picture.meter.at(5) == (0, 0, 0)
