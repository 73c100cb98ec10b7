from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.llama.rotation import Rotation


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Steps:
    """A scheduler whose steps take so many seconds, and that has so many of them to do."""

    def __init__(self, clock: Clock, seconds: float, left: int) -> None:
        self.clock, self.seconds, self.left, self.done = clock, seconds, left, 0

    @property
    def busy(self) -> bool:
        return self.left > 0

    def step(self) -> None:
        assert self.busy
        self.clock.now += self.seconds
        self.left -= 1
        self.done += 1


def test_a_model_with_short_steps_takes_more_of_them() -> None:
    clock = Clock()
    rotation = Rotation(clock)
    big, small = Steps(clock, 5, 100), Steps(clock, 1, 100)
    for _ in range(60):
        rotation.step({"big": big, "small": small})
    assert (big.done, small.done) == (10, 50)


def test_who_joins_late_gets_its_share_and_not_all_that_it_missed() -> None:
    clock = Clock()
    rotation = Rotation(clock)
    early, late = Steps(clock, 1, 1000), Steps(clock, 1, 0)
    for _ in range(100):
        rotation.step({"early": early, "late": late})
    late.left = 100
    for _ in range(100):
        rotation.step({"early": early, "late": late})
    assert late.done == 50


def test_one_that_can_do_nothing_just_now_does_not_hold_the_others_up() -> None:
    clock = Clock()
    rotation = Rotation(clock)
    stuck, other = Steps(clock, 0, 10**9), Steps(clock, 0.5, 3)
    for _ in range(2000):
        rotation.step({"stuck": stuck, "other": other})
    assert not other.busy


def test_nobody_busy_is_no_step() -> None:
    Rotation().step({})


@given(st.lists(st.tuples(st.floats(0.001, 10), st.integers(1, 20)), min_size=1, max_size=5))
def test_everything_is_done_and_the_time_is_shared(models: Sequence[tuple[float, int]]) -> None:
    clock = Clock()
    rotation = Rotation(clock)
    all_steps = {str(n): Steps(clock, seconds, left) for n, (seconds, left) in enumerate(models)}
    longest = max(seconds for seconds, _ in models)
    while any(one.busy for one in all_steps.values()):
        rotation.step(all_steps)
        spent = [one.done * one.seconds for one in all_steps.values() if one.busy]
        if spent:
            assert max(spent) - min(spent) <= longest + 1e-6
    assert [one.done for one in all_steps.values()] == [left for _, left in models]
