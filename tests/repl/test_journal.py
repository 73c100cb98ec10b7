"""What is kept of a cell to run it again."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.errors import StoreError
from rlm_desktop.repl import journal
from rlm_desktop.repl.journal import CellRecord, Divergence, PastCell, Replayed, recorded
from rlm_desktop.repl.results import CallFailure, CellResult, RecordedCall

TEXTS = st.text(st.characters(), max_size=30) | st.sampled_from(["\ud800", "0x7f12345678", '"\\'])
CALLS = st.builds(
    RecordedCall,
    st.sampled_from(["llm_query", "rlm_query", "read"]),
    TEXTS,
    st.none() | st.lists(st.fixed_dictionaries({"text": TEXTS})),
    st.none() | TEXTS,
)
RECORDS = st.builds(
    CellRecord,
    st.floats(0, 1e6),
    st.lists(CALLS, max_size=5).map(tuple),
    st.none() | st.dictionaries(TEXTS, TEXTS, max_size=5),
)


@given(RECORDS)
def test_a_record_is_read_as_it_was_written(record: CellRecord) -> None:
    assert journal.decode(journal.encode(record)) == record


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ARGUMENTS = st.dictionaries(TEXTS, JSON, max_size=3)


@given(ARGUMENTS, ARGUMENTS)
def test_arguments_have_one_hash_and_others_another(some: dict[str, Any], others: dict[str, Any]) -> None:
    assert journal.digest(json.loads(json.dumps(some))) == journal.digest(dict(reversed(some.items())))
    same = json.dumps(some, sort_keys=True) == json.dumps(others, sort_keys=True)
    assert (journal.digest(some) == journal.digest(others)) is same


@pytest.mark.parametrize("text", ["", "[]", "{", '{"calls": 5}', '{"seconds": "x"}', "[" * 100_000])
def test_a_text_that_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        journal.decode(text)


@given(st.lists(st.sampled_from("abc"), max_size=30), st.randoms())
async def test_whoever_asks_the_same_is_told_the_same_in_any_order(
    asked: list[str], chance: random.Random
) -> None:
    """Among equal questions the order is kept, between others it does not matter."""
    calls = [recorded("llm_query", _args(text), f"{text}{n}") for n, text in enumerate(asked)]
    told: dict[str, list[object]] = {}
    for text, call in zip(asked, calls, strict=True):
        told.setdefault(text, []).append(call.value)
    replayed = Replayed(calls, _never)
    again = list(asked)
    chance.shuffle(again)
    for text in again:
        assert await replayed("llm_query", _args(text)) == told[text].pop(0)
    with pytest.raises(CallFailure, match="not asked"):
        await replayed("llm_query", _args("a"))


async def test_searches_are_made_again_and_failures_fail_again() -> None:
    async def search(api: str, args: dict[str, Any]) -> object:
        return [api, args]

    replayed = Replayed([recorded("read", {"passages": []}, failure="")], search)
    assert await replayed("grep", {"pattern": "x"}) == ["grep", {"pattern": "x"}]
    with pytest.raises(CallFailure, match=r"^$"):
        await replayed("read", {"passages": []})


def test_the_text_of_a_passage_is_not_kept_twice() -> None:
    args = {"passages": [{"text": "long"}, {"text": "short"}, {"text": "x"}]}
    value = [
        {"found": True, "passage": {"text": "long", "start": 5}},
        {"found": False, "passage": {"text": "other"}},
        {"found": False},
    ]
    assert recorded("read", args, value).value == [
        {"found": True, "passage": {"start": 5}},
        {"found": False, "passage": {"text": "other"}},
        {"found": False},
    ]
    assert value[0]["passage"] == {"text": "long", "start": 5}


@pytest.mark.parametrize(
    ("status", "error", "variables", "said"),
    [
        ("ok", "", {"x": "int: 1", "f": "function: <function f at 0x7fffaaaa1234>"}, ""),
        ("ok", "", {"x": "int: 2"}, "These variables came out otherwise: x, f."),
        (
            "error",
            "ValueError",
            {"x": "int: 1", "f": "function: <function f at 0x1234567>"},
            "1 of them ended",
        ),
    ],
)
def test_what_came_out_otherwise_is_said(
    status: Any, error: str, variables: dict[str, str], said: str
) -> None:
    before = CellResult(
        "ok", "", 1.0, variables={"x": "int: 1", "f": "function: <function f at 0x7fff11112222>"}
    )
    past = PastCell(1, "", (), "ok", "", CellRecord.of(before))
    divergence = Divergence()
    divergence.take(past, CellResult(status, "", 1.0, error=error, variables=variables))
    assert str(divergence).startswith(said)
    assert bool(str(divergence)) is bool(said)


def test_many_variables_are_not_all_named() -> None:
    divergence = Divergence(0, [f"x{n}" for n in range(9)])
    assert str(divergence).endswith("x0, x1, x2, x3, x4, ….")


def _args(text: str) -> dict[str, Any]:
    return {"prompts": [text], "model": None, "batched": False}


async def _never(*_: object) -> object:
    raise AssertionError
