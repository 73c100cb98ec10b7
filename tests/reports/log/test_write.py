"""Our own log: what the reference's viewer needs of it, and that reading it back loses nothing it can hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from rlm_desktop.events import Citation, LimitReached, Recording, Usage, fold
from rlm_desktop.reports.log import log_lines, read_log
from tests.reports.runs import Making, conversation, recordings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def entries(recording: Recording) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_lines(recording)]


def again(recording: Recording, folder: Path) -> Recording:
    path = folder / "run.jsonl"
    path.write_text("".join(log_lines(recording)))
    (back,) = read_log(path).recordings
    return back


@settings(max_examples=80, suppress_health_check=SLOW)
@given(recordings())
def test_export_import_export_gives_the_same_bytes(tmp_path: Path, recording: Recording) -> None:
    once = "".join(log_lines(recording))
    back = again(recording, tmp_path)
    assert "".join(log_lines(back)) == once


def test_the_frame_of_a_run_survives(tmp_path: Path) -> None:
    making = Making()
    making.write(LimitReached, 0, which="tokens", value=5000.0)
    evidence = (Citation("docs/a.txt", 2, 3, "quick brown", True),)
    recording = making.finish("Perhaps.", status="limit", evidence=evidence, usage=Usage(1, 2, 3, 4, 5, 0.5))
    before, after = fold(recording.events), fold(again(recording, tmp_path).events)
    assert before.start is not None
    assert after.start is not None
    assert before.finish is not None
    assert after.finish is not None
    for name in ("question", "models", "limits", "sources", "sandbox", "paths", "prompt_version", "time"):
        assert getattr(before.start, name) == getattr(after.start, name)
    for name in ("status", "answer", "evidence", "usage", "seconds", "turns", "time"):
        assert getattr(before.finish, name) == getattr(after.finish, name)
    assert after.start.program == "0.1.0 (imported)"
    assert after.start.run != before.start.run
    assert after.limit is not None


@settings(max_examples=80, suppress_health_check=SLOW)
@given(recordings())
def test_the_viewer_finds_what_its_parser_reads(recording: Recording) -> None:
    """The properties that ``visualizer/src/lib/parse-logs.ts`` and its panels take for granted."""
    metadata, *turns = entries(recording)
    assert metadata["type"] == "metadata"
    assert {
        "root_model",
        "max_depth",
        "max_iterations",
        "backend",
        "backend_kwargs",
        "environment_type",
    } <= set(metadata)
    assert [turn["iteration"] for turn in turns] == list(range(1, len(turns) + 1))
    for turn in turns:
        assert all(isinstance(message["content"], str) for message in turn["prompt"])
        assert isinstance(turn["response"], str)
        assert turn["timestamp"].endswith("+00:00")
        for block in turn["code_blocks"]:
            result = block["result"]
            assert result["locals"] == {}
            assert isinstance(result["execution_time"], float)
            for call in result["rlm_calls"]:
                assert isinstance(call["response"], str)
                assert isinstance(call["execution_time"], float)
                assert {"prompt_tokens", "completion_tokens", "usage_summary"} <= set(call)


def test_it_is_the_shape_of_the_reference() -> None:
    making = Making()
    turn = making.turn(1, ("system", "Be brief."), ("user", "Who?"))
    cell = making.cell(turn, "x = llm_query('a')")
    making.end_call(
        making.call(cell, ("user", "a")), "b", after=2_000_000, usage=Usage(10, 2, calls=1, cost_usd=0.5)
    )
    child = making.call(cell, kind="rlm", label="Deeper?")
    inner = making.turn(1, ("user", "Deeper?"), parent=child, depth=1, model="small")
    making.end_turn(inner, "It is 5.", usage=Usage(20, 4, calls=1))
    making.end_call(child, "5")
    making.end_cell(
        cell, "before\nTraceback (most recent call last):\n  …\nKeyError: 1\n", error="KeyError: 1"
    )
    making.end_turn(turn, "```repl\n…\n```", usage=Usage(100, 9, calls=1))
    _, entry = entries(making.finish("The fox."))
    assert list(entry)[:9] == [
        "type", "iteration", "timestamp", "prompt", "response", "code_blocks", "final_answer", "iteration_time", "label",
    ]  # fmt: skip
    assert entry["final_answer"] == "The fox."
    (block,) = entry["code_blocks"]
    result = block["result"]
    assert list(result) == ["stdout", "stderr", "locals", "execution_time", "rlm_calls", "final_answer"]
    assert (result["stdout"], result["final_answer"]) == ("before\n", "The fox.")
    assert result["stderr"].startswith("Traceback")
    plain, deep = result["rlm_calls"]
    assert plain["usage_summary"] == {
        "model_usage_summaries": {
            "small": {"total_calls": 1, "total_input_tokens": 10, "total_output_tokens": 2, "total_cost": 0.5}
        },
        "total_cost": 0.5,
    }
    assert (plain["prompt"], plain["response"], plain["execution_time"]) == ("a", "b", 2.0)
    assert "metadata" not in plain
    assert deep["usage_summary"]["model_usage_summaries"]["small"]["total_input_tokens"] == 20
    assert list(deep["metadata"]) == ["run_metadata", "iterations"]
    (below,) = deep["metadata"]["iterations"]
    assert (below["response"], below["final_answer"]) == ("It is 5.", "5")
    assert "type" not in deep["metadata"]["run_metadata"]


def test_a_run_that_still_goes_is_written_as_far_as_it_is(tmp_path: Path) -> None:
    making = Making()
    cell = making.cell(making.turn(1, ("user", "Look.")), "print(1)")
    making.call(cell, ("user", "a"))
    _, entry = entries(making.recording())
    assert entry["final_answer"] is None
    state = fold(again(making.recording(), tmp_path).events)
    assert state.status == "interrupted"
    assert state.start is not None
    assert state.start.question == "Who jumps?"


@given(st.text(st.characters(exclude_categories=())))
def test_lines_are_ascii_and_hold_any_text(text: str) -> None:
    making = Making()
    making.end_turn(making.turn(1, ("user", text)), text)
    lines = list(log_lines(making.finish()))
    assert all(line.isascii() and line.isprintable() for line in (one.removesuffix("\n") for one in lines))
    assert json.loads(lines[1])["prompt"] == [{"role": "user", "content": text}]


def test_a_conversation_is_read_back_without_repeating_it(tmp_path: Path) -> None:
    recording = conversation(turns=30)
    back = again(recording, tmp_path)
    hashes = {message.text for row in fold(back.events).rows.values() for message in row.prompt}
    assert len(hashes) == 60
