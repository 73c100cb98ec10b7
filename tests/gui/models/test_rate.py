from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.models.rate import Rate


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def rate(*seen: tuple[float, int]) -> Rate:
    clock = Clock()
    made = Rate(clock)
    for clock.now, received in seen:
        made.note(received)
    return made


def test_nothing_is_said_before_a_second_has_passed() -> None:
    assert (rate().value, rate().left(100)) == (0.0, 0.0)
    assert rate((0, 10), (0.5, 20)).value == 0.0


def test_it_is_that_of_the_last_seconds_and_tells_what_is_left() -> None:
    steady = rate((0, 0), (1, 1000), (20, 1000), (25, 2000), (30, 3000))
    assert steady.value == 200.0
    assert steady.left(5000) == 10.0
    assert steady.left(1000) == 0.0


def test_what_begins_anew_is_measured_anew() -> None:
    again = rate((0, 5000), (2, 6000), (3, 0), (5, 100))
    assert again.value == 50.0


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 10**12)), max_size=20))
def test_it_is_never_negative(seen: list[tuple[float, int]]) -> None:
    times = sorted(time for time, _ in seen)
    made = rate(*zip(times, (received for _, received in seen), strict=True))
    assert made.value >= 0 and made.left(10**12) >= 0
