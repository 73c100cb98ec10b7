from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.line_reader import LineReader, LineTooLongError

LINES = st.lists(st.binary(min_size=1, max_size=40).filter(lambda line: b"\n" not in line))


@given(LINES, st.lists(st.integers(0, 400)))
def test_lines_survive_any_cut(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    reader = LineReader()
    got = [line for a, b in pairwise(edges) for line in reader.feed(stream[a:b])]
    assert got == lines


def test_an_unfinished_line_is_kept() -> None:
    reader = LineReader()
    assert reader.feed(b"one\ntw") == [b"one"]
    assert reader.feed(b"") == []
    assert reader.feed(b"o\n\nthree\n") == [b"two", b"three"]


@pytest.mark.parametrize("pieces", [[b"x" * 11], [b"x" * 6, b"x" * 6], [b"x" * 11 + b"\n"]])
def test_a_line_without_end_is_refused(pieces: list[bytes]) -> None:
    reader = LineReader(longest=10)
    with pytest.raises(LineTooLongError):
        for piece in pieces:
            reader.feed(piece)


def test_the_longest_line_passes() -> None:
    assert LineReader(longest=10).feed(b"x" * 10 + b"\n") == [b"x" * 10]
