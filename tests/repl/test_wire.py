from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.repl import wire
from rlm_desktop.repl.protocol import FrameError

QUERY = {"prompts": ["p"], "model": None, "batched": False}
DONE = {
    "status": "ok",
    "error": "",
    "traceback": "",
    "ready": False,
    "draft": "",
    "variables": {},
    "dropped": 0,
    "threads": 0,
}


def call(api: str, **args: Any) -> dict[str, Any]:
    return {"type": "call", "id": 1, "api": api, "args": args}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "output", "stream": "stderr", "text": "x"}, wire.Output("stderr", "x")),
        ({"type": "progress", "done": 3, "total": None, "label": "x"}, wire.Progress(3, None, "x")),
        ({"type": "done", **DONE}, wire.Done(**DONE)),
        (call("llm_query", **QUERY), wire.Call(1, "llm_query", QUERY)),
        (call("grep", pattern="x", k=3), wire.Call(1, "grep", {"pattern": "x", "k": 3})),
        (
            call("rlm_query", **QUERY, contexts=[["a", "b"]]),
            wire.Call(1, "rlm_query", {**QUERY, "contexts": [["a", "b"]]}),
        ),
    ],
)
def test_messages_of_a_cell(message: dict[str, Any], expected: object) -> None:
    assert wire.cell_message(message) == expected


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "state", "pid": 1, "fresh": False},
        {"type": "started", "pid": "4", "checkpoint": True},
        {"type": "output", "stream": "elsewhere", "text": "x"},
        {"type": "done", **DONE, "status": "timeout"},
        {"type": "progress", "done": -1, "total": None, "label": ""},
        {"type": "progress", "done": float("nan"), "total": None, "label": ""},
        {"type": "progress", "done": 1.5, "total": None, "label": ""},
        {"type": "progress", "done": 10**400, "total": None, "label": ""},
        {"type": "progress", "done": 0, "total": float("inf"), "label": ""},
        {"type": "progress", "done": 0, "total": -1, "label": ""},
        {"type": "progress", "done": 0, "total": 1, "label": "x" * 61},
        {"type": "done", **DONE, "more": 1},
        call("shell", command="ls"),
        call("llm_query", prompts="one", model=None, batched=False),
        call("llm_query", **QUERY, contexts=[]),
        call("rlm_query", **QUERY, contexts=[]),
        call("find", query="x", k="3"),
        call("read", question="q", passages=[{"document": 1}]),
    ],
)
def test_anything_else_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(FrameError):
        wire.cell_message(message)


@given(
    st.dictionaries(
        st.sampled_from(["type", "pid", "status", "fresh"]), st.integers() | st.sampled_from(["state"])
    )
)
def test_control_messages_are_checked(message: dict[str, Any]) -> None:
    with contextlib.suppress(FrameError):
        assert isinstance(wire.control_message(message), wire.State | wire.Restored | wire.Failed)
