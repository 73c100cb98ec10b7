from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.timeline.bar_words import aloud, in_full
from rlm_desktop.gui.timeline.spans import Spans
from rlm_desktop.gui.timeline.waterfall import Paint, Waterfall, Window
from tests.gui.timeline.timelines import RUNNING, SECOND, THREE_TURNS, Step, page


def fall(steps: tuple[Step, ...] = THREE_TURNS, now: int = 30) -> Waterfall:
    spans = Spans()
    spans.take_page(page(steps))
    return Waterfall(spans.picture(), now * SECOND)


def seconds(
    left: float, right: float, width: int = 300, height: int = 70, pitch: float = 1.0, top: int = 0
) -> Window:
    return Window(left * SECOND, right * SECOND, width, top, height, pitch)


def test_turns_cells_and_calls_stand_where_they_began() -> None:
    pixels = fall().raster(seconds(0, 30))  # ten pixels a second
    assert pixels[0, 5] == Paint.WAITING and pixels[0, 15] == Paint.TURN
    assert pixels[0, 30] == Paint.NOTHING  # the turn had ended, its cell had not
    assert pixels[1, 30] == Paint.CELL
    assert pixels[1, 100] == Paint.WAITING  # for its calls
    assert pixels[1, 255] == Paint.CELL
    assert pixels[2, 62] == Paint.WAITING and pixels[2, 68] == Paint.CALL
    assert pixels[11, 90] == Paint.FAILED
    assert not pixels[2:, 260:].any()


def test_a_batch_of_64_waits_in_a_triangle() -> None:
    pixels = fall().raster(seconds(0, 30))
    waiting = (pixels[2:66, 60:260] == Paint.WAITING).sum(axis=1)
    assert (np.diff(waiting) >= 0).all() and waiting[0] < 10 < 100 < waiting[-1]


@given(
    st.integers(1, 200),
    st.integers(1, 90),
    st.floats(0.05, 20),
    st.floats(0, 29),
    st.floats(0.01, 30),
    st.integers(0, 300),
)
def test_every_bar_in_the_window_leaves_a_pixel_and_no_other_does(
    width: int, height: int, pitch: float, left: float, span: float, top: int
) -> None:
    steps = fall()
    window = seconds(left, left + span, width, height, pitch, top)
    pixels = steps.raster(window)
    assert pixels.shape == (window.rows, width)
    seen = steps.seen(window)
    rows = steps._rows(window, seen)
    for bar, place in zip(seen.tolist(), rows.tolist(), strict=True):
        start = min(width - 1, max(0, int(window.x(float(steps.picture.start[bar])))))
        end = window.x(float(steps.ends[bar]))
        if 0 <= place < len(pixels) and end >= 1 and window.x(float(steps.picture.start[bar])) < width:
            assert pixels[place, start]
    lanes_seen = set(rows.tolist())
    painted = set(np.flatnonzero(pixels.any(axis=1)).tolist())
    assert painted <= lanes_seen | {int(place) for place in steps._rows(window, steps.picture.parent[seen])}


def test_failures_are_seen_however_many_bars_share_their_pixel() -> None:
    pixels = fall().raster(seconds(0, 30, width=3, height=1, pitch=0.01))
    assert Paint.FAILED in pixels


def test_a_bar_is_found_where_it_is_painted() -> None:
    steps, window = fall(), seconds(0, 30, pitch=10)
    for bar in range(1, len(steps.picture)):
        x = window.x(float(steps.picture.start[bar] + steps.ends[bar]) / 2)
        y = window.y(int(steps.picture.lanes.lane[bar]) + 0.5)
        assert steps.bar_at(window, x, y) == bar
    assert steps.bar_at(window, 31, 5) is None or steps.bar_at(window, 31, 5) == 1
    assert steps.bar_at(window, 290, 400) is None


def test_a_thin_bar_is_found_nearby() -> None:
    steps = fall((*RUNNING[:2], Step(2, 1, "call", "quick", 2, 2.001)), now=30)
    window = seconds(0, 30, pitch=10)
    assert steps.bar_at(window, 22, 15) == 2
    assert steps.bar_at(window, 40, 15) is None


def test_one_walks_through_time_and_lanes() -> None:
    steps = fall()
    assert steps.beside(1, 1) == 3 and steps.beside(3, 1) == 69 and steps.beside(3, -1) == 1
    assert steps.across(3, 1) == 4 and steps.across(4, 1) == 5 and steps.across(4, -1) == 3
    assert steps.across(1, -1) is None and steps.beside(1, -1) is None
    assert steps.across(1, 1) == 2


def test_what_runs_grows() -> None:
    assert fall(RUNNING, 10).ends[2] == 10 * SECOND
    pixels = fall(RUNNING, 10).raster(seconds(0, 10, width=100))
    assert pixels[2, 99] == Paint.WAITING and pixels[1, 25] == Paint.CELL and pixels[1, 99] == Paint.WAITING


def test_bars_are_said_in_words() -> None:
    steps = fall()
    assert aloud(steps, 1) == "Turn 1, done, 2.0\u202fs"
    assert in_full(steps, 3).splitlines() == [
        "Turn 2", "Done, 2.0\u202fs", "From 4.0\u202fs to 6.0\u202fs", "Waited 1.0\u202fs for the first word",
        "2,000 tokens in, 60 out", "$0.0020",
    ]  # fmt: skip
    assert "failed" in aloud(steps, 14)
    assert "to now" in in_full(fall(RUNNING, 10), 2)
