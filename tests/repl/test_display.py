from __future__ import annotations

import tracemalloc
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.repl import display


@pytest.mark.parametrize(
    "value", [1, "text\n", [1, "a", None], {"b": 1, "a": [2]}, (1,), {3}, 1.5, set(), b"x"]
)
def test_small_values_are_shown_as_python_shows_them(value: object) -> None:
    assert display.show(value) == repr(value)


@given(
    st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_ordinary_values_are_shown_whole_in_their_order(value: Any) -> None:
    shown = display.show(value)
    assert shown == repr(value) or "..." in shown


def test_huge_values_are_cut_short() -> None:
    assert "characters not shown" in display.show("x" * 1_000_000)
    assert len(display.show("x" * 1_000_000)) < 5_000
    assert len(display.show(["y" * 10_000] * 1_000_000)) < 1.1 * display.MOST
    assert "more]" in display.show(dict.fromkeys(range(1_000)))
    assert display.show(Counter("aab")) == "Counter({'a': 2, 'b': 1})"


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_only_the_ends_of_bytes_are_looked_at(kind: type[bytes | bytearray]) -> None:
    value = kind(b"begins" + bytes(10**7))
    tracemalloc.start()
    try:
        shown, described = display.show(value), display.describe([value])
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "begins" in shown and "bytes not shown" in shown
    assert "begins" in described
    assert most < 10**6
    assert display.describe(value).startswith(f"{kind.__name__}, 10,000,006 bytes: ")


@pytest.mark.parametrize(("kind", "beginning"), [(set, "{"), (frozenset, "frozenset({")])
def test_large_sets_are_not_sorted(kind: type[set[Any] | frozenset[Any]], beginning: str) -> None:
    class Item:
        def __lt__(self, other: object) -> bool:
            raise AssertionError("it is compared")

        def __repr__(self) -> str:
            return "item"

    assert display.show(kind(Item() for _ in range(5_000))).startswith(f"{beginning}item, item, ")
    assert "[4,996 more]" in display.describe(kind(range(5_000)))


def test_small_sets_are_sorted() -> None:
    assert display.show({"b", "a", "c"}) == "{'a', 'b', 'c'}"
    assert display.describe([set(range(5_000))]).startswith("list, 1 items: [{")


def test_a_repr_that_fails_is_said_so() -> None:
    class Bad:
        def __repr__(self) -> str:
            raise ValueError("no")

    assert display.show(Bad()) == "<Bad, whose repr failed: ValueError: no>"


def test_self_containing_lists_end() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert len(display.show(endless)) < 100


def test_variables_are_described_on_a_line() -> None:
    described = display.variables({"a": "x\ny" * 500, "b": [1] * 9, "_c": 1, "d": 1}, frozenset({"d"}))
    assert list(described) == ["a", "b"]
    assert described["a"].startswith("str, 1,500 chars: 'x\\ny")
    assert described["b"] == "list, 9 items: [1, 1, 1, 1, ...]"
    assert all("\n" not in text and len(text) < 120 for text in described.values())
