"""No bar of a lane overlaps another, and what is below a step stands beneath it, however rows come."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.timeline.lanes import NONE, OPEN, Lanes


@dataclass
class Bar:
    parent: int
    start: int
    end: int = OPEN


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Bar], list[tuple[str, int]]]:
    """Rows, and what is told of them in the order it happens; some never end."""
    bars, told, time = [Bar(NONE, 0)], [("begin", 0)], 0
    for _ in range(draw(st.integers(0, 40))):
        time += draw(st.integers(0, 2))
        running = [number for number, bar in enumerate(bars) if bar.end == OPEN and number]
        if running and draw(st.booleans()):
            ended = draw(st.sampled_from(running))
            bars[ended].end = time
            told.append(("finish", ended))
        else:
            # a turn has ended before its cells begin
            bars.append(Bar(draw(st.integers(0, len(bars) - 1)), time))
            told.append(("begin", len(bars) - 1))
    return bars, told


def follow(bars: list[Bar], told: list[tuple[str, int]]) -> Lanes:
    lanes = Lanes()
    for what, number in told:
        if what == "begin":
            lanes.begin(bars[number].parent, bars[number].start)
        else:
            lanes.finish(number, bars[number].end)
    return lanes


def as_stored(bars: list[Bar]) -> list[tuple[str, int]]:
    """The same rows from pages, which know each end at once."""
    return [
        (what, number)
        for number, bar in enumerate(bars)
        for what in ("begin", "finish")
        if what == "begin" or bar.end < OPEN
    ]


def check(bars: list[Bar], lanes: Lanes) -> None:
    placed = lanes.arrange()
    lane, height = placed.lane.tolist(), placed.height.tolist()
    assert lane[0] == NONE and height[0] == placed.count + 1
    for number, bar in enumerate(bars[1:], 1):
        above, high = lane[bar.parent], height[bar.parent]
        assert above < lane[number] and lane[number] + height[number] <= above + high
        for other in range(number + 1, len(bars)):
            if lane[other] == lane[number]:
                assert bar.end <= bars[other].start or bars[other].end <= bar.start
    # nor do the blocks of siblings, with all that is below them
    until = lanes.until.tolist()
    for number, bar in enumerate(bars[1:], 1):
        for other in range(number + 1, len(bars)):
            if bars[other].parent == bar.parent:
                beside = (
                    lane[number] + height[number] <= lane[other]
                    or lane[other] + height[other] <= lane[number]
                )
                after = until[number] <= bars[other].start or until[other] <= bar.start
                assert beside or after


@given(runs())
def test_bars_never_overlap_while_a_run_goes_on(run: tuple[list[Bar], list[tuple[str, int]]]) -> None:
    bars, told = run
    check(bars, follow(bars, told))


@given(runs())
def test_bars_never_overlap_when_a_run_is_read(run: tuple[list[Bar], list[tuple[str, int]]]) -> None:
    bars, _ = run
    check(bars, follow(bars, as_stored(bars)))


@given(runs(), st.randoms())
def test_bars_never_overlap_whatever_the_clock_did(run: tuple[list[Bar], object], random: object) -> None:
    bars, _ = run
    for bar in bars[1:]:  # set back between two rows
        shift = random.randint(0, 5)  # type: ignore[attr-defined]
        bar.start -= shift
        bar.end = bar.end if bar.end == OPEN else max(bar.start, bar.end - shift)
    check(bars, follow(bars, as_stored(bars)))


def test_what_begins_before_its_parent_is_not_put_over_what_came_before() -> None:
    """As when the clock is set back between a call and the first step of its run."""
    bars = [Bar(NONE, 0), Bar(0, 0, 0), Bar(1, 0, 0), Bar(0, 0), Bar(3, -1), Bar(3, -1)]
    lanes = follow(bars, as_stored(bars))
    check(bars, lanes)
    assert lanes.arrange().count == 5


@given(runs())
def test_the_same_rows_always_stand_in_the_same_places(run: tuple[list[Bar], list[tuple[str, int]]]) -> None:
    one, other = (follow(*run).arrange() for _ in range(2))
    assert one.lane.tolist() == other.lane.tolist()


def test_turns_share_a_lane_and_a_batch_stands_side_by_side() -> None:
    bars = [Bar(NONE, 0, 100), Bar(0, 0, 10), Bar(1, 10, 40), *(Bar(2, 11, 20 + n) for n in range(4)),
            Bar(0, 40, 50), Bar(7, 50, 60)]  # fmt: skip
    placed = follow(bars, as_stored(bars)).arrange()
    assert placed.lane.tolist() == [NONE, 0, 1, 2, 3, 4, 5, 0, 1]
    assert placed.count == 6


def test_a_child_run_keeps_its_steps_together() -> None:
    """Two child runs side by side: the steps of each are between it and the other."""
    bars = [Bar(NONE, 0, 100), Bar(0, 0, 90), Bar(1, 0, 90), Bar(1, 1, 90), Bar(2, 2, 30), Bar(3, 3, 30),
            Bar(4, 30, 50), Bar(5, 30, 50)]  # fmt: skip
    placed = follow(bars, as_stored(bars)).arrange()
    assert placed.lane.tolist() == [NONE, 0, 1, 4, 2, 5, 3, 6]
