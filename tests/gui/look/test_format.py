from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.gui.look import format as numbers


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1k"), (1204, "1.2k"), (9960, "10k"), (34_499, "34k"),
     (999_499, "999k"), (999_600, "1M"), (4_300_000, "4.3M"), (2_000_000_000, "2G")],
)  # fmt: skip
def test_count(number: int, text: str) -> None:
    assert numbers.count(number) == text


@given(st.integers(0, 10**12))
def test_a_count_is_short_and_close(number: int) -> None:
    text = numbers.count(number)
    factor = {"k": 1e3, "M": 1e6, "G": 1e9}.get(text[-1], 1)
    assert len(text) <= 5
    assert abs(float(text.rstrip("kMG")) * factor - number) <= max(0.06 * number, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(-1, "0.0 s"), (0.04, "0.0 s"), (2.13, "2.1 s"), (9.96, "10 s"), (18.4, "18 s"), (59.7, "1 min 00 s"),
     (185, "3 min 05 s"), (3725, "1 h 02 min")],
)  # fmt: skip
def test_seconds(value: float, text: str) -> None:
    assert numbers.seconds(value).replace(numbers.THIN, " ") == text


@pytest.mark.parametrize(
    ("speed", "text"), [(0, ""), (0.314, "0.31"), (9.96, "10"), (31.4, "31"), (1234.0, "1200")]
)
def test_a_speed_has_two_digits(speed: float, text: str) -> None:
    assert numbers.pace(speed) == text


def test_a_ticking_duration_shows_whole_seconds() -> None:
    assert numbers.ticking(8.99) == f"8{numbers.THIN}s"
    assert numbers.ticking(61.9) == f"1{numbers.THIN}min 01{numbers.THIN}s"


@pytest.mark.parametrize(
    ("usd", "text"),
    [(0, "–"), (0.0031, "$0.0031"), (0.00001, "<$0.0001"), (1.5, "$1.50"), (1234, "$1,234.00")],
)
def test_cost(usd: float, text: str) -> None:
    assert numbers.cost(usd) == text


def test_a_free_run_is_called_free() -> None:
    assert numbers.price(0) == "free"
    assert numbers.price(0.5) == "$0.5000"


@pytest.mark.parametrize(
    ("size", "text"), [(12, "12 B"), (999_900, "1 MB"), (4_300_000, "4.3 MB"), (1_117_320_736, "1.1 GB")]
)
def test_size(size: int, text: str) -> None:
    assert numbers.size(size).replace(numbers.THIN, " ") == text


def test_when() -> None:
    now = datetime(2026, 3, 4, 9, 0)
    assert numbers.when(now - timedelta(hours=1), now) == "08:00"
    assert numbers.when(now - timedelta(hours=20), now) == "yesterday"
    assert numbers.when(now - timedelta(days=9), now) == "23 Feb"
    assert numbers.when(datetime(2024, 12, 31), now) == "31 Dec 2024"


@pytest.mark.parametrize(
    ("name", "text"),
    [("qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b"), ("/models/x.gguf", "x.gguf"), ("script:/a/b.json", "b.json"),
     ("C:\\models\\x.gguf", "x.gguf"), ("http://127.0.0.1:80/v1#gpt", "gpt"), ("openai:gpt-5", "gpt-5")],
)  # fmt: skip
def test_model(name: str, text: str) -> None:
    assert numbers.model(name) == text


def test_plural() -> None:
    assert numbers.plural(1, "file") == "1 file"
    assert numbers.plural(1790, "file") == "1,790 files"


@given(st.text(), st.integers(1, 200))
def test_a_beginning_is_one_line_and_says_when_it_is_cut(text: str, length: int) -> None:
    line = " ".join(text.split())
    short = numbers.beginning(text, length)
    assert len(short) <= length + 1
    assert short == line or (short.endswith("…") and line.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("share", "words"),
    [
        *((0, "0 %"), (0.0001, "<0.1 %"), (0.004, "0.4 %"), (0.0996, "10 %"), (0.34, "34 %")),
        *((0.9996, ">99.9 %"), (0.996, "99.6 %"), (1, "100 %")),
    ],
)
def test_a_part_is_neither_nothing_nor_all_unless_it_is(share: float, words: str) -> None:
    assert numbers.percent(share).replace(numbers.THIN, " ") == words


def test_a_shortened_name_keeps_both_ends() -> None:
    assert numbers.shortened("kjv.txt", 7) == "kjv.txt"
    assert numbers.shortened("letters\n to the  one.txt", 14) == "letters…ne.txt"
    assert len(numbers.shortened("x" * 99, 14)) == 14
