"""Recordings go to a file and come back as they were."""

from __future__ import annotations

from inspect import get_annotations
from pathlib import Path

import msgspec
import pytest

from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import (
    AnyEvent,
    CellFinished,
    CellStarted,
    Limits,
    MessageRef,
    Recording,
    RunStarted,
    TurnStarted,
    read_recording,
    text_hash,
    write_recording,
)
from rlm_desktop.events.recording import named_texts
from tests.events.strategies import EVENT_TYPES

CODE, ODD = "print(1)", "half a \ud83d pair"


def recording() -> Recording:
    texts = {text_hash(text): text for text in (CODE, ODD)}
    start = RunStarted(
        run="r", span=0, seq=1, question="Who?", strategy="rlm", dialect="d", prompt_version="1", models=(),
        limits=Limits(), sources=(), sandbox="full", program="1",
    )  # fmt: skip
    prompt = (MessageRef("user", text_hash(ODD)),)
    turn = TurnStarted(run="r", span=1, seq=2, number=1, depth=0, label="Turn", prompt=prompt)
    cell = CellStarted(run="r", span=2, seq=3, parent=1, code=text_hash(CODE), label="print")
    done = CellFinished(run="r", span=2, seq=4, status="ok", seconds=0.1, output=text_hash(CODE))
    return Recording((start, turn, cell, done), texts.__getitem__)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_text_an_event_can_name_is_kept_with_it(kind: type[AnyEvent]) -> None:
    required = {one.name: 0 for one in msgspec.structs.fields(kind) if one.required}
    naming = [name for name, said in get_annotations(kind).items() if said == "TextHash"]
    for name in naming:
        assert list(named_texts(kind(**{**required, name: "abc"}))) == ["abc"]


def test_a_recording_comes_back_with_its_events_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_recording(recording(), path)
    back = read_recording(path)
    assert back.events == recording().events
    assert back.text(text_hash(CODE)) == CODE
    assert back.text(text_hash(ODD)) == "half a ? pair"
    assert path.read_text("utf-8").count(CODE) == 1
    with pytest.raises(StoreError):
        back.text("0" * 32)


@pytest.mark.parametrize(
    "damage", [b"", b"{}\n", b"not json\n", b'{"recording": 2}\n', b'{"recording": 1}\n', b"\xff\n"]
)
def test_a_file_that_is_no_recording_is_refused_by_name(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(damage)
    with pytest.raises(UserError, match=r"odd\.jsonl"):
        read_recording(path)


@pytest.mark.parametrize("line", [1, 3, 5])
def test_a_missing_line_is_noticed(tmp_path: Path, line: int) -> None:
    path = tmp_path / "run.jsonl"
    write_recording(recording(), path)
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[line - 1 if line == 1 else line]
    path.write_bytes(b"".join(lines))
    with pytest.raises((UserError, StoreError)):
        back = read_recording(path)
        for event in back.events:
            for message in getattr(event, "prompt", ()):
                back.text(message.text)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_recording(tmp_path / "none.jsonl")
