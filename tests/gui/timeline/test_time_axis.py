from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.timeline.time_axis import ticks, words

SECOND = 1_000_000
MINUTE = 60 * SECOND


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_moments_are_round() -> None:
    assert [plain(tick.text) for tick in ticks(0, 25 * SECOND, 5)] == [
        "0 s",
        "5 s",
        "10 s",
        "15 s",
        "20 s",
        "25 s",
    ]
    assert [plain(tick.text) for tick in ticks(50 * SECOND, 100 * SECOND, 5)] == [
        "50 s", "1 min", "1 min 10 s", "1 min 20 s", "1 min 30 s", "1 min 40 s",
    ]  # fmt: skip
    assert [plain(tick.text) for tick in ticks(0, 5 * 60 * MINUTE, 6)] == [
        "0 s",
        "1 h",
        "2 h",
        "3 h",
        "4 h",
        "5 h",
    ]
    assert plain(ticks(0, 2_500, 5)[1].text) == "0.5 ms"
    assert plain(words(61 * MINUTE, MINUTE)) == "1 h 1 min"
    assert plain(words(2_100_000)) == "2.1 s"


@given(st.integers(0, 10**13), st.integers(1_000, 10**13), st.integers(1, 30))
def test_there_are_no_more_than_there_is_room_for_and_each_has_a_name_of_its_own(
    left: int, span: int, most: int
) -> None:
    found = ticks(left, left + span, most)
    assert len(found) <= most + 1
    assert all(left <= tick.time <= left + span for tick in found)
    assert len({tick.text for tick in found}) == len(found)
