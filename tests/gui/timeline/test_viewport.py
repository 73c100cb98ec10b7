from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.timeline.viewport import SHORTEST, Viewport

SECOND = 1_000_000


def viewport(length: float = 60 * SECOND, lanes: int = 66) -> Viewport:
    part = Viewport()
    part.resize(1000, 120, 16)
    part.grow(length, lanes)
    return part


def test_at_first_all_of_the_run_is_seen() -> None:
    window = viewport().window
    assert (window.left, window.right, window.top) == (0, 60 * SECOND, 0)
    assert window.pitch * 66 <= 120
    assert viewport(lanes=2).window.pitch == 16


@given(st.lists(st.tuples(st.floats(0.2, 5), st.integers(0, 999), st.integers(0, 119)), max_size=20),
       st.floats(-500, 500), st.integers(1, 5000))  # fmt: skip
def test_the_window_never_leaves_the_run(moves: list[tuple[float, int, int]], pan: float, lanes: int) -> None:
    part = viewport(lanes=lanes)
    for factor, x, y in moves:
        part.zoom_by(factor, x, y)
        part.pan(pan, pan)
        window = part.window
        assert (
            window.left >= 0
            and window.right <= 60 * SECOND + 1
            and window.right - window.left >= SHORTEST * 0.99
        )
        assert 0 <= window.top <= part.deepest


def test_what_is_under_the_mouse_stays_there() -> None:
    part = viewport()
    part.zoom_by(2, 500, 60)
    time, lane = part.window.time(300), part.window.lane(50)
    part.zoom_by(1.5, 300, 50)
    assert abs(part.window.time(300) - time) < 1 and part.window.lane(50) == lane


def test_zooming_out_far_enough_fits() -> None:
    part = viewport()
    part.zoom_by(8, 900, 100)
    assert not part.fitted and part.window.pitch > viewport().window.pitch
    part.zoom_by(0.1, 0, 0)
    assert part.fitted and part.window == viewport().window


def test_a_window_that_is_fitted_or_at_the_end_goes_along_with_the_run() -> None:
    part = viewport()
    part.grow(90 * SECOND, 66)
    assert part.window.right == 90 * SECOND
    part.zoom_by(3, 1000, 0)
    part.grow(100 * SECOND, 66)
    assert abs(part.window.right - 100 * SECOND) < 1
    part.pan(-400)
    before = part.window
    part.grow(200 * SECOND, 66)
    assert (part.window.left, part.window.right) == (before.left, before.right)


def test_a_step_fills_the_window_or_is_brought_into_it() -> None:
    part = viewport()
    part.show(10 * SECOND, 20 * SECOND, 2, 6)
    window = part.window
    assert (
        window.left < 10 * SECOND and window.right > 20 * SECOND and window.right - window.left < 11 * SECOND
    )
    assert window.pitch == 16 and window.first <= 2
    part.reveal(50 * SECOND, 51 * SECOND, 60)
    window = part.window
    assert window.left < 50 * SECOND and window.right > 51 * SECOND
    assert window.y(60) >= 0 and window.y(61) <= window.height + 1
    before = part.window
    part.reveal(50 * SECOND, 51 * SECOND, 60)
    assert part.window == before
