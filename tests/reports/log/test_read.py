"""Logs that the reference implementation wrote (with a scripted model), and what becomes of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from rlm_desktop.errors import UserError
from rlm_desktop.events import LimitReached, Recording, Row, RunState, decode, encode, fold
from rlm_desktop.reports.html import html
from rlm_desktop.reports.log import log_lines, read_log
from rlm_desktop.store import summarise
from tests.reports.runs import conversation

REFERENCE = Path(__file__).parent / "reference"


def read(name: str) -> list[tuple[Recording, RunState]]:
    imported = read_log(REFERENCE / f"{name}.jsonl")
    assert imported.note == ""
    return [(recording, fold(recording.events)) for recording in imported.recordings]


def text(recording: Recording, row: Row, name: str) -> str:
    return recording.text(row.texts[name]) if name in row.texts else ""


def test_a_run_is_read_whole() -> None:
    ((recording, state),) = read("plain")
    assert state.start is not None
    assert (state.start.question, state.start.strategy) == ("How many lines?", "rlm")
    assert state.start.program == "rlms (imported)"
    assert (state.start.models[0].name, state.start.models[0].host) == ("mock-model", "openai")
    assert (state.start.limits.turns, state.start.sandbox) == (30, "none")
    assert state.finish is not None
    assert (state.status, state.finish.answer, state.finish.turns) == ("answered", "1000 lines", 3)
    first, second, _ = state.children(0)
    good, bad = state.children(first.span)
    assert text(recording, good, "code").startswith("print(len(context))")
    assert text(recording, good, "output") == "120\n"
    assert (bad.status, bad.error) == ("warning", "ZeroDivisionError: division by zero")
    assert text(recording, first, "reply").startswith("Let me look.")
    assert recording.text(first.prompt[0].text) == "Be brief."
    (cell,) = state.children(second.span)
    assert [call.label for call in state.children(cell.span)] == ["one", "a", "b", "c"]


def test_usage_that_a_batch_repeats_is_no_count() -> None:
    ((_, state),) = read("plain")
    calls = [row for row in state.rows.values() if row.kind == "call"]
    assert {(call.usage.prompt_tokens, call.usage.estimated) for call in calls} == {(10, True)}


def test_the_context_is_not_taken_in() -> None:
    for recording, _ in read("plain"):
        kept = "".join(recording.text(name) for event in recording.events for name in _texts(event))
        assert "x = 1\nx = 1" not in kept


def _texts(event: Any) -> list[str]:
    return [value for name in ("code", "output", "reply") if (value := getattr(event, name, ""))]


def test_children_stand_below_their_calls() -> None:
    ((recording, state),) = read("deep")
    (cell,) = state.children(state.children(0)[0].span)
    calls = state.children(cell.span)
    assert [(call.call_kind, call.label, text(recording, call, "reply")) for call in calls] == [
        ("rlm", "CHILD", "child says 5")
    ] * 3
    for call in calls:
        turns = state.children(call.span)
        assert [turn.label for turn in turns] == ["Turn 1", "Turn 2"]
        assert [row.kind for row in state.children(turns[0].span)] == ["cell"]
        assert call.total.calls == call.usage.calls == 2


def test_a_forced_answer_is_a_limit_that_was_reached() -> None:
    ((_, state),) = read("forced")
    assert state.finish is not None
    assert (state.status, state.finish.answer) == ("limit", "The forced answer")
    assert isinstance(state.limit, LimitReached)
    assert (state.limit.which, state.limit.value) == ("turns", 2.0)


def test_a_session_is_several_runs() -> None:
    first, second = read("session")
    assert [run[1].start.question for run in (first, second)] == ["First?", "Second?"]
    assert len({run[0].events[0].run for run in (first, second)}) == 2
    assert [run[1].status for run in (first, second)] == ["answered", "answered"]


@pytest.mark.parametrize("name", ["plain", "forced", "deep", "session"])
def test_what_is_read_can_be_stored_replayed_and_shown(name: str) -> None:
    for recording, state in read(name):
        times = [event.time for event in recording.events]
        assert times == sorted(times)
        assert times[0] > 1_700_000_000_000_000
        for event in recording.events:
            encode(event)
        for row in state.rows.values():
            assert row.finished >= row.started >= (state.rows[row.parent].started)
        assert "".join(html(recording))


@pytest.mark.parametrize("name", ["plain", "forced", "deep", "session"])
def test_what_the_log_holds_comes_out_again(name: str, tmp_path: Path) -> None:
    entries = [json.loads(line) for line in (REFERENCE / f"{name}.jsonl").read_text().splitlines()]
    given_back = []
    for recording in read_log(REFERENCE / f"{name}.jsonl").recordings:
        given_back += [json.loads(line) for line in log_lines(recording)]
    turns, back = ([e for e in some if e["type"] == "iteration"] for some in (entries, given_back))
    assert [_held(turn) for turn in turns] == [_held(turn) for turn in back]


def _held(entry: dict[str, Any]) -> dict[str, Any]:
    """A turn without what is dropped on purpose, and with times as moments."""
    blocks = []
    for block in entry["code_blocks"]:
        calls = []
        for call in block["result"]["rlm_calls"]:
            child = [_held(turn) for turn in call.get("metadata", {}).get("iterations", [])]
            names = ("root_model", "prompt", "response", "usage_summary", "execution_time")
            calls.append({**{name: call[name] for name in names}, "child": child})
        result = {
            name: block["result"][name] for name in ("stdout", "stderr", "execution_time", "final_answer")
        }
        blocks.append({"code": block["code"], **result, "calls": calls})
    seconds = entry["iteration_time"]
    return {
        **{name: entry[name] for name in ("iteration", "prompt", "response", "final_answer")},
        "blocks": [{**block, "execution_time": round(block["execution_time"], 6)} for block in blocks],
        "seconds": seconds and round(seconds, 6),
    }


def lines(name: str = "plain") -> list[str]:
    return (REFERENCE / f"{name}.jsonl").read_text().splitlines(keepends=True)


def test_a_log_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    whole = lines()
    path.write_text("".join(whole[:2]) + whole[2][:500])
    imported = read_log(path)
    assert imported.note == "The last line of cut.jsonl is cut short; everything before it was read."
    (recording,) = imported.recordings
    state = fold(recording.events)
    assert state.status == "interrupted"
    assert imported.note in state.rows[0].notes
    assert [row.label for row in state.children(0)] == ["Turn 1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no run"),
        ("\n\n", "holds no run"),
        (lines()[0], "holds no run"),
        ("What is this?\n", "is not a log of the reference implementation"),
        ('{"recording": 1}\n', "line 1: "),
        (
            '{"type": "iteration", "iteration": 1, "prompt": [], "response": "", "code_blocks": 7}\n',
            "line 1: ",
        ),
        (lines()[0] + "{broken\n" + lines()[1], "is damaged at line 2"),
        (lines()[0] + lines()[1] + '{"a": 1}\n', "is damaged at line 3"),
        (lines()[0] + "[" * 200_000 + "\n", "is damaged at line 2: it is nested too deeply"),
        (lines()[0].replace("{}", '{"rlm_desktop": {"started": 1}}'), "line 1: "),
    ],
)
def test_a_foreign_or_damaged_file_is_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(content)
    with pytest.raises(UserError) as refused:
        read_log(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_and_files_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(UserError, match="line 1"):
        read_log(path)
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_log(tmp_path / "no.jsonl")
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        read_log(tmp_path)


def test_a_device_is_not_read_for_ever() -> None:
    with pytest.raises(UserError, match="/dev/zero is a device and no file"):
        read_log(Path("/dev/zero"))


def test_what_older_and_odd_logs_hold_is_read(tmp_path: Path) -> None:
    call = {
        "root_model": None,
        "prompt": {"a": 1},
        "response": None,
        "usage_summary": None,
        "error": "no",
        "new": 1,
    }
    result = {
        "stdout": "",
        "stderr": "",
        "locals": {"x": float("nan")},
        "execution_time": None,
        "rlm_calls": [call],
    }
    entry = {
        "iteration": 1,
        "timestamp": "yesterday",
        "prompt": [{"role": "tool", "content": [{"type": "text"}]}, {"role": "user", "content": ""}],
        "response": "\ud800",
        "code_blocks": [{"code": "f()", "result": result}, {"code": "g()", "result": None}],
        "final_answer": ["str", "42"],
        "iteration_time": float("inf"),
    }
    path = tmp_path / "old.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(entry).encode() + b"\n")
    (recording,) = read_log(path).recordings
    state = fold(recording.events)
    assert state.finish is not None
    assert (state.status, state.finish.answer) == ("answered", "42")
    (turn,) = state.children(0)
    assert [(message.role, recording.text(message.text)) for message in turn.prompt] == [
        ("user", '[{"type": "text"}]'),
        ("user", ""),
    ]
    cell, _ = state.children(turn.span)
    (made,) = state.children(cell.span)
    assert (made.status, made.error, made.label) == ("failed", "no", '{"a": 1}')
    assert "".join(log_lines(recording))


def test_children_nested_without_end_are_refused(tmp_path: Path) -> None:
    entry: dict[str, Any] = {"iteration": 1, "prompt": [], "response": "", "code_blocks": []}
    for _ in range(40):
        call = {"prompt": "deeper", "response": "", "metadata": {"run_metadata": {}, "iterations": [entry]}}
        block = {"code": "rlm_query()", "result": {"rlm_calls": [call]}}
        entry = {"iteration": 1, "prompt": [], "response": "", "code_blocks": [block]}
    path = tmp_path / "deep.jsonl"
    path.write_text(json.dumps(entry) + "\n")
    with pytest.raises(UserError, match=r"line 1: .*more than 30 levels"):
        read_log(path)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(data=st.data())
def test_a_changed_value_is_read_or_refused_but_never_crashes(data: st.DataObject, tmp_path_factory) -> None:
    ours = list(log_lines(conversation()))
    logs = [ours, *map(lines, ("plain", "deep", "forced"))]
    entries = [json.loads(line) for line in data.draw(st.sampled_from(logs))]
    at: Any = entries
    while isinstance(at, dict | list) and at and data.draw(st.integers(0, 5)):
        parent, key = at, data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        at = parent[key]
    if at is not entries:
        parent[key] = data.draw(JSON)
    path = tmp_path_factory.mktemp("fuzz") / "log.jsonl"
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    try:
        imported = read_log(path)
    except UserError as refused:
        assert str(path) in str(refused)
        return
    for recording in imported.recordings:
        for event in recording.events:
            assert decode(encode(event)) == event
        assert "".join(log_lines(recording))


NAN, ENDLESS = float("nan"), float("inf")
BLOCK = {"code": "c", "result": {"stdout": "o", "stderr": "", "execution_time": 1.0, "rlm_calls": []}}
RUN = {"event": "run.started", "run": "", "span": 0, "question": "Q", "strategy": "rlm", "dialect": "d"}
RUN |= {"prompt_version": "1", "models": [], "limits": {}, "sources": [], "sandbox": "none", "program": "p"}
END = {"event": "run.finished", "run": "", "span": 0, "status": "answered"}


def _log(path: Path, turn: dict[str, Any], frame: dict[str, Any] | None = None, **metadata: Any) -> Path:
    kept = {"environment_kwargs": {"rlm_desktop": frame}} if frame else {}
    first = {"type": "metadata", "timestamp": "2026-01-01T00:00:00", "root_model": "m", **kept, **metadata}
    second = {"type": "iteration", "iteration": 1, "timestamp": "2026-01-01T00:00:05", "prompt": "p"}
    second |= {"response": "r", "code_blocks": [], "final_answer": "a", "iteration_time": 1.0, **turn}
    nested = re.compile(r'"@(\d+)"')
    text = "".join(f"{json.dumps(entry)}\n" for entry in (first, second))
    path.write_text(nested.sub(lambda found: "[" * int(found[1]) + "]" * int(found[1]), text))
    return path


def _call(**fields: Any) -> dict[str, Any]:
    call = {"root_model": "m", "prompt": "p", "response": "r", "execution_time": 1.0, **fields}
    return {"code_blocks": [BLOCK | {"result": BLOCK["result"] | {"rlm_calls": [call]}}]}  # type: ignore[operator]


@pytest.mark.parametrize(
    ("turn", "metadata"),
    [
        ({"code_blocks": [BLOCK | {"result": {"execution_time": NAN}}]}, {}),
        ({"code_blocks": [BLOCK | {"result": {"execution_time": ENDLESS}}]}, {}),
        (_call(execution_time=NAN), {}),
        (_call(usage_summary={"model_usage_summaries": {"m": {"total_cost": ENDLESS}}}), {}),
        (_call(usage_summary={"model_usage_summaries": {"m": {"total_cost": 1e308}}}), {}),
        ({"timestamp": "9999-12-31T23:59:59-14:00"}, {"timestamp": "9999-12-31T23:59:59-14:00"}),
        ({"label": "l" * 10**6}, {"root_model": "m" * 10**6, "backend": "b" * 10**6}),
        ({"code_blocks": [BLOCK | {"result": {"stderr": "x" * 10**6}}]}, {}),
        ({"prompt": "@900"}, {}),
        ({"iteration": 10**40}, {}),
        (_call(usage_summary={"model_usage_summaries": {"m": {"total_input_tokens": 10**40}}}), {}),
    ],
)
def test_values_that_no_run_can_have_are_not_kept(
    tmp_path: Path, turn: dict[str, Any], metadata: dict[str, Any]
) -> None:
    (recording,) = read_log(_log(tmp_path / "log.jsonl", turn, **metadata)).recordings
    for event in recording.events:
        assert decode(encode(event)) == event
        assert len(encode(event)) < 20_000
    assert summarise(fold(recording.events)).started < "3"


@pytest.mark.parametrize(
    ("turn", "frame"),
    [
        ({"prompt": "@100000"}, None),
        ({}, {"started": RUN, "finished": END | {"turns": 2**63}}),
        ({}, {"started": RUN, "finished": END | {"turns": -1}}),
        ({}, {"started": RUN | {"paths": ["p" * 10**5]}}),
        ({}, {"started": RUN | {"models": [{"role": "root", "name": "n" * 10**5}]}}),
    ],
)
def test_values_that_make_no_sense_are_refused_in_a_sentence(
    tmp_path: Path, turn: dict[str, Any], frame: dict[str, Any] | None
) -> None:
    with pytest.raises(UserError, match=r"damaged|is not a log"):
        read_log(_log(tmp_path / "log.jsonl", turn, frame))
